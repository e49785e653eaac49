import {
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  InsertTextFormat,
  MarkupKind,
} from "vscode-languageserver";
import type { Message } from "../../../engine/base/message.ts";
import type { Position } from "../../../engine/base/ranges.ts";

/** One proposal, before it is an item of the protocol. */
export interface Offer {
  readonly label: string;
  readonly kind: keyof typeof CompletionItemKind;
  /** What is written; the label without it. */
  readonly insert?: string;
  /** With places to fill in, for editors that know how; `insert` is for the others. */
  readonly snippet?: string;
  /** What the typed text is compared with; the label without it. */
  readonly filter?: string;
  readonly detail?: string | Message;
  /** Names a text that is looked up when somebody looks at the item: `keyword/RUN`. */
  readonly doc?: string;
  /** Ask for the next list at once: there is more to say behind it. */
  readonly again?: boolean;
  /** Characters that accept the item and are written behind it. */
  readonly commit?: readonly string[];
  readonly deprecated?: boolean;
}

/** Proposals for one place, likeliest first. */
export interface Offers {
  /** What of the word stands before the cursor: it is replaced. */
  readonly typed: string;
  /** What of the word stands behind the cursor, if something was typed: it is replaced too. */
  readonly tail?: RegExp;
  readonly offers: readonly Offer[];
  /** There may be more, or others, when more is typed. */
  readonly isIncomplete?: boolean;
  /** What a registry or an engine should be asked. */
  readonly wants?: Wants;
}

export interface Wants {
  readonly images?: boolean;
  /** A repository whose tags are wanted. */
  readonly tags?: string;
  /** A folder of an image: what is in it is wanted. */
  readonly files?: { readonly image: string; readonly folder: string };
}

/** What the editor can do with items. */
export interface ItemAbilities {
  readonly snippets: boolean;
  /** A command of the editor that opens the list again. */
  readonly suggestCommand?: string;
  readonly translate: (message: Message) => string;
}

const word = /^[\w./:@-]*/;

export function toItems(
  { typed, tail = word, offers }: Offers,
  place: { readonly position: Position; readonly line: string },
  abilities: ItemAbilities,
): CompletionItem[] {
  const { position, line } = place;
  const start = position.character - typed.length;
  // A word that began on another line cannot be replaced by an item.
  if (start < 0 || line.slice(start, position.character) !== typed) return [];
  const behind = typed === "" ? "" : (tail.exec(line.slice(position.character))?.[0] ?? "");
  const range = {
    start: { line: position.line, character: start },
    end: { line: position.line, character: position.character + behind.length },
  };
  const digits = String(offers.length).length;
  const { snippets, suggestCommand, translate } = abilities;
  // Two sources may know the same: the likelier one stays.
  const labels = new Set<string>();
  const distinct = offers.filter(({ label }) => !labels.has(label) && labels.add(label));
  return distinct.map((offer, at): CompletionItem => {
    const { label, kind, insert = label, snippet, filter, detail, doc, again, commit, deprecated } = offer;
    const isSnippet = snippets && snippet !== undefined;
    return {
      label,
      kind: CompletionItemKind[kind],
      sortText: String(at).padStart(digits, "0"),
      textEdit: { range, newText: isSnippet ? snippet : insert },
      ...(isSnippet && { insertTextFormat: InsertTextFormat.Snippet }),
      ...(filter !== undefined && filter !== label && { filterText: filter }),
      ...(detail !== undefined && { detail: typeof detail === "string" ? detail : translate(detail) }),
      ...(doc !== undefined && { data: { doc } }),
      ...(again && suggestCommand && { command: { title: "", command: suggestCommand } }),
      ...(commit && { commitCharacters: [...commit] }),
      ...(deprecated && { tags: [CompletionItemTag.Deprecated] }),
    };
  });
}

export function markdown(value: string) {
  return { kind: MarkupKind.Markdown, value };
}
