import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { MarkupContent } from "vscode-languageserver";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import type { HoverAsks } from "../../server/features/hover/spot.ts";
import { hover } from "../../server/features/hover.ts";
import type { ImageFacts } from "../../server/features/image-facts.ts";
import { Projects } from "../../server/lint/project.ts";
import { readCursor } from "./marks.ts";

/** Markdown at `<|>`; empty for no hover. `folder`: the build context. */
export async function hovered(
  marked: string,
  { folder, ...asks }: Partial<HoverAsks> & { readonly folder?: string } = {},
): Promise<string> {
  const { text, position } = readCursor(marked);
  const input = folder === undefined ? {} : { project: new Projects().viewOf(path.join(folder, "Dockerfile")) };
  const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text }, { input });
  // A busy machine may take longer than a person waits.
  const found = await hover(analysis, position, { translate: formatMessage, longestMs: 30_000, ...asks });
  return found ? (found.contents as MarkupContent).value : "";
}

/** A folder with these files; a number is so many bytes. */
export function contextOf(files: Readonly<Record<string, string | number>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "drydock-context-"));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "number" ? "x".repeat(content) : content);
  }
  return folder;
}

export function imageFacts(facts: Partial<ImageFacts> = {}): ImageFacts {
  return { tags: [], platforms: [], ports: [], env: {}, entrypoint: [], command: [], ...facts };
}
