import { msg } from "../../../engine/base/message.ts";
import { execForm } from "../../lint/exec-form.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { startsServer } from "../../lint/servers.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "build/server-in-run",
  severity: "error",
  summary: msg("RUN starts a server while the image is being built: it never ends, and neither does the build"),
  why: msg("RUN prepares the image. The program that the container runs later is named by CMD."),
  sameAs: [],
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT", "@server"],
  examples: [
    { bad: "FROM node\nRUN node server.js\n#   ^^^^^^^^^^^^^^\n", good: 'FROM node\nCMD ["node", "server.js"]\n' },
    {
      bad: 'FROM node\nRUN npm start\n#   ^^^^^^^^^\nCMD ["npm", "start"]\n',
      good: 'FROM node\nCMD ["npm", "start"]\n',
    },
    {
      bad: "FROM node\nRUN npm ci && node server.js\n#             ^^^^^^^^^^^^^^\n",
      good: 'FROM node\nRUN npm ci\nCMD ["node", "server.js"]\n',
    },
    {
      bad: 'FROM python\nRUN ["python3", "-m", "http.server"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM python\nCMD ["python3", "-m", "http.server"]\n',
    },
    {
      bad: 'FROM node\nRUN ["sh", "-c", "npm start"]\n#                 ^^^^^^^^^\n',
      good: 'FROM node\nCMD ["sh", "-c", "npm start"]\n',
    },
    { bad: "FROM node\nRUN <<EOF\nset -e\nnpm ci\nnode server.js\n#^^^^^^^^^^^^^\nEOF\n" },
    { bad: "FROM node\nRUN cd app && node server.js\n#             ^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nRUN A=1 node server.js\n#       ^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nRUN node server.js $PORT\n#   ^^^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM node\nRUN node build.js\nRUN node -e 'x'\nRUN npm run build\nRUN node server.js & sleep 1 && npm test\n",
    "FROM node\nRUN timeout 5 node server.js || true\n",
    "FROM nginx\nRUN nginx -t\nRUN npm run build:start && npm install serve\nRUN gunicorn --version\n",
  ],
  *stage(view) {
    for (const run of view.only("RUN")) {
      // `server & …` runs it in the background, for a test or to warm something up.
      const command = run.script.commands.find(
        ({ name, args, after, wrappers }) =>
          after !== "&" &&
          after !== "|" &&
          !wrappers.some((wrapper) => wrapper.name === "timeout") &&
          startsServer([name, ...args.map(({ text }) => text)]),
      );
      if (!command) continue;
      const fix = view.isLast && !run.onbuild ? toCmd(view, run, command) : undefined;
      yield { range: command.range, ...(fix && { fix }) };
    }
  },
});

function toCmd(stage: StageView, view: InstructionView, command: Command): Fix | undefined {
  const { instruction: run } = view;
  const { commands, plain } = view.script;
  const hasCmd = stage.only("CMD", "ENTRYPOINT").length > 0;
  const alone = commands.length === 1;
  if (hasCmd) {
    return alone
      ? { title: msg("Remove this RUN: CMD already starts the program"), edits: [removeLines(run)] }
      : undefined;
  }
  const isLast = stage.only("RUN").at(-1) === view;
  const list = run.json ? run.rest.text.trim() : execForm(command);
  const previous = commands.at(-2);
  if (!isLast || !list || run.heredocs.length > 0 || commands.at(-1) !== command) return undefined;
  const title = msg("Start it with CMD when the container starts");
  if (alone) return plain ? { title, edits: [replace(run.range, `CMD ${list}`)] } : undefined;
  // Assignments and redirections around the command would be lost, and CMD does not start in the folder of a `cd`.
  const before = run.rest.text.trimEnd().slice(0, -command.text.length);
  const isWhole = run.rest.text.trimEnd() === before + command.text && /&&\s*$/.test(before);
  if (!isWhole || !previous || view.commands("cd").length > 0) return undefined;
  const tail = { start: previous.range.end, end: run.range.end };
  return { title, edits: [replace(tail, `\nCMD ${list}`)] };
}
