import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { commentAt, isShell } from "../../lint/mistaken-comments.ts";
import { defineRule, type Fix, type Report } from "../../lint/rule.ts";

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
    {
      bad: "FROM node\nRUN npm ci \\\n  && npm test # all of them \\\n#             ^^^^^^^^^^^^^\n  && npm run build\n",
      good: "FROM node\n# all of them\nRUN npm ci \\\n  && npm test \\\n  && npm run build\n",
    },
  ],
  fine: ["FROM node\nRUN npm ci # the shell knows this one\nENV COLOR #fff\nCMD node a.js # start\n"],
  *instruction({ instruction, onbuild }) {
    // ONBUILD has the words of what stands behind it.
    const report = onbuild ? undefined : (slashLine(instruction) ?? trailing(instruction));
    if (report) yield report;
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

function trailing(instruction: Instruction): Report | undefined {
  const at = commentAt(instruction);
  const first = instruction.words[at];
  const before = instruction.words[at - 1];
  if (!first || !before || instruction.json || instruction.heredocs.length > 0) return undefined;
  const { line } = first.range.start;
  const last = instruction.words.findLast((word) => word.range.start.line === line) ?? first;
  const { end } = last.range;
  const comment = instruction.rest.text.slice(first.offset, last.offset + last.text.length);
  const swallows = isShell(instruction) && first.text.startsWith("#");
  return {
    range: { start: first.range.start, end },
    covers: { start: first.range.start, end: instruction.range.end },
    ...(swallows && {
      message: msg("The lines are joined before the shell reads them: this # also comments out the next lines"),
    }),
    // A quote in the comment that closes on a later line leaves nothing simple to move.
    ...(end.line === line && { fix: moveUp(instruction, comment, { start: before.range.end, end }) }),
  };
}

function moveUp(instruction: Instruction, comment: string, place: Range): Fix {
  return {
    title: msg("Move the comment to its own line"),
    edits: [insertAbove(instruction, comment.replace(/^(?:#+|\/\/+)\s*/, "# ")), replace(place, "")],
  };
}
