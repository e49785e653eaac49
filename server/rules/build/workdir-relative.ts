import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/workdir-relative",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("This WORKDIR is relative, so it depends on a folder that the base image chose"),
  why: msg(
    "When the base image is updated, the files may land somewhere else. The first WORKDIR of a stage starts with /.",
  ),
  learn: msg(
    "WORKDIR app means the folder app below the current working folder. Nothing in this file says which one that is. WORKDIR /app always means the same folder, and makes it when it does not exist.",
  ),
  sameAs: ["hadolint:DL3000", "buildkit:WorkdirRelativePath", "dockerfile-utils:50"],
  note: msg("A relative WORKDIR below an absolute one is plain, so only the first one is reported, as BuildKit does."),
  fix: "suggestion",
  sees: ["WORKDIR", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM node\nWORKDIR app\n#       ^^^\nWORKDIR sub\n",
      good: "FROM node\nWORKDIR /app\nWORKDIR sub\n",
    },
    {
      bad: 'FROM node\nWORKDIR "my app"\n#       ^^^^^^^^\n',
      good: 'FROM node\nWORKDIR "/my app"\n',
    },
    { bad: "FROM node\nWORKDIR ./app/\n#       ^^^^^^\n", good: "FROM node\nWORKDIR /app/\n" },
    {
      bad: "FROM node\nONBUILD WORKDIR src\n#               ^^^\n",
      good: "FROM node\nONBUILD WORKDIR /src\n",
    },
    { bad: "FROM node\nWORKDIR ../app\n#       ^^^^^^\n" },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nWORKDIR sub\nONBUILD WORKDIR lib\n",
    "FROM node AS base\nWORKDIR /app\nFROM base\nWORKDIR sub\n",
    `ARG D=/x\nFROM node\nARG D\nENV HOME=/home/node\nWORKDIR $D\nWORKDIR \${HOME}/app\n`,
    "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver:1809\nWORKDIR C:\\app\n",
    "FROM node\nWORKDIR\n",
  ],
  *stage(view) {
    for (const { instruction } of view.only("WORKDIR")) {
      if (view.workdirAt(instruction) !== undefined) return;
      const text = instruction.rest.text.trim();
      const path = text.replace(/^["']/, "");
      if (path === "" || /^(?:[/\\$]|[A-Za-z]:)/.test(path)) continue;
      const start = instruction.rest.text.indexOf(text);
      const range = instruction.rest.rangeOf(start, start + text.length);
      const at = start + text.length - path.length;
      const dots = /^(?:\.\/+)?/.exec(path)?.[0].length ?? 0;
      yield /^\.\.?$|^\.\.\//.test(path)
        ? { range }
        : {
            range,
            fix: {
              title: msg("Start at the root folder"),
              edits: [replace(instruction.rest.rangeOf(at, at + dots), "/")],
            },
          };
    }
  },
});
