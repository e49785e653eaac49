import type { Dockerfile, Instruction } from "../../engine/analysis.ts";

/** The instructions that read differently afterwards; `all` when they are no longer the same ones. */
export function changesMeaning(before: Dockerfile, after: Dockerfile): readonly Instruction[] | "all" {
  if (before.instructions.length !== after.instructions.length || before.escape !== after.escape) return "all";
  if (before.directives.length !== after.directives.length) return "all";
  return before.instructions.filter((instruction, at) => {
    const other = after.instructions[at];
    return !other || meaning(instruction) !== meaning(other);
  });
}

function meaning(instruction: Instruction): string {
  const { keyword, flags, words, json, heredocs, trigger } = instruction;
  if (trigger) return `${keyword} ${meaning(trigger)}`;
  const texts = words.map(({ text }, at) => (isKeyword(keyword, at) ? text.toUpperCase() : text));
  return JSON.stringify([
    keyword,
    flags.map(({ name, value }) => [name, value]),
    json ? json.map(({ value }) => value) : shellForms.has(keyword) ? command(texts) : texts,
    heredocs.map(({ content }) => content),
  ]);
}

const shellForms = new Set(["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"]);

/** A shell needs no blanks around operators. */
function command(words: readonly string[]): string {
  return words.join(" ").replace(/ ?([&|;]+) ?/g, "$1");
}

/** AS, CMD and NONE may be written in small letters. */
function isKeyword(keyword: string, at: number): boolean {
  return (keyword === "FROM" && at === 1) || (keyword === "HEALTHCHECK" && at === 0);
}
