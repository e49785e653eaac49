import { msg } from "../../../engine/base/message.ts";
import type { Stage } from "../../../engine/dockerfile/model.ts";
import { defineRule } from "../../lint/rule.ts";
import { renameStage, stageNamePlaces } from "../../lint/stage-names.ts";

export default defineRule({
  id: "base/duplicate-stage",
  severity: "error",
  summary: msg("Two stages have this name"),
  why: msg("The later one hides the first: what names it gets other files than the reader thinks."),
  sameAs: ["hadolint:DL3024", "buildkit:DuplicateStageName", "dockerfile-utils:10"],
  note: msg("Names are compared without case, as the builder does."),
  fix: "suggestion",
  sees: ["COPY", "ADD", "@flags"],
  examples: [
    {
      bad: "FROM node:24 AS build\nFROM node:24 AS Build\n#               ^^^^^\nFROM nginx:1\nCOPY --from=build /a /b\n",
      good: "FROM node:24 AS build\nFROM node:24 AS build-2\nFROM nginx:1\nCOPY --from=build-2 /a /b\n",
    },
  ],
  fine: ["FROM node:24 AS a\nFROM a AS b\nFROM node:24\nFROM node:24\n"],
  *file({ stages }) {
    const first = new Map<string, Stage>();
    const taken = new Set(stages.map(({ name }) => name));
    const last = new Map<string, number>();
    let places: ReturnType<typeof stageNamePlaces> | undefined;
    for (const { stage, name } of stages) {
      const before = name === undefined ? undefined : first.get(name);
      if (name !== undefined && !before) first.set(name, stage);
      if (!stage.name || !before?.name || name === undefined) continue;
      places ??= stageNamePlaces(stages.map((one) => one.stage));
      let number = last.get(name) ?? 2;
      while (taken.has(`${name}-${number}`)) number += 1;
      last.set(name, number + 1);
      yield {
        range: stage.name.range,
        message: msg("A stage above is called {name}, too", { name: before.name.text }),
        related: [{ range: before.name.range, message: msg("The first stage of that name") }],
        fix: {
          title: msg("Call it {name}", { name: `${name}-${number}` }),
          edits: renameStage(stage, places, `${name}-${number}`),
        },
      };
    }
  },
});
