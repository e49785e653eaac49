import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";

/** How the stages of a file use each other; stages by their index. */
export interface StageLinks {
  /** The stage above it that a stage's FROM names, if any. */
  readonly parents: readonly (number | undefined)[];
  /** Stages that another one is built FROM. */
  readonly bases: ReadonlySet<number>;
  /** Stages whose files a COPY --from or a mount takes. */
  readonly sources: ReadonlySet<number>;
  /** All names that they follow from. */
  readonly read: readonly Names[];
}

/** What one stage says of others: itself when it is the same, so that it can be compared. */
interface Names {
  readonly from: object;
  readonly name: string | undefined;
  readonly sources: readonly string[];
}

/** Names are compared without case. `before`: goes on when nothing in them has changed. */
export function readStageLinks({ stages }: Dockerfile, before?: StageLinks): StageLinks {
  const read = stages.map(namesOf);
  if (before?.read.length === read.length && read.every((one, at) => isSame(one, before.read[at]))) return before;
  const parents: (number | undefined)[] = [];
  const bases = new Set<number>();
  const sources = new Set<number>();
  const named = new Map<string, number>();
  for (const [index, { name, sources: texts }] of read.entries()) {
    const parent = named.get(stages[index]?.from.words[0]?.text.toLowerCase() ?? "");
    parents.push(parent);
    if (parent !== undefined) bases.add(parent);
    for (const text of texts) {
      const source = /^\d+$/.test(text) ? Number(text) : named.get(text.toLowerCase());
      if (source !== undefined && source < index) sources.add(source);
    }
    if (name !== undefined) named.set(name, index);
  }
  return { parents, bases, sources, read };
}

const known = new WeakMap<Stage, Names>();

function namesOf(stage: Stage): Names {
  const found = known.get(stage) ?? readNames(stage);
  known.set(stage, found);
  return found;
}

function readNames({ from, name, instructions }: Stage): Names {
  const sources = instructions.flatMap((one) => readSources(one.trigger ?? one));
  return { from: from.content, name: name?.text.toLowerCase(), sources };
}

function isSame(a: Names, b: Names | undefined): boolean {
  if (a === b) return true;
  return (
    a.from === b?.from && a.sources.length === b.sources.length && a.sources.every((one, at) => one === b.sources[at])
  );
}

const nothing: readonly string[] = [];
function readSources({ keyword, flags }: Instruction): readonly string[] {
  if ((keyword !== "COPY" && keyword !== "RUN" && keyword !== "ADD") || flags.length === 0) return nothing;
  return flags.flatMap(({ name, value }) => {
    if (value === undefined) return [];
    if (name === "from") return [value];
    return keyword === "RUN" && name === "mount" ? (/(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? []) : [];
  });
}
