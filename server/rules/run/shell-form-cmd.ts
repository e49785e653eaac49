import { msg } from "../../../engine/base/message.ts";
import { execForm } from "../../lint/exec-form.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "run/shell-form-cmd",
  severity: "warning",
  summary: msg("In this form a shell starts the program and keeps the stop signal: Ctrl+C and stop do not reach it"),
  why: msg('Written as a JSON list, CMD ["program", "argument"], the program is started directly and is told to stop.'),
  sameAs: ["hadolint:DL3025", "buildkit:JSONArgsRecommended"],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM node\nCMD node server.js\n#   ^^^^^^^^^^^^^^\n",
      good: 'FROM node\nCMD ["node", "server.js"]\n',
    },
    {
      bad: "FROM node\nENTRYPOINT node 'my server.js'\n#          ^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nENTRYPOINT ["node", "my server.js"]\n',
    },
    { bad: "FROM node\nCMD node server.js $PORT\n#   ^^^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    'FROM node\nCMD ["node", "server.js"]\n',
    "FROM node\nCMD exec node server.js $PORT\n",
    'FROM node\nSHELL ["/bin/bash", "-c"]\nCMD node server.js\n',
    "FROM node\nCMD\n",
  ],
  keywords: ["CMD", "ENTRYPOINT"],
  *instruction({ instruction: { json, rest }, shell, script }) {
    const text = rest.text.trim();
    // SHELL says that a shell is wanted.
    if (!shell.isDefault || json || !text || /^(\[|exec\s)/.test(text)) return;
    const start = rest.text.indexOf(text);
    const range = rest.rangeOf(start, start + text.length);
    const [command] = script.commands;
    const list = script.plain && command ? execForm(command) : undefined;
    yield list
      ? { range, fix: { title: msg("Write it as a JSON list"), edits: [replace(range, list)] } }
      : { range, severity: "hint" };
  },
});
