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
    {
      bad: "FROM node\nRUN npm ci # a \\\n#          ^^^\n  && npm test # a \\\n  && npm pack # b\n",
      good: "FROM node\n# a\n# a\nRUN npm ci \\\n  && npm test \\\n  && npm pack # b\n",
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
  if (instruction.json || instruction.heredocs.length > 0) return undefined;
  const [first, ...more] = commentsOf(instruction);
  if (!first) return undefined;
  const swallows = isShell(instruction) && first.text.startsWith("#");
  // A quote in the comment that closes on a later line leaves nothing simple to move.
  const isMovable = first.range.start.line === first.range.end.line;
  return {
    range: first.range,
    covers: { start: first.range.start, end: instruction.range.end },
    ...(swallows && {
      message: msg("The lines are joined before the shell reads them: this # also comments out the next lines"),
    }),
    ...(isMovable && { fix: moveUp(instruction, [first, ...more]) }),
  };
}

interface Trailing {
  readonly text: string;
  readonly range: Range;
  /** With the blanks before it. */
  readonly place: Range;
}

/** One a line; of those behind the first only what can be moved. */
function commentsOf(instruction: Instruction): readonly Trailing[] {
  const { words, rest } = instruction;
  const found: Trailing[] = [];
  for (let at = commentAt(instruction); at >= 0; ) {
    const first = words[at];
    const before = words[at - 1];
    if (!first || !before) break;
    const { line } = first.range.start;
    let behind = at + 1;
    while (words[behind]?.range.start.line === line) behind += 1;
    const last = words[behind - 1] ?? first;
    const { end } = last.range;
    if (end.line !== line && found.length > 0) break;
    found.push({
      text: rest.text.slice(first.offset, last.offset + last.text.length),
      range: { start: first.range.start, end },
      place: { start: before.range.end, end },
    });
    at = commentAt(instruction, behind);
  }
  return found;
}

function moveUp(instruction: Instruction, comments: readonly Trailing[]): Fix {
  const lines = comments.map(({ text }) => text.replace(/^(?:#+|\/\/+)\s*/, "# "));
  return {
    title: msg("Move the comment to its own line"),
    edits: [insertAbove(instruction, ...lines), ...comments.map(({ place }) => replace(place, ""))],
  };
}
