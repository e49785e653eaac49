import { msg } from "../../../engine/base/message.ts";
import { removeLines } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/unused-command",
  severity: "hint",
  summary: msg("Nobody starts this stage: other stages only take files from it"),
  why: msg(
    "Each stage has its own CMD, ENTRYPOINT and HEALTHCHECK. COPY --from takes files and leaves settings behind.",
  ),
  sameAs: [],
  note: msg("Stages named for development or tests are meant to be started, and are fine."),
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT", "HEALTHCHECK"],
  examples: [
    {
      bad: 'FROM node AS build\nRUN make\nCMD ["npm", "start"]\n#^^^^^^^^^^^^^^^^^^^\nFROM nginx\nCOPY --from=build /out /usr/share/nginx/html\n',
      good: "FROM node AS build\nRUN make\nFROM nginx\nCOPY --from=build /out /usr/share/nginx/html\n",
    },
  ],
  fine: [
    'FROM node AS dev\nCMD ["npm", "run", "dev"]\nFROM nginx\nCOPY --from=dev /out /usr/share/nginx/html\n',
    'FROM node AS base\nCMD ["a"]\nFROM base\nCOPY --from=base /a /b\n',
    'FROM node AS a\nCMD ["a"]\nFROM node\nCMD ["b"]\n',
  ],
  *stage(view) {
    const { isLast, isBase, isSource, name = "" } = view;
    if (isLast || isBase || !isSource || /dev|test|debug|local|lint|run|serve/.test(name)) return;
    for (const { instruction, keyword, onbuild } of view.only("CMD", "ENTRYPOINT", "HEALTHCHECK")) {
      if (onbuild) continue;
      yield {
        range: instruction.range,
        message: msg("Nobody starts this stage, so its {keyword} does nothing: other stages only take files from it", {
          keyword,
        }),
        tag: "unnecessary",
        fix: { title: msg("Remove it"), edits: [removeLines(instruction)] },
      };
    }
  },
});
