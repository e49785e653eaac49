import { msg } from "../../../engine/base/message.ts";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { defineRule, type Report } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/inline-comment",
  severity: "error",
  summary: msg("These words are no comment: they become arguments of the instruction"),
  why: msg(
    "A Dockerfile comment is a line of its own that starts with #. Behind an instruction, # is an ordinary character.",
  ),
  sameAs: [],
  fix: "safe",
  examples: [
    {
      bad: "FROM node # take the node image\n#         ^^^^^^^^^^^^^^^^^^^^^\n",
      good: "# take the node image\nFROM node\n",
    },
    { bad: "// base\n#^^^^^^\nFROM node\n", good: "# base\nFROM node\n" },
    {
      bad: "FROM node\nWORKDIR /app // the app\n#            ^^^^^^^^^^\n",
      good: "FROM node\n# the app\nWORKDIR /app\n",
    },
    {
      bad: 'FROM node\nCMD ["node", "a.js"] # start\n#                    ^^^^^^^\n',
      good: 'FROM node\n# start\nCMD ["node", "a.js"]\n',
    },
    { bad: "FROM node\nRUN npm ci // install\n#          ^^^^^^^^^^\n", good: "FROM node\n# install\nRUN npm ci\n" },
  ],
  fine: ["FROM node\nRUN npm ci # the shell knows this one\nENV COLOR #fff\nCMD node a.js # start\n"],
  *check({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      const report = slashLine(instruction) ?? trailing(dockerfile, instruction);
      if (report) yield report;
    }
  },
});

function slashLine({ keywordWord, range }: Instruction): Report | undefined {
  if (!keywordWord.text.startsWith("//") || range.start.line !== range.end.line) return undefined;
  const { start } = keywordWord.range;
  const slashes = { start, end: { line: start.line, character: start.character + 2 } };
  return {
    range,
    covers: range,
    message: msg("`//` starts no comment in a Dockerfile: use #"),
    fix: { title: msg("Turn // into #"), edits: [replace(slashes, keywordWord.text === "//" ? "#" : "# ")] },
  };
}

function trailing(dockerfile: Dockerfile, instruction: Instruction): Report | undefined {
  const at = commentAt(instruction);
  const first = instruction.words[at];
  const before = instruction.words[at - 1];
  if (!first || !before || instruction.json || instruction.heredocs.length > 0) return undefined;
  const onLine = instruction.words.slice(at).filter((word) => word.range.start.line === first.range.start.line);
  const end = onLine.at(-1)?.range.end ?? first.range.end;
  const comment = onLine.map((word) => word.text).join(" ");
  return {
    range: { start: first.range.start, end },
    covers: { start: first.range.start, end: instruction.range.end },
    fix: {
      title: msg("Move the comment to its own line"),
      edits: [
        insertAbove(dockerfile, instruction, comment.replace(/^(?:#+|\/\/+)\s*/, "# ")),
        replace({ start: before.range.end, end }, ""),
      ],
    },
  };
}

/** Index of the word that was meant to start a comment, or -1. */
function commentAt({ keyword, rest, words }: Instruction): number {
  const isJson = rest.text.startsWith("[");
  const isShell = !isJson && /^(RUN|CMD|ENTRYPOINT|HEALTHCHECK|ONBUILD)$/.test(keyword);
  return words.findIndex((word, at) => {
    if (at === 0 || (isJson && !words[at - 1]?.text.endsWith("]"))) return false;
    // `//` alone is also a path; a comment has words behind it.
    if (word.text === "//") return at + 1 < words.length;
    if (isShell || !word.text.startsWith("#")) return false;
    // `ENV COLOR #fff` is a value.
    return !/^(ENV|LABEL)$/.test(keyword) || (at > 1 && words[at - 1]?.text !== "") || words.length > 2;
  });
}
