// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables

import { expansionsOf } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { insertBelow } from "../../lint/fixes.ts";
import { rootBase } from "../../lint/known-bases.ts";
import { platformArguments } from "../../lint/known-variables.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule } from "../../lint/rule.ts";
import { shellUses, usedNames } from "../../lint/variable-uses.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "run/arg-out-of-scope",
  severity: "warning",
  summary: msg("This ARG is not known in this stage: the variable is empty here"),
  why: msg(
    "An ARG holds from its line to the end of its stage, and one before the first FROM holds for FROM only. `ARG NAME` in the stage, without a value, takes the value that was given above.",
  ),
  learn: msg(
    "Each FROM starts a stage with nothing but the image's own variables. ENV stays in the image, ARG does not: repeat ARG NAME below each FROM that needs it.",
  ),
  sameAs: ["buildkit:UndefinedVar"],
  fix: "suggestion",
  examples: [
    {
      bad: "ARG APP=1\nFROM debian\nRUN echo $APP\n#        ^^^^\n",
      good: "ARG APP=1\nFROM debian\nARG APP\nRUN echo $APP\n",
    },
    {
      bad: "FROM debian AS a\nARG APP=1\nRUN echo $APP\nFROM debian\nLABEL v=${APP}\n#       ^^^^^^\nRUN echo $APP\n#        ^^^^\n",
      good: "FROM debian AS a\nARG APP=1\nRUN echo $APP\nFROM debian\nARG APP\nLABEL v=${APP}\nRUN echo $APP\n",
    },
    {
      bad: 'FROM debian\nRUN curl -o /a \\\n  "https://x/$TARGETARCH.tar"\n#            ^^^^^^^^^^^\n',
      good: 'FROM debian\nARG TARGETARCH\nRUN curl -o /a \\\n  "https://x/$TARGETARCH.tar"\n',
    },
    {
      bad: "ARG APP=1\nFROM debian\nRUN <<EOF\necho $APP\n#    ^^^^\nEOF\n",
      good: "ARG APP=1\nFROM debian\nARG APP\nRUN <<EOF\necho $APP\nEOF\n",
    },
    {
      bad: 'ARG APP=1\nFROM debian\nRUN ["sh", "-c", "echo $APP"]\n#                      ^^^^\nONBUILD RUN echo $APP\n',
      good: 'ARG APP=1\nFROM debian\nARG APP\nRUN ["sh", "-c", "echo $APP"]\nONBUILD RUN echo $APP\n',
    },
  ],
  fine: [
    "ARG APP=1\nFROM debian\nARG APP\nRUN echo $APP\n",
    "ARG APP=1\nFROM debian\nENV APP=2\nRUN echo $APP\n",
    "ARG APP=1\nFROM debian\nRUN APP=2 && echo $APP && echo ${B:-1}\n",
    "ARG APP=1\nFROM debian\nRUN for APP in 1 2; do echo $APP; done; echo '$APP' \\$APP\n",
    "FROM debian AS a\nARG APP=1\nFROM a\nRUN echo $APP\n",
    "ARG APP=1\nFROM debian\nRUN echo ${APP:-2}\nRUN --mount=type=secret,id=x,env=APP echo $APP\n",
    "ARG NODE_VERSION=24\nFROM node:$NODE_VERSION\nRUN echo $NODE_VERSION\n",
    "ARG APP=1\nFROM debian\nCMD echo $APP\n",
    "FROM debian AS a\nENV APP=1\nFROM debian\nRUN echo $APP\n",
    "ARG APP=1\nFROM mcr.microsoft.com/windows/servercore\nRUN echo $APP\n",
  ],
  *file(view) {
    const found = view.stages.map(foundIn);
    if (found.every(({ missing }) => missing.length === 0)) return;
    const declared = new Map([...view.globals].map(([name, { instruction }]) => [name, instruction.range]));
    for (const [at, { missing, declares }] of found.entries()) {
      yield* inStage(view.stages[at] as StageView, missing, declared);
      for (const [name, range] of declares) declared.set(name, range);
    }
  },
});

interface Use {
  readonly view: InstructionView;
  readonly name: string;
}

interface Found {
  /** What is used in the stage and not known there. */
  readonly missing: readonly Use[];
  readonly declares: readonly (readonly [name: string, range: Range])[];
}

/** By the view of a stage, which lives as long as nothing has changed for the stage. */
const known = new WeakMap<StageView, Found>();

function foundIn(stage: StageView): Found {
  const kept = known.get(stage);
  if (kept) return kept;
  const missing = stage.instructions.flatMap((view) => {
    if (view.onbuild || !building.test(view.keyword)) return [];
    const names = [...usedNames(view.instruction)].filter((name) => !isKnown(stage, view, name));
    return names.map((name) => ({ view, name }));
  });
  const declares = stage
    .only("ARG")
    .flatMap(({ instruction }) => pairsOf(instruction).pairs.map(({ name }) => [name, instruction.range] as const));
  const found = { missing, declares };
  known.set(stage, found);
  return found;
}

/** CMD and ENTRYPOINT run in the container, where an ARG has no place anyway. */
const building = /^(?:RUN|COPY|ADD|ENV|LABEL|EXPOSE|USER|VOLUME|WORKDIR|STOPSIGNAL|ARG)$/;

function* inStage(stage: StageView, missing: readonly Use[], declared: ReadonlyMap<string, Range>) {
  const added = new Set<string>();
  for (const { view, name } of missing) {
    if (!isCandidate(declared, view, name)) continue;
    for (const range of usesOf(view, name)) {
      const message = msg("{name} is empty here: the ARG is not known in this stage", { name });
      const line = `ARG ${name}`;
      const title = msg("Put {instruction} into this stage", { instruction: line });
      const fix = { title, edits: [insertBelow(stage.stage.from, line)] };
      const place = declared.get(name);
      const related = place && [{ range: place, message: msg("It is declared here") }];
      yield { range, message, ...(related && { related }), ...(!added.has(name) && { fix }) };
      added.add(name);
    }
  }
}

/** What the builder or a base image without variables leaves empty in other instructions is base/undefined-variable's. */
function isCandidate(declared: ReadonlyMap<string, Range>, { keyword }: InstructionView, name: string): boolean {
  const isPlatform = platformArguments.has(name);
  return keyword === "RUN"
    ? isPlatform || (declared.has(name) && !ofShells.test(name))
    : declared.has(name) && !isPlatform;
}

const ofShells = /^(?:PATH|HOME|USER|PWD|SHELL|HOSTNAME)$/;

function isKnown(stage: StageView, { instruction, mounts, keyword }: InstructionView, name: string): boolean {
  if (stage.variablesAt(instruction).has(name) || mounts.some(({ fields }) => fields.get("env") === name)) return true;
  // Official images say their version in a variable of this name.
  const { kind, repository } = rootBase(stage);
  if (kind === "scratch" && keyword !== "RUN") return true;
  const image = repository?.split("/").at(-1) ?? "";
  return name.toLowerCase() === `${image}_version`;
}

function usesOf(view: InstructionView, name: string): readonly Range[] {
  if (view.keyword === "RUN") return shellUses(view.script, name);
  return expansionsOf(view.instruction, view.escape).flatMap((use) =>
    use.name === name && use.operator === "" ? [use.range] : [],
  );
}
