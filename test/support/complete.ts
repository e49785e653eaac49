import type { CompletionItem, TextEdit } from "vscode-languageserver";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import type { ImageKnowledge } from "../../server/features/completion/place.ts";
import { type Completed, completion } from "../../server/features/completion.ts";
import { applyEdits } from "../../server/lint/fixes.ts";
import { readCursor } from "./marks.ts";
import { memoryProject } from "./memory-project.ts";

export interface Surroundings {
  /** The build context's files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly images?: ImageKnowledge;
  readonly snippets?: boolean;
}

/** Completion at `<|>`. */
export function complete(marked: string, { files, images, snippets = false }: Surroundings = {}): Completed {
  const { text, position } = readCursor(marked);
  const analysis = new Analysis(
    { uri: "file:///Dockerfile", version: 1, getText: () => text },
    { input: { project: memoryProject(files) } },
  );
  return completion(analysis, position, {
    translate: formatMessage,
    snippets,
    suggestCommand: "suggest",
    ...(images && { images }),
  });
}

export function labels(marked: string, surroundings?: Surroundings): string[] {
  return complete(marked, surroundings).list.items.map(({ label }) => label);
}

export function itemOf(marked: string, label: string, surroundings?: Surroundings): CompletionItem {
  const { items } = complete(marked, surroundings).list;
  const item = items.find((one) => one.label === label);
  if (!item) throw new Error(`no ${label} among ${items.map((one) => one.label).join(" ")}`);
  return item;
}

/** The text after the item with this label was taken. */
export function taken(marked: string, label: string, surroundings?: Surroundings): string {
  const { text } = readCursor(marked);
  return applyEdits(text, [itemOf(marked, label, surroundings).textEdit as TextEdit]);
}
