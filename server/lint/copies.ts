import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction, Stage } from "../../engine/dockerfile/model.ts";

/** A COPY or ADD from the build context. */
export interface ContextCopy {
  readonly instruction: Instruction;
  readonly sources: readonly string[];
  readonly destination: string;
  readonly destinationRange: Range;
  readonly isJson: boolean;
  /** True for `COPY . …`: every file of the context. */
  readonly isWhole: boolean;
}

/** The stage's copies from the context in file order; those with `--from` or inline files are left out. */
export function contextCopies(stage: Pick<Stage, "instructions">): readonly ContextCopy[] {
  const copies: ContextCopy[] = [];
  for (const instruction of stage.instructions) {
    if (instruction.keyword !== "COPY" && instruction.keyword !== "ADD") continue;
    if (!known.has(instruction)) known.set(instruction, readCopy(instruction));
    const copy = known.get(instruction);
    if (copy) copies.push(copy);
  }
  return copies;
}

const known = new WeakMap<Instruction, ContextCopy | undefined>();

function readCopy(instruction: Instruction): ContextCopy | undefined {
  const { flags, heredocs, json, words } = instruction;
  if (heredocs.length > 0 || flags.some(({ name }) => name === "from")) return undefined;
  const parts = json
    ? json.map(({ value, range }) => ({ text: value, range }))
    : words.map(({ text, range }) => ({ text: text.replace(/^(["'])(.*)\1$/, "$2"), range }));
  const last = parts.at(-1);
  if (!last || parts.length < 2) return undefined;
  const sources = parts.slice(0, -1).map(({ text }) => text);
  return {
    instruction,
    sources,
    destination: last.text,
    destinationRange: last.range,
    isJson: json !== undefined,
    isWhole: sources.some((source) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(source)),
  };
}
