import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { stageSources } from "../../lint/stage-sources.ts";

export default defineRule({
  id: "base/unused-stage",
  severity: "hint",
  summary: msg("Nothing uses this stage, so it is not built"),
  why: msg("The image is the last stage. Others are built only when it takes files of them or starts from them."),
  learn: msg("Give the stage a name with AS and take its files with COPY --from, or remove it."),
  sameAs: [],
  note: msg("A stage with a name may be meant for --target and is not reported."),
  fix: "none",
  sees: ["COPY", "@flags"],
  examples: [{ bad: "FROM node:24\n#^^^^^^^^^^^\nRUN npm run build\nFROM nginx:1\nCOPY dist /srv\n" }],
  fine: [
    "FROM node:24 AS test\nFROM nginx:1\n",
    "FROM node:24\nFROM nginx:1\nCOPY --from=0 /a /b\n",
    "FROM node:24\nFROM nginx:1\nRUN --mount=from=0,target=/a true\n",
    "FROM nginx:1 AS x\nCOPY --from=1 /a /b\nFROM node:24\nFROM x\n",
  ],
  *file({ stages }) {
    if (stages.length < 2) return;
    const used = new Set(stages.flatMap(({ stage }) => stageSources(stage).map(({ text }) => text)));
    for (const { stage, name, index, isLast } of stages) {
      if (!isLast && name === undefined && !used.has(`${index}`)) yield { range: stage.from.range, tag: "unnecessary" };
    }
  },
});
