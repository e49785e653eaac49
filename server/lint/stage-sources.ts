import { readMountFields } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction, Stage } from "../../engine/dockerfile/model.ts";

/** What `COPY --from=` or a mount's `from=` names. */
export interface StageSource {
  /** As written: a name or number of a stage, an image, a build context. */
  readonly text: string;
  readonly range: Range;
  readonly instruction: Instruction;
  readonly keyword: "COPY" | "RUN";
}

/** Stages are the same objects as long as nothing in them changes. */
const known = new WeakMap<Stage, readonly StageSource[]>();
const nothing: readonly StageSource[] = [];

/** All of a stage in file order. Triggers are left out: they name stages of the file that is built from the image. */
export function stageSources(stage: Stage): readonly StageSource[] {
  const found = known.get(stage) ?? stage.instructions.flatMap(readSources);
  known.set(stage, found);
  return found;
}

function readSources(instruction: Instruction): readonly StageSource[] {
  const { keyword, flags } = instruction;
  if ((keyword !== "COPY" && keyword !== "RUN") || flags.length === 0) return nothing;
  return flags.flatMap((flag): readonly StageSource[] => {
    const { name, value, valueRange } = flag;
    if (keyword === "COPY")
      return name === "from" && value && valueRange ? [{ text: value, range: valueRange, instruction, keyword }] : [];
    if (name !== "mount") return [];
    return readMountFields(flag).fields.flatMap(({ key, value: text, valueRange: range }) =>
      key === "from" && text ? [{ text, range, instruction, keyword }] : [],
    );
  });
}
