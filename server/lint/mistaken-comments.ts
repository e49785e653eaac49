import type { Argument, Instruction } from "../../engine/dockerfile/model.ts";

/** Index of the first word, from this one on, that was meant to start a comment, or -1. */
export function commentAt(instruction: Instruction, from = 0): number {
  const { keyword, rest, words } = instruction;
  const isJson = rest.text.startsWith("[");
  const lastLine = words.at(-1)?.range.start.line ?? 0;
  const startsComment = (word: Argument, at: number) => {
    if (isJson && !words[at - 1]?.text.endsWith("]")) return false;
    // `//` alone is also a path; a comment has words behind it.
    if (word.text === "//") return at + 1 < words.length;
    if (!word.text.startsWith("#")) return false;
    if (isShell(instruction)) return word.range.start.line < lastLine;
    // `ENV COLOR #fff` is a value.
    return !/^(ENV|LABEL)$/.test(keyword) || words.length > 2 || words[0]?.text.includes("=") === true;
  };
  for (let at = Math.max(1, from); at < words.length; at += 1) {
    const word = words[at];
    if (word && startsComment(word, at)) return at;
  }
  return -1;
}

/** The arguments are a shell's text, where a # starts a comment. */
export function isShell({ keyword, rest }: Instruction): boolean {
  return !rest.text.startsWith("[") && /^(?:RUN|CMD|ENTRYPOINT|HEALTHCHECK|ONBUILD)$/.test(keyword);
}
