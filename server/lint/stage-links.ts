import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";

/** How the stages of a file use each other. */
export interface StageLinks {
  /** For each stage the stage above it that its FROM names, if any. */
  readonly parents: ReadonlyMap<Stage, Stage>;
  /** Stages that another one is built FROM. */
  readonly bases: ReadonlySet<Stage>;
  /** Stages whose files a COPY --from or a mount takes. */
  readonly sources: ReadonlySet<Stage>;
}

/** Names are compared without case. */
export function readStageLinks({ stages }: Dockerfile): StageLinks {
  const parents = new Map<Stage, Stage>();
  const sources = new Set<Stage>();
  const named = new Map<string, Stage>();
  for (const stage of stages) {
    const parent = named.get(stage.from.words[0]?.text.toLowerCase() ?? "");
    if (parent) parents.set(stage, parent);
    for (const text of sourcesOf(stage)) {
      const source = /^\d+$/.test(text) ? stages[Number(text)] : named.get(text.toLowerCase());
      if (source && source.index < stage.index) sources.add(source);
    }
    if (stage.name) named.set(stage.name.text.toLowerCase(), stage);
  }
  return { parents, bases: new Set(parents.values()), sources };
}

const nothing: readonly string[] = [];
const known = new WeakMap<Stage, readonly string[]>();

/** What `--from=` and `--mount=from=` of a stage name, as written. */
function sourcesOf(stage: Stage): readonly string[] {
  const found = known.get(stage) ?? stage.instructions.flatMap((one) => readSources(one.trigger ?? one));
  known.set(stage, found);
  return found;
}

function readSources({ keyword, flags }: Instruction): readonly string[] {
  if ((keyword !== "COPY" && keyword !== "RUN" && keyword !== "ADD") || flags.length === 0) return nothing;
  return flags.flatMap(({ name, value }) => {
    if (value === undefined) return [];
    if (name === "from") return [value];
    return keyword === "RUN" && name === "mount" ? (/(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? []) : [];
  });
}
