import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { jsonForm } from "../../lint/shell.ts";

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
  *check({ dockerfile, facts }) {
    for (const stage of dockerfile.stages) {
      // SHELL says that a shell is wanted.
      if (facts.ancestry(stage).some((one) => one.instructions.some(({ keyword }) => keyword === "SHELL"))) continue;
      for (const instruction of stage.instructions) {
        const { keyword, json, rest } = instruction;
        const text = rest.text.trim();
        if ((keyword !== "CMD" && keyword !== "ENTRYPOINT") || json || !text || /^(\[|exec\s)/.test(text)) continue;
        const start = rest.text.indexOf(text);
        const range = rest.rangeOf(start, start + text.length);
        const list = jsonForm(text);
        yield list
          ? { range, fix: { title: msg("Write it as a JSON list"), edits: [replace(range, list)] } }
          : { range, severity: "hint" };
      }
    }
  },
});
