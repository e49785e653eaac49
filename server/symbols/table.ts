import type { Dockerfile } from "../../engine/analysis.ts";
import type { Position } from "../../engine/base/ranges.ts";
import { comparePositions, contains } from "../lint/fixes.ts";
import type { FileView } from "../lint/views.ts";
import type { Occurrence, StageLink } from "./model.ts";
import { type ReadSymbols, readSymbols } from "./read.ts";
import { isArgument } from "./scopes.ts";

/** The stages and variables of one version of a file, and every place that names one. */
export class Symbols {
  readonly #dockerfile: Dockerfile;
  readonly #file: FileView;
  #read: ReadSymbols | undefined;
  #occurrences: readonly Occurrence[] | undefined;
  #links: readonly StageLink[] | undefined;

  constructor(dockerfile: Dockerfile, file: FileView) {
    this.#dockerfile = dockerfile;
    this.#file = file;
  }

  /** In file order. */
  get occurrences(): readonly Occurrence[] {
    if (this.#occurrences) return this.#occurrences;
    const { inside } = this.#table();
    const found = [...inside(-1)];
    for (const { index } of this.#dockerfile.stages) for (const one of inside(index)) found.push(one);
    this.#occurrences = found;
    return found;
  }

  /** Of one stage, or above all stages (-1), in file order; the same list while nothing in it changes. */
  inside(stage: number): readonly Occurrence[] {
    return this.#table().inside(stage);
  }

  /** The same object as long as all names stand for what they stood for: in this and in other versions of the file. */
  get scope(): object {
    return this.#table().scope;
  }

  /** In file order. */
  get links(): readonly StageLink[] {
    this.#links ??= this.#table().links();
    return this.#links;
  }

  /** Looks into one stage only. */
  at(position: Position): Occurrence | undefined {
    const { stages } = this.#dockerfile;
    const stage = firstBehind(stages, ({ from }) => from.range.start, position) - 1;
    const occurrences = this.#table().inside(stage);
    const next = firstBehind(occurrences, ({ range }) => range.start, position);
    const [here, before] = [occurrences[next - 1], occurrences[next - 2]];
    if (here && contains(here.range, position)) return here;
    return before && contains(before.range, position) ? before : undefined;
  }

  /** All places of what `one` names, in file order. */
  same(one: Occurrence): readonly Occurrence[] {
    const { entity } = one;
    const { length } = this.#dockerfile.stages;
    const found: Occurrence[] = [];
    // Each stage's list is known; one of the whole file would be made anew for every version.
    for (let stage = -1; stage < length; stage += 1) {
      const inside = this.inside(stage);
      for (let at = 0; at < inside.length; at += 1)
        if (inside[at]?.entity === entity) found.push(inside[at] as Occurrence);
    }
    return found;
  }

  /**
   * The definition that holds at `one`: the nearest above it in its stage, else the last in the stages that this one is built
   * FROM, else the first. Of an ARG without a value it is the one above all stages.
   */
  definitionOf(one: Occurrence): Occurrence | undefined {
    const definitions = this.same(one).filter(({ isDefinition }) => isDefinition);
    if (one.kind === "stage") return definitions[0];
    if (one.isDefinition) return this.#takesGlobal(one) ? (definitions.find(({ stage }) => stage < 0) ?? one) : one;
    const isArg = (one.instruction.trigger ?? one.instruction).keyword === "ARG";
    // In one ENV all values are those from before it.
    const isAbove = ({ instruction, range }: Occurrence) =>
      (isArg || instruction !== one.instruction) && comparePositions(range.end, one.range.start) <= 0;
    if (one.instruction.keyword === "FROM") {
      const top = definitions.filter(({ stage }) => stage < 0);
      return top.at(-1) ?? definitions[0];
    }
    const inside = definitions.filter(({ stage }) => stage === one.stage);
    const nearest = inside.findLast(isAbove);
    if (nearest) return nearest;
    const { parents } = this.#table();
    for (let index = parents[one.stage]; index !== undefined; index = parents[index]) {
      const inherited = definitions.findLast(({ stage }) => stage === index);
      if (inherited) return inherited;
    }
    return inside.find(({ instruction }) => instruction !== one.instruction) ?? inside[0] ?? definitions[0];
  }

  /** Could the variable have this name without becoming another one? What is built FROM one stage counts as one. */
  isFree({ entity }: Occurrence, name: string): boolean {
    const { parents, usesName } = this.#table();
    const roots: number[] = [];
    for (const parent of parents) roots.push(roots[parent ?? -1] ?? roots.length);
    const places = this.occurrences.filter((one) => one.entity === entity);
    const touched = new Set(places.map(({ stage }) => roots[stage] ?? -1));
    if (isArgument(entity)) {
      // Arguments of one name are one, wherever they are declared.
      for (const one of this.occurrences) if (isArgument(one.entity) && one.name === name) return false;
      touched.add(-1);
    }
    return ![-1, ...roots.keys()].some((stage) => touched.has(roots[stage] ?? -1) && usesName(stage, name));
  }

  #takesGlobal({ instruction, range, stage }: Occurrence): boolean {
    const inner = instruction.trigger ?? instruction;
    if (stage < 0 || inner.keyword !== "ARG") return false;
    const word = inner.words.find((candidate) => contains(candidate.range, range.start));
    return word !== undefined && !word.text.includes("=");
  }

  #table(): ReadSymbols {
    this.#read ??= readSymbols(this.#dockerfile, this.#file);
    return this.#read;
  }
}

/** Index of the first one that starts behind the position. */
function firstBehind<T>(sorted: readonly T[], startOf: (one: T) => Position, position: Position): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePositions(startOf(sorted[middle] as T), position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
