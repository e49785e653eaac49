import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { renameStage, stageNamePlaces } from "../../lint/stage-names.ts";

export default defineRule({
  id: "base/reserved-stage-name",
  severity: "warning",
  summary: msg("This name has a meaning of its own for the builder and cannot be used for a stage"),
  why: msg("scratch is the empty image and context the build context: --target and --from would not find the stage."),
  sameAs: ["hadolint:DL3063", "buildkit:ReservedStageName"],
  fix: "suggestion",
  sees: ["COPY", "ADD", "@flags"],
  examples: [
    {
      bad: "FROM node:24 AS Scratch\n#               ^^^^^^^\nFROM nginx:1\nCOPY --from=scratch /a /b\n",
      good: "FROM node:24 AS scratch-stage\nFROM nginx:1\nCOPY --from=scratch-stage /a /b\n",
    },
    { bad: "FROM node:24 AS context\n#               ^^^^^^^\n", good: "FROM node:24 AS context-stage\n" },
  ],
  fine: ["FROM scratch AS contexts\n"],
  *file({ stages }) {
    let places: ReturnType<typeof stageNamePlaces> | undefined;
    for (const { stage, name } of stages) {
      if (!stage.name || (name !== "scratch" && name !== "context")) continue;
      places ??= stageNamePlaces(stages.map((one) => one.stage));
      const other = `${name}-stage`;
      yield {
        range: stage.name.range,
        message: msg("{name} has a meaning of its own for the builder and cannot be used for a stage", {
          name: stage.name.text,
        }),
        fix: { title: msg("Call it {name}", { name: other }), edits: renameStage(stage, places, other) },
      };
    }
  },
});
