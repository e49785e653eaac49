import { msg } from "../../../engine/base/message.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { insertAbove } from "../../lint/fixes.ts";
import { startsInRoot } from "../../lint/known-bases.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "build/copy-without-workdir",
  severity: "warning",
  summary: msg("Without WORKDIR this copies into whatever folder the base image is in, often the root folder /"),
  why: msg("Name the folder once with WORKDIR above the first COPY, or write the destination from / on."),
  learn: msg(
    "COPY . . copies the files beside the Dockerfile into the image's working folder. WORKDIR sets that folder; without one it is often /, where the files lie among those of the system.",
  ),
  sameAs: ["hadolint:DL3045"],
  note: msg("Where the base image may well set a working folder of its own this is a hint."),
  fix: "suggestion",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG", "@installs"],
  examples: [
    {
      bad: "FROM node\nCOPY package.json ./\n#                 ^^\nCOPY . .\n#      ^\n",
      good: "FROM node\nWORKDIR /app\nCOPY package.json ./\nCOPY . .\n",
    },
    {
      bad: 'FROM debian\nCOPY ["a b", "c"]\n#            ^^^\n',
      good: 'FROM debian\nWORKDIR /app\nCOPY ["a b", "c"]\n',
    },
    {
      bad: "FROM node\nONBUILD COPY . src\n#              ^^^\n",
      good: "FROM node\nWORKDIR /app\nONBUILD COPY . src\n",
    },
    {
      bad: "FROM node AS build\nRUN make\nFROM my/base\nCOPY --from=build /out bin/\n#                      ^^^^\n",
      good: "FROM node AS build\nRUN make\nFROM my/base\nWORKDIR /app\nCOPY --from=build /out bin/\n",
    },
    { bad: "FROM node\nCOPY . .\n#      ^\nRUN npm ci\n" },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY . .\n",
    "FROM node AS base\nWORKDIR /app\nFROM base\nCOPY . .\n",
    `FROM node\nCOPY . /app\nCOPY a $HOME/a\nCOPY a \${X}\nCOPY a C:\\x\nCOPY a C:/x\n`,
    "FROM scratch\nCOPY app .\n",
  ],
  *stage(view) {
    let isFirst = true;
    for (const { instruction, onbuild } of view.only("COPY", "ADD")) {
      if (view.workdirAt(instruction) !== undefined) return;
      const { destination } = copyParts(instruction) ?? {};
      if (!destination || /^(?:[/\\$]|[A-Za-z]:|["'])/.test(destination.text)) continue;
      // An empty image has no working folder but the root.
      if (view.base.kind === "scratch") return;
      yield {
        range: destination.range,
        ...(!startsInRoot(view) && { severity: "hint" }),
        ...(isFirst &&
          !isInstalled(view) && {
            fix: {
              title: msg("Add WORKDIR {folder}", { folder: "/app" }),
              edits: [insertAbove(onbuild ?? instruction, "WORKDIR /app")],
            },
          }),
      };
      isFirst = false;
    }
  },
});

/** Then build/install-without-workdir offers the folder. */
function isInstalled(view: StageView): boolean {
  const usesFolder = ({ installs }: InstructionView) => installs.some(({ install }) => install.usesWorkingFolder);
  return startsInRoot(view) && view.only("RUN").some(usesFolder);
}
