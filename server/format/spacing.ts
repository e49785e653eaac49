import type { Dockerfile, Instruction } from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { TextEdit } from "../lint/rule.ts";

/** Their words stand apart by blanks, and nothing else is in between. */
const wordLists = new Set(["FROM", "COPY", "ADD", "EXPOSE", "VOLUME", "ARG", "ENV", "LABEL"]);

/** One blank between keyword, flags and words, and in JSON one behind each comma; line ends stay where they are. */
export function spacing(instruction: Instruction, dockerfile: Dockerfile): TextEdit[] {
  const gaps = new Gaps(dockerfile);
  const { trigger } = instruction;
  if (trigger) {
    gaps.between(instruction.keywordWord.range, trigger.keywordWord.range);
    add(gaps, trigger);
  } else {
    add(gaps, instruction);
  }
  return gaps.edits;
}

function add(gaps: Gaps, { keyword, keywordWord, flags, rest, words, json }: Instruction): void {
  let before = keywordWord.range;
  for (const { range } of flags) {
    gaps.between(before, range);
    before = range;
  }
  if (words[0]) gaps.between(before, words[0].range);
  if (json) {
    const array = rest.rangeOf(rest.text.indexOf("["), rest.text.lastIndexOf("]") + 1);
    gaps.elements(
      array,
      json.map(({ range }) => range),
    );
    return;
  }
  if (!wordLists.has(keyword)) return;
  const isOldPair = (keyword === "ENV" || keyword === "LABEL") && words.some(({ text }) => !text.includes("="));
  if (isOldPair) return;
  words.slice(1).forEach(({ range }, at) => {
    gaps.between(words[at]?.range ?? range, range);
  });
}

class Gaps {
  readonly edits: TextEdit[] = [];
  readonly #dockerfile: Dockerfile;

  constructor(dockerfile: Dockerfile) {
    this.#dockerfile = dockerfile;
  }

  between(before: Range, after: Range): void {
    this.#set(before.end, after.start, " ", /^[\t ]+$/);
  }

  elements(array: Range, elements: readonly Range[]): void {
    const inner = { start: shifted(array.start, 1), end: shifted(array.end, -1) };
    const first = elements[0];
    if (!first) {
      this.#set(inner.start, inner.end, "", /^[\t ]*$/);
      return;
    }
    this.#set(inner.start, first.start, "", /^[\t ]*$/);
    elements.slice(1).forEach(({ start }, at) => {
      this.#set(elements[at]?.end ?? start, start, ", ", /^[\t ]*,[\t ]*$/);
    });
    this.#set(elements.at(-1)?.end ?? inner.end, inner.end, "", /^[\t ]*$/);
  }

  #set(start: Position, end: Position, wanted: string, form: RegExp): void {
    if (start.line !== end.line) return;
    const written = this.#dockerfile.lines.at(start.line).slice(start.character, end.character);
    if (written === wanted || !form.test(written)) return;
    this.edits.push({ range: { start, end }, newText: wanted });
  }
}

function shifted({ line, character }: Position, by: number): Position {
  return { line, character: character + by };
}
