import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { insertAbove, insertBelow, replace } from "../../lint/fixes.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";
import { inheritedUser, isRoot } from "../../lint/stage-user.ts";
import { subcommand } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

const rootVerbs: Readonly<Record<string, RegExp>> = {
  "apt-get": /^(?:update|install|upgrade|dist-upgrade|full-upgrade|remove|purge|autoremove)$/,
  apt: /^(?:update|install|upgrade|full-upgrade|remove|purge|autoremove)$/,
  apk: /^(?:add|del|upgrade|update)$/,
  yum: /^(?:install|update|upgrade|remove|groupinstall|localinstall)$/,
  dnf: /^(?:install|update|upgrade|remove|in|up)$/,
  microdnf: /^(?:install|update|upgrade|remove)$/,
  zypper: /^(?:install|in|update|up|remove|rm|dup)$/,
};

const rootTools = new Set(["useradd", "groupadd", "usermod", "adduser", "addgroup", "update-ca-certificates"]);

export default defineRule({
  id: "image/user-without-rights",
  severity: "error",
  summary: msg("Only root may do this, and USER has changed to somebody else"),
  why: msg(
    "System packages and users belong to root. Do root's work above USER, or change to root for this step and back.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["USER", ...Object.keys(rootVerbs), ...rootTools],
  examples: [
    {
      bad: "FROM node\nUSER node\nRUN apt-get update && apt-get install -y git\n#   ^^^^^^^^^^^^^^\n#                     ^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nUSER root\nRUN apt-get update && apt-get install -y git\nUSER node\n",
    },
    {
      bad: "FROM node\nUSER node\n# tools\nRUN apt-get update\n#   ^^^^^^^^^^^^^^\n",
      good: "FROM node\nUSER node\n# tools\nUSER root\nRUN apt-get update\nUSER node\n",
    },
    {
      bad: "FROM alpine AS a\nUSER app\nFROM a\nRUN apk add git\n#   ^^^^^^^^^^^\n",
      good: "FROM alpine AS a\nUSER app\nFROM a\nUSER root\nRUN apk add git\nUSER app\n",
    },
    {
      bad: 'FROM fedora\nUSER 1000\nRUN ["dnf", "install", "-y", "git"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nRUN useradd app\n#   ^^^^^^^^^^^\n',
      good: 'FROM fedora\nUSER root\nRUN ["dnf", "install", "-y", "git"]\nUSER 1000\nUSER root\nRUN useradd app\nUSER 1000\n',
    },
  ],
  fine: [
    "FROM node\nRUN apt-get update\nUSER node\nRUN npm ci\nUSER root\nRUN apt-get update\nUSER 0\nRUN apk add x\n",
    "FROM node\nUSER node\nRUN sudo apt-get update && apt-get --version && apt-cache show x\n",
    "FROM node\nUSER $USER\nRUN apt-get update\nONBUILD USER app\nRUN apt-get update\n",
    "FROM node\nUSER node\nONBUILD RUN apt-get update\nRUN echo apt-get update && dnf download x\n",
    "FROM mcr.microsoft.com/windows/nanoserver:1\nUSER ContainerUser\nRUN x\n",
  ],
  *stage(view) {
    let user = inheritedUser(view);
    if (user === undefined && view.only("USER").length === 0) return;
    let above: Instruction | undefined;
    for (const { instruction, keyword, onbuild, script } of view.instructions) {
      if (onbuild) continue;
      const previous = above;
      above = instruction;
      if (keyword === "USER") user = instruction.rest.text.trim();
      if (keyword !== "RUN" || !user || user.includes("$") || isRoot(user)) continue;
      const found = script.commands.filter((command) => needsRoot(command));
      for (const [at, command] of found.entries()) {
        yield {
          range: command.range,
          message: msg("Only root may do this, and USER is {user} here", { user }),
          ...(at === 0 && {
            fix: {
              title: msg("Change to root for this RUN"),
              edits: [becomeRoot(instruction, previous), insertBelow(instruction, `USER ${user}`)],
            },
          }),
        };
      }
    }
  },
});

/** A USER right above it is of no use any more. */
function becomeRoot(instruction: Instruction, above: Instruction | undefined): TextEdit {
  const isRightAbove = above?.keyword === "USER" && above.range.end.line + 1 === instruction.range.start.line;
  if (!isRightAbove) return insertAbove(instruction, "USER root");
  return replace(above.rest.rangeOf(0, above.rest.text.length), "root");
}

function needsRoot(command: Command): boolean {
  if (command.wrappers.some(({ name }) => name === "sudo" || name === "doas") || command.context === "function")
    return false;
  if (rootTools.has(command.name)) return true;
  const verbs = Object.hasOwn(rootVerbs, command.name) ? rootVerbs[command.name] : undefined;
  return verbs?.test(subcommand(command, { valued: ["-o", "-t", "-c"] })?.text ?? "") ?? false;
}
