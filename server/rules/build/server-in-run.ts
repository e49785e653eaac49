import { msg } from "../../../engine/base/message.ts";
import type { Instruction, Stage } from "../../../engine/dockerfile/model.ts";
import type { Command, Script } from "../../lint/facts.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { startsServer } from "../../lint/servers.ts";
import { jsonForm } from "../../lint/shell.ts";

export default defineRule({
  id: "build/server-in-run",
  severity: "error",
  summary: msg("RUN starts a server while the image is being built: it never ends, and neither does the build"),
  why: msg("RUN prepares the image. The program that the container runs later is named by CMD."),
  sameAs: [],
  fix: "suggestion",
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
    { bad: "FROM node\nRUN cd app && node server.js\n#             ^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nRUN A=1 node server.js\n#       ^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nRUN node server.js $PORT\n#   ^^^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM node\nRUN node build.js\nRUN node -e 'x'\nRUN npm run build\nRUN node server.js & sleep 1 && npm test\n",
    "FROM nginx\nRUN nginx -t\nRUN npm run build:start && npm install serve\nRUN gunicorn --version\n",
  ],
  *check({ dockerfile, facts }) {
    for (const stage of dockerfile.stages) {
      for (const run of stage.instructions.filter(({ keyword }) => keyword === "RUN")) {
        const script = facts.script(run);
        // `server & …` runs it in the background, for a test or to warm something up.
        const command = script.commands.find(
          ({ words, after }) => after !== "&" && after !== "|" && startsServer(words),
        );
        if (!command) continue;
        const fix = stage === dockerfile.stages.at(-1) ? toCmd(stage, run, script, command) : undefined;
        yield { range: command.range, ...(fix && { fix }) };
      }
    }
  },
});

function toCmd(stage: Stage, run: Instruction, { commands, plain }: Script, command: Command): Fix | undefined {
  const hasCmd = stage.instructions.some(({ keyword }) => keyword === "CMD" || keyword === "ENTRYPOINT");
  const alone = commands.length === 1;
  if (hasCmd) {
    return alone
      ? { title: msg("Remove this RUN: CMD already starts the program"), edits: [removeLines(run)] }
      : undefined;
  }
  const isLast = stage.instructions.findLast(({ keyword }) => keyword === "RUN") === run;
  const list = run.json ? run.rest.text.trim() : jsonForm(command.text);
  const previous = commands.at(-2);
  if (!isLast || !list || run.heredocs.length > 0 || commands.at(-1) !== command) return undefined;
  const title = msg("Start it with CMD when the container starts");
  if (alone) return plain ? { title, edits: [replace(run.range, `CMD ${list}`)] } : undefined;
  // Assignments and redirections around the command would be lost, and CMD does not start in the folder of a `cd`.
  const before = run.rest.text.trimEnd().slice(0, -command.text.length);
  const isWhole = run.rest.text.trimEnd() === before + command.text && /&&\s*$/.test(before);
  if (!isWhole || !previous || commands.some(({ words }) => words[0] === "cd")) return undefined;
  const tail = { start: previous.range.end, end: run.range.end };
  return { title, edits: [replace(tail, `\nCMD ${list}`)] };
}
