import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { startsServer } from "../../lint/servers.ts";

export default defineRule({
  id: "image/no-exec",
  severity: "hint",
  summary: msg("The shell waits for this program and keeps the stop signal: put exec before it"),
  why: msg(
    "With exec the program takes the shell's place. Without, a stop kills it after ten seconds instead of letting it end.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["CMD", "ENTRYPOINT"],
  examples: [
    {
      bad: 'FROM node\nCMD ["sh", "-c", "npm run migrate && node server.js"]\n#                                    ^^^^^^^^^^^^^^\n',
      good: 'FROM node\nCMD ["sh", "-c", "npm run migrate && exec node server.js"]\n',
    },
    {
      bad: 'FROM python\nSHELL ["/bin/bash", "-c"]\nCMD . venv/bin/activate; gunicorn app:app\n#                        ^^^^^^^^^^^^^^^^\n',
      good: 'FROM python\nSHELL ["/bin/bash", "-c"]\nCMD . venv/bin/activate; exec gunicorn app:app\n',
    },
  ],
  fine: [
    'FROM node\nCMD ["sh", "-c", "npm run migrate && exec node server.js"]\n',
    'FROM node\nCMD ["sh", "-c", "node server.js && echo done"]\nCMD ["sh", "-c", "node server.js & wait"]\n',
    'FROM node\nCMD ["sh", "-c", "a || node server.js"]\nCMD ["sh", "-c", "a && make"]\nCMD ["node", "server.js"]\n',
    // run/shell-form-cmd says the same.
    "FROM node\nCMD a && node server.js\n",
  ],
  *instruction({ script, shell, instruction: { json } }) {
    const { commands } = script;
    const last = commands.at(-1);
    if (!last || commands.length < 2 || (!json && shell.isDefault)) return;
    const isLast = last.context === "top" && last.after === "" && /^(?:&&|;|\n)$/.test(last.before);
    if (!isLast || last.wrappers.length > 0 || last.assignments.length > 0 || last.redirects.length > 0) return;
    if (!startsServer([last.name, ...last.args.map(({ text }) => text)])) return;
    const { start } = last.range;
    yield {
      range: last.range,
      fix: { title: msg("Put exec before it"), edits: [replace({ start, end: start }, "exec ")] },
    };
  },
});
