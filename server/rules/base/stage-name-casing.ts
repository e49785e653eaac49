// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { renameStage, stageNamePlaces } from "../../lint/stage-names.ts";

export default defineRule({
  id: "base/stage-name-casing",
  severity: "info",
  summary: msg("Names of stages are written in lower case"),
  why: msg(
    "The builder compares them in lower case, and images never have capitals: two spellings of one thing mislead.",
  ),
  sameAs: ["buildkit:StageNameCasing"],
  fix: "safe",
  sees: ["COPY", "ADD", "@flags"],
  examples: [
    {
      bad: "FROM node:24 AS Build\n#               ^^^^^\nFROM Build AS test\nFROM nginx:1\nCOPY --from=build /a /b\nRUN --mount=from=BUILD,target=/x true\n",
      good: "FROM node:24 AS build\nFROM build AS test\nFROM nginx:1\nCOPY --from=build /a /b\nRUN --mount=from=build,target=/x true\n",
    },
  ],
  fine: ["FROM node:24 AS build-2\nFROM node:24\n", "FROM node:24 AS build-${TARGETARCH}\n"],
  *file({ stages }) {
    let places: ReturnType<typeof stageNamePlaces> | undefined;
    for (const { stage, name } of stages) {
      if (!stage.name || name === undefined || stage.name.text === name) continue;
      // What cannot name a stage is no better in lower case.
      if (!/^[a-z][\w.-]*$/.test(name)) continue;
      places ??= stageNamePlaces(stages.map((one) => one.stage));
      yield {
        range: stage.name.range,
        message: msg("{name} is written in lower case: {lower}", { name: stage.name.text, lower: name }),
        fix: { title: msg("Write it in lower case everywhere"), edits: renameStage(stage, places, name) },
      };
    }
  },
});
