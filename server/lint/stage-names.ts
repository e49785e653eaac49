import type { Range } from "../../engine/base/ranges.ts";
import type { Stage } from "../../engine/dockerfile/model.ts";
import { replace } from "./fixes.ts";
import type { TextEdit } from "./rule.ts";
import { stageSources } from "./stage-sources.ts";

/**
 * For each stage with a name all places that hold it: behind AS, in FROM, in --from. A place belongs to the nearest stage of
 * that name above it; one that names a stage below, to the first.
 */
export function stageNamePlaces(stages: readonly Stage[]): ReadonlyMap<Stage, readonly Range[]> {
  const places = new Map<Stage, Range[]>();
  const above = new Map<string, Range[]>();
  const early = new Map<string, Range[]>();
  for (const stage of stages) {
    const [base] = stage.from.words;
    if (base) above.get(base.text.toLowerCase())?.push(base.range);
    for (const { text, range } of stageSources(stage)) {
      const name = text.toLowerCase();
      const list = above.get(name) ?? early.get(name) ?? [];
      list.push(range);
      if (!above.has(name)) early.set(name, list);
    }
    if (!stage.name) continue;
    const name = stage.name.text.toLowerCase();
    const list = [stage.name.range, ...(early.get(name) ?? [])];
    early.delete(name);
    above.set(name, list);
    places.set(stage, list);
  }
  return places;
}

/** Writes another name wherever the stage is named. */
export function renameStage(stage: Stage, places: ReturnType<typeof stageNamePlaces>, name: string): TextEdit[] {
  return (places.get(stage) ?? []).map((range) => replace(range, name));
}
