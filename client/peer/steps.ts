import { parse, readMountFields, type Stage } from "../../engine/analysis.ts";
import type { BuildStep } from "../../engine/base/build-events.ts";

/** One step with where its stage has it, from 1: how other builders count. */
export interface CountedStep extends BuildStep {
  /** Among the instructions of its stage that BuildKit has a vertex for: a FROM that is an image, RUN, COPY, ADD, WORKDIR. Absent for the others. */
  readonly layerPlace?: number;
  /** Among all instructions of its stage, FROM being the first. */
  readonly place: number;
}

/** What a build of `target` goes through, stage after stage as in the file. Ids are places in the list. */
export function countSteps(text: string, target: string | undefined): CountedStep[] {
  const { stages } = parse(text);
  const wanted = target === undefined ? stages.at(-1) : findStage(stages, target, stages.length);
  if (!wanted) return [];
  const needed = new Set<Stage>();
  const need = (stage: Stage) => {
    if (needed.has(stage)) return;
    needed.add(stage);
    for (const name of namesIn(stage)) {
      const below = findStage(stages, name, stage.index);
      if (below) need(below);
    }
  };
  need(wanted);
  const steps: CountedStep[] = [];
  for (const stage of stages) {
    if (!needed.has(stage)) continue;
    let layerPlace = 0;
    for (const [index, instruction] of [stage.from, ...stage.instructions].entries()) {
      const { range, keyword, words } = instruction;
      const base = words[0]?.text ?? "";
      const makesLayer =
        keyword === "FROM"
          ? base.toLowerCase() !== "scratch" && !findStage(stages, base, stage.index)
          : /^(RUN|COPY|ADD|WORKDIR)$/.test(keyword);
      if (makesLayer) layerPlace++;
      const parts = [
        keyword,
        ...instruction.flags.map(({ name, value }) => `--${name}${value === undefined ? "" : `=${value}`}`),
      ];
      steps.push({
        id: steps.length,
        stage: stage.name?.text ?? `stage-${stage.index}`,
        text: [...parts, instruction.rest.text.trim()].join(" ").trim(),
        keyword,
        range,
        place: index + 1,
        ...(makesLayer ? { layerPlace } : {}),
      });
    }
  }
  return steps;
}

/** What BuildKit speaks of. */
export function layerSteps(steps: readonly CountedStep[]): CountedStep[] {
  return steps.filter(({ layerPlace }) => layerPlace !== undefined).map((step, id) => ({ ...step, id }));
}

/** By name without case, the nearest above; by number. */
function findStage(stages: readonly Stage[], name: string, before: number): Stage | undefined {
  const above = stages.slice(0, before);
  return (
    above.findLast((stage) => stage.name?.text.toLowerCase() === name.toLowerCase()) ??
    (/^\d+$/.test(name) ? above[Number(name)] : undefined)
  );
}

function namesIn({ from, instructions }: Stage): string[] {
  const sources = instructions.flatMap((instruction) =>
    (instruction.trigger ?? instruction).flags.flatMap((flag) => {
      if (flag.name === "from") return flag.value ?? [];
      if (flag.name !== "mount" || !flag.rawValue) return [];
      return readMountFields(flag).fields.flatMap(({ key, value }) => (key === "from" && value ? [value] : []));
    }),
  );
  return [from.words[0]?.text ?? "", ...sources];
}
