import { TextDocument, type TextDocumentContentChangeEvent } from "vscode-languageserver-textdocument";

type Change = TextDocumentContentChangeEvent;
type Position = ReturnType<TextDocument["positionAt"]>;

/** More than this are put in line by line, so that the text is put together once. */
const few = 2;

/**
 * A document that puts its changes in when somebody wants the text: hundreds at once, as a replay or an editor's macro sends
 * them, cost one text. The library's cost a text and a pass over all line starts each; it is asked where lines end in \r.
 */
export class LazyDocument implements TextDocument {
  readonly uri: string;
  readonly languageId: string;
  version: number;
  #text: string;
  #changes: Change[] = [];
  /** Where the last change was: everything above it stays where it is, and the next one is near. */
  #known = { line: 0, offset: 0 };
  #placed: TextDocument | undefined;

  constructor(uri: string, languageId: string, version: number, text: string) {
    this.uri = uri;
    this.languageId = languageId;
    this.version = version;
    this.#text = text;
  }

  static create(uri: string, languageId: string, version: number, text: string): LazyDocument {
    return new LazyDocument(uri, languageId, version, text);
  }

  static update(document: LazyDocument, changes: readonly Change[], version: number): LazyDocument {
    for (const change of changes) document.#changes.push(change);
    document.version = version;
    document.#placed = undefined;
    return document;
  }

  getText(range?: Parameters<TextDocument["getText"]>[0]): string {
    if (range) return this.#places.getText(range);
    if (this.#changes.length > 0) this.#settle();
    return this.#text;
  }

  positionAt(offset: number): Position {
    return this.#places.positionAt(offset);
  }

  offsetAt(position: Position): number {
    return this.#places.offsetAt(position);
  }

  get lineCount(): number {
    return this.#places.lineCount;
  }

  getLineRange(line: number): ReturnType<TextDocument["getLineRange"]> {
    return this.#places.getLineRange(line);
  }

  getEOLCharacters(line: number): string {
    return this.#places.getEOLCharacters(line);
  }

  get #places(): TextDocument {
    this.#placed ??= TextDocument.create(this.uri, this.languageId, this.version, this.getText());
    return this.#placed;
  }

  #settle(): void {
    const changes = this.#changes;
    this.#changes = [];
    const isPlain = !this.#text.includes("\r") && !changes.some(({ text }) => text.includes("\r"));
    if (isPlain && changes.length <= few) {
      for (const change of changes) this.#change(change);
      return;
    }
    this.#known = { line: 0, offset: 0 };
    if (isPlain) this.#text = changedByLine(this.#text, changes);
    // One by one: the library's forgets a line start where a change parts a \r from its \n.
    else for (const change of changes) this.#text = changedByLibrary(this.#text, change);
  }

  #change(change: Change): void {
    if (!("range" in change)) {
      this.#known = { line: 0, offset: 0 };
      this.#text = change.text;
      return;
    }
    const [start, end] = inOrder(change.range);
    const from = this.#offsetOf(start);
    const to = this.#offsetOf(end, false);
    this.#text = this.#text.slice(0, from) + change.text + this.#text.slice(to);
  }

  /** Places behind the end of a line or of the text are moved to that end. */
  #offsetOf({ line, character }: Position, isKept = true): number {
    if (line < 0) return 0;
    const text = this.#text;
    let { line: at, offset } = this.#known.line <= line ? this.#known : { line: 0, offset: 0 };
    for (; at < line; at += 1) {
      const end = text.indexOf("\n", offset);
      if (end < 0) return text.length;
      offset = end + 1;
    }
    if (isKept) this.#known = { line, offset };
    const end = text.indexOf("\n", offset);
    return Math.min(offset + Math.max(0, character), end < 0 ? text.length : end);
  }
}

function changedByLibrary(text: string, change: Change): string {
  return TextDocument.update(TextDocument.create("", "", 0, text), [change], 1).getText();
}

/** Each change into its lines, one after the other. */
function changedByLine(text: string, changes: readonly Change[]): string {
  let lines = text.split("\n");
  const placed = ({ line, character }: Position): Position => {
    if (line < 0) return { line: 0, character: 0 };
    const last = lines.length - 1;
    const length = lines[Math.min(line, last)]?.length ?? 0;
    return line > last
      ? { line: last, character: length }
      : { line, character: Math.min(Math.max(0, character), length) };
  };
  for (const change of changes) {
    if (!("range" in change)) {
      lines = change.text.split("\n");
      continue;
    }
    const [start, end] = inOrder(change.range).map(placed) as [Position, Position];
    const head = lines[start.line]?.slice(0, start.character) ?? "";
    const whole = head + change.text + (lines[end.line]?.slice(end.character) ?? "");
    if (start.line === end.line && !change.text.includes("\n")) lines[start.line] = whole;
    else lines = lines.slice(0, start.line).concat(whole.split("\n"), lines.slice(end.line + 1));
  }
  return lines.join("\n");
}

function inOrder({ start, end }: { readonly start: Position; readonly end: Position }): [Position, Position] {
  const isTurned = start.line > end.line || (start.line === end.line && start.character > end.character);
  return isTurned ? [end, start] : [start, end];
}
