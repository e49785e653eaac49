import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { readManifest } from "../../lint/node-project.ts";
import { defineRule } from "../../lint/rule.ts";
import { commandRange, lastOwn } from "../../lint/start-command.ts";
import type { ProjectView } from "../../lint/views.ts";
import { subcommand } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "image/package-manager-start",
  severity: "hint",
  summary: msg(
    "The package manager stays between the container and the program, and does not pass the stop signal on reliably",
  ),
  why: msg(
    "Start the program itself, like node server.js: it hears the signal, and there is a process less in memory.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT"],
  examples: [
    {
      files: { "package.json": '{"scripts": {"start": "node server.js --port 80"}}' },
      bad: 'FROM node\nCMD ["npm", "start"]\n#   ^^^^^^^^^^^^^^^^\n',
      good: 'FROM node\nCMD ["node", "server.js", "--port", "80"]\n',
    },
    {
      files: { "package.json": '{"scripts": {"start:prod": "node dist/main"}}' },
      bad: "FROM node\nENTRYPOINT yarn run start:prod\n#          ^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nENTRYPOINT ["node", "dist/main"]\n',
    },
    {
      files: { "package.json": '{"scripts": {"start": "NODE_ENV=production node server.js"}}' },
      bad: 'FROM node\nCMD ["pnpm", "start"]\n#   ^^^^^^^^^^^^^^^^^\n',
    },
    {
      files: { "package.json": '{"scripts": {"prestart": "x", "start": "node a.js"}}' },
      bad: 'FROM node\nCMD a\nCMD ["npm", "start"]\n#   ^^^^^^^^^^^^^^^^\n',
    },
    { bad: 'FROM node\nCMD ["npm", "run", "start"]\n#   ^^^^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    'FROM node\nCMD ["node", "server.js"]\n',
    'FROM node\nCMD ["npm", "run", "dev"]\nENTRYPOINT ["npm", "test"]\n',
    'FROM node\nENTRYPOINT ["tini", "--", "npm", "start"]\n',
    "FROM node\nCMD npm start\n",
    "FROM node\nCMD npm run migrate && npm start\n",
    'FROM node AS development\nCMD ["npm", "start"]\n',
  ],
  *stage(view) {
    // There the package manager is meant to watch the files.
    if (/dev|test|debug|local/.test(view.name ?? "")) return;
    for (const one of [lastOwn(view, "ENTRYPOINT"), lastOwn(view, "CMD")]) {
      if (!one) continue;
      const { instruction, script, shell } = one;
      const [command] = script.commands;
      if (!command || script.commands.length > 1 || command.wrappers.length > 0) continue;
      const name = startScript(command);
      if (name === undefined) continue;
      const range = commandRange(instruction);
      const list = programOf(name, view.project);
      // Else run/shell-form-cmd has enough to say for now.
      if (!list && !instruction.json && shell.isDefault) continue;
      yield list
        ? { range, fix: { title: msg("Start {program} directly", { program: "node" }), edits: [replace(range, list)] } }
        : { range };
    }
  },
});

/** The script of package.json that it runs: `start`, `start:prod`. */
function startScript(command: Command): string | undefined {
  if (!/^(?:npm|yarn|pnpm)$/.test(command.name)) return undefined;
  const words = command.args.map(({ text }) => text);
  const verb = subcommand(command)?.text;
  const name = verb === "run" || verb === "run-script" ? words[words.indexOf(verb) + 1] : verb;
  return name !== undefined && /^start(?::prod\w*)?$/.test(name) && words.at(-1) === name ? name : undefined;
}

/** When the script only starts node: the same as JSON list. */
function programOf(name: string, project: ProjectView): string | undefined {
  const scripts = readManifest(project)?.scripts;
  const text = scripts?.get(name) ?? "";
  if (scripts?.has(`pre${name}`) || scripts?.has(`post${name}`) || !/^node(?: [\w@./:=-]+)+$/.test(text))
    return undefined;
  return `[${text
    .split(" ")
    .map((word) => JSON.stringify(word))
    .join(", ")}]`;
}
