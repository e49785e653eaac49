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

export function readStageLinks({ stages }: Dockerfile): StageLinks {
  const parents = new Map<Stage, Stage>();
  const sources = new Set<Stage>();
  const named = new Map<string, Stage>();
  for (const stage of stages) {
    const parent = named.get(stage.from.words[0]?.text.toLowerCase() ?? "");
    if (parent) parents.set(stage, parent);
    for (const instruction of stage.instructions) {
      for (const text of sourcesOf(instruction)) {
        const source = /^\d+$/.test(text) ? stages[Number(text)] : named.get(text.toLowerCase());
        if (source && source.index < stage.index) sources.add(source);
      }
    }
    if (stage.name) named.set(stage.name.text.toLowerCase(), stage);
  }
  return { parents, bases: new Set(parents.values()), sources };
}

/** Names are compared without case. */
export function parentStages(dockerfile: Dockerfile): ReadonlyMap<Stage, Stage> {
  return readStageLinks(dockerfile).parents;
}

const nothing: readonly string[] = [];
const known = new WeakMap<object, readonly string[]>();

/** What `--from=` and `--mount=from=` name, as written. */
function sourcesOf(instruction: Instruction): readonly string[] {
  const { keyword } = instruction;
  if (keyword !== "COPY" && keyword !== "RUN" && keyword !== "ADD" && keyword !== "ONBUILD") return nothing;
  const { content } = instruction;
  const found = known.get(content) ?? readSources(instruction.trigger ?? instruction);
  known.set(content, found);
  return found;
}

function readSources({ keyword, flags }: Instruction): readonly string[] {
  if (flags.length === 0) return nothing;
  return flags.flatMap(({ name, value }) => {
    if (value === undefined) return [];
    if (name === "from") return [value];
    return keyword === "RUN" && name === "mount" ? (/(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? []) : [];
  });
}
