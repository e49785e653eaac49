import type { ImageLayers } from "../../engine/base/layers-api.ts";
import type { BuildRun, StepRun } from "../builds/run.ts";

/** Where in a Dockerfile a layer comes from, as it stood when it was built. */
export interface LayerLine {
  /** Address of the Dockerfile. */
  readonly file: string;
  /** From 0. */
  readonly line: number;
  /** The instruction, to find it again where the file has changed. */
  readonly text: string;
}

type Step = StepRun["step"];

/**
 * Which line of the Dockerfile made which layer: steps of the build and entries of the image's history come in the same order, the last
 * ones belong together, and what is left at the bottom came with the base image.
 */
export function tieLines(
  { steps, layers }: Pick<ImageLayers, "steps" | "layers">,
  { file, steps: runs, target }: Pick<BuildRun, "file" | "steps" | "target">,
): ReadonlyMap<number, LayerLine> {
  const chain = finalStages(
    runs.map(({ step }) => step),
    target,
  );
  const made = chain.filter(({ keyword }) => /^(RUN|COPY|ADD|WORKDIR)$/.test(keyword));
  const entries = steps.flatMap(({ layer, instruction }) => (layer === undefined ? [] : [{ layer, instruction }]));
  const lineOf = ({ range, text }: Step): LayerLine => ({ file, line: range.start.line, text });
  const lines = new Map<number, LayerLine>();
  for (const [entry, step] of align(
    entries.map(({ instruction }) => instruction),
    made.map(({ text }) => text),
  )) {
    const layer = entries[entry]?.layer;
    const maker = made[step];
    if (layer !== undefined && maker) lines.set(layer, lineOf(maker));
  }
  // Stages that are FROM the same image share its step.
  const bases = runs.flatMap(({ step }) => (step.keyword === "FROM" ? [step] : []));
  const base = chain.find(({ keyword }) => keyword === "FROM") ?? (bases.length === 1 ? bases[0] : undefined);
  const lowest = Math.min(layers.length, ...lines.keys());
  if (base && (lines.size > 0 || made.length === 0)) {
    for (let layer = 0; layer < lowest; layer++) lines.set(layer, lineOf(base));
  }
  return lines;
}

/** Of the build that made the image, when it was one of this workspace. */
export function linesOfLayers(
  { builds }: { readonly builds: { readonly list: readonly BuildRun[] } },
  imageId: string,
  image: Pick<ImageLayers, "steps" | "layers">,
): ReadonlyMap<number, LayerLine> {
  const run = builds.list.find((one) => one.imageId === imageId);
  return run ? tieLines(image, run) : new Map();
}

/** The steps of the stage that became the image, after those of the stages that it is FROM. */
function finalStages(steps: readonly Step[], target: string | undefined): Step[] {
  const stages = new Map<string, Step[]>();
  for (const step of steps) {
    const key = step.stage.toLowerCase();
    stages.set(key, [...(stages.get(key) ?? []), step]);
  }
  const last = steps.reduce<Step | undefined>(
    (late, step) => (!late || step.range.start.line > late.range.start.line ? step : late),
    undefined,
  );
  let name = target !== undefined && stages.has(target.toLowerCase()) ? target : last?.stage;
  const chain: Step[] = [];
  while (name !== undefined) {
    const own: Step[] | undefined = stages.get(name.toLowerCase());
    stages.delete(name.toLowerCase());
    if (!own) break;
    const from = own.find(({ keyword }) => keyword === "FROM");
    const base = baseOf(from?.text ?? "");
    const isStage = base !== undefined && stages.has(base.toLowerCase());
    // FROM a stage makes nothing: its base is what counts.
    chain.unshift(...(isStage ? own.filter((step) => step !== from) : own));
    name = base;
  }
  return chain;
}

/** `FROM --platform=x base AS name` → `base` */
export function baseOf(from: string): string | undefined {
  return from
    .split(/\s+/)
    .slice(1)
    .find((word) => !word.startsWith("--"));
}

/** Pairs of places, in order, that agree best: the same words count more than the same keyword. */
function align(left: readonly string[], right: readonly string[]): (readonly [left: number, right: number])[] {
  const a = left.map(plain);
  const b = right.map(plain);
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const at = (i: number, j: number) => best[i * width + j] ?? 0;
  const score = (i: number, j: number) => {
    const [one = "", other = ""] = [a[i], b[j]];
    if (one === other) return 10;
    return one.split(" ", 1)[0] === other.split(" ", 1)[0] ? 4 : 0;
  };
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const fit = score(i - 1, j - 1);
      best[i * width + j] = Math.max(at(i - 1, j), at(i, j - 1), fit > 0 ? at(i - 1, j - 1) + fit : 0);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    const fit = score(i - 1, j - 1);
    // From the end: of equal ways the one that keeps the last together.
    if (fit > 0 && at(i, j) === at(i - 1, j - 1) + fit) pairs.unshift([--i, --j]);
    else if (at(i, j) === at(i, j - 1)) j--;
    else i--;
  }
  return pairs;
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Where the instruction stands now: at its line, else at the nearest line with its first words; else where it was. */
export function lineNow(text: string, { line, text: instruction }: Pick<LayerLine, "line" | "text">): number {
  const lines = text.split(/\r?\n/);
  const wanted = plain(instruction.split("\n", 1)[0] ?? "").slice(0, 200);
  const fits = (one: string) => {
    const start = plain(one).replace(/\s*\\$/, "");
    return start !== "" && (start === wanted || (start.includes(" ") && wanted.startsWith(start)));
  };
  for (let away = 0; away < lines.length; away++) {
    for (const at of [line - away, line + away]) if (fits(lines[at] ?? "")) return at;
  }
  return Math.min(line, Math.max(0, lines.length - 1));
}
