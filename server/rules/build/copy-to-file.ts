import { msg } from "../../../engine/base/message.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/copy-to-file",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("Several sources need a folder to go to: end the destination with /"),
  why: msg(
    "Without the slash builders do not agree whether it is a folder or the name of one file, and some refuse it.",
  ),
  sameAs: ["hadolint:DL3021", "dockerfile-utils:23"],
  note: msg("`.` and `..` are folders, and what a variable at the end holds cannot be known; both are fine here."),
  fix: "suggestion",
  keywords: ["COPY", "ADD"],
  examples: [
    {
      bad: "FROM node\nCOPY package.json yarn.lock /app\n#                           ^^^^\n",
      good: "FROM node\nCOPY package.json yarn.lock /app/\n",
    },
    {
      bad: 'FROM node\nADD ["a", "b c", "/app"]\n#                ^^^^^^\n',
      good: 'FROM node\nADD ["a", "b c", "/app/"]\n',
    },
    {
      bad: "FROM node\nONBUILD COPY --from=x a b \\\n  c\n# ^\n",
      good: "FROM node\nONBUILD COPY --from=x a b \\\n  c/\n",
    },
    { bad: 'FROM node\nCOPY a b "c d"\n#        ^^^^^\n', good: 'FROM node\nCOPY a b "c d/"\n' },
  ],
  fine: [
    `FROM node\nCOPY a b .\nCOPY a b ..\nCOPY a b ./\nCOPY a b /x/.\nCOPY a b $DIR\nCOPY a b \${DIR}\nCOPY a /b\nCOPY *.json /b\n`,
    "# escape=`\nFROM node\nCOPY a b C:\\app\\\n",
  ],
  *instruction({ instruction }) {
    const parts = copyParts(instruction);
    if (!parts || parts.sources.length < 2) return;
    const { text, range } = parts.destination;
    if (text.startsWith("<<")) return;
    if (/(?:[/\\]|^\.\.?|[/\\]\.\.?|\$\w+|\})$/.test(text)) return;
    const isQuoted = parts.isJson || range.end.character - range.start.character > text.length;
    const { line, character } = range.end;
    const at = { line, character: character - (isQuoted ? 1 : 0) };
    yield { range, fix: { title: msg("Add / at the end"), edits: [replace({ start: at, end: at }, "/")] } };
  },
});
