import { msg } from "../../../engine/base/message.ts";
import { insertBelow } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { isAdministrator, isRoot } from "../../lint/stage-user.ts";
import { inEffect } from "../../lint/start-command.ts";

/** An entry point that starts as root and gives its rights up. */
const dropsRights = /\b(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst|setuidgid)\b/;

export default defineRule({
  id: "image/last-user-root",
  severity: "warning",
  summary: msg("The container's program runs as root: the last USER is root"),
  why: msg(
    "Whoever breaks into a program that runs as root, on Windows as the administrator, may do everything in the container. Change back to an ordinary user when that work is done.",
  ),
  sameAs: ["hadolint:DL3002"],
  note: msg(
    "Only the last stage becomes a container, so the others are not asked, nor is one whose start gives root's rights up (gosu, su-exec).",
  ),
  fix: "suggestion",
  examples: [
    { bad: "FROM debian\nUSER root\n#    ^^^^\n" },
    {
      bad: 'FROM node\nUSER node\nRUN npm ci\nUSER 0:0\n#    ^^^\nRUN apt-get update\nCMD ["node", "a.js"]\n',
      good: 'FROM node\nUSER node\nRUN npm ci\nUSER 0:0\nRUN apt-get update\nCMD ["node", "a.js"]\nUSER node\n',
    },
    {
      bad: "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\nUSER ContainerAdministrator\n#    ^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\nUSER ContainerAdministrator\nUSER ContainerUser\n",
    },
  ],
  fine: [
    "FROM debian\nUSER root\nRUN x\nUSER app\n",
    "FROM debian AS a\nUSER root\nFROM debian\nCOPY --from=a /a /b\n",
    'FROM debian\nUSER root\nENTRYPOINT ["gosu", "app", "server"]\n',
    "FROM debian\nUSER $USER\nUSER rooter\nONBUILD USER root\n",
  ],
  *stage(view) {
    if (!view.isLast) return;
    const users = view.only("USER").filter(({ onbuild }) => !onbuild);
    const last = users.at(-1);
    const end = view.stage.instructions.at(-1);
    if (!last || !end || !isRoot(last.instruction.rest.text.trim())) return;
    if (dropsRights.test(inEffect(view, "ENTRYPOINT")?.instruction.rest.text ?? "")) return;
    if (dropsRights.test(inEffect(view, "CMD")?.instruction.rest.text ?? "")) return;
    const before = users
      .findLast(({ instruction }) => !isRoot(instruction.rest.text.trim()))
      ?.instruction.rest.text.trim();
    const user = last.instruction.rest;
    yield {
      range: user.rangeOf(0, user.text.trimEnd().length),
      ...(isAdministrator(user.text.trim()) && {
        message: msg(
          "The container's program runs as the container's administrator: the last USER is ContainerAdministrator",
        ),
      }),
      ...(before && {
        fix: {
          title: msg("Change back to {user} at the end", { user: before }),
          edits: [insertBelow(end, `USER ${before}`)],
        },
      }),
    };
  },
});
