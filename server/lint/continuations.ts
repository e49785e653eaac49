import type { Dockerfile, Instruction } from "../../engine/dockerfile/model.ts";

/** The end of a line that goes on in the next one. */
export interface Continuation {
  /** Counted from the instruction's first line. */
  readonly line: number;
  /** Column of the escape character. */
  readonly at: number;
  /** Column behind the line's last character: farther than `at + 1` when blanks follow. */
  readonly end: number;
  /** Lines without anything before the next words, counted like `line`. */
  readonly blank: readonly number[];
}

const known = new WeakMap<object, readonly Continuation[]>();
const nothing: readonly Continuation[] = [];

/** Of an instruction's own lines, without those of heredocs. Read once for each text of an instruction. */
export function continuationsOf(dockerfile: Dockerfile, instruction: Instruction): readonly Continuation[] {
  const found = known.get(instruction.content) ?? read(dockerfile, instruction);
  known.set(instruction.content, found);
  return found;
}

function read({ lines, escape: escapeChar }: Dockerfile, instruction: Instruction): readonly Continuation[] {
  const { start, end } = instruction.range;
  if (start.line === end.line) return nothing;
  const [heredoc] = (instruction.trigger ?? instruction).heredocs;
  const last = heredoc ? heredoc.contentRange.start.line - 1 : end.line;
  const found: (Continuation & { readonly blank: number[] })[] = [];
  for (let line = start.line; line <= last; line += 1) {
    const text = lines.at(line);
    const words = text.trim();
    if (words === "") found.at(-1)?.blank.push(line - start.line);
    else if (line === start.line || !words.startsWith("#")) {
      const at = text.trimEnd().length - 1;
      if (text[at] === escapeChar) found.push({ line: line - start.line, at, end: text.length, blank: [] });
    }
  }
  return found;
}
