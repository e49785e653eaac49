import { type Dockerfile, type Instruction, type MappedText, readPairs, type Stage } from "../engine/analysis.ts";
import type { Position, Range } from "../engine/base/ranges.ts";
import { comparePositions, contains } from "./lint/fixes.ts";
import { parentStages } from "./lint/stage-links.ts";
import { findVariables } from "./variables.ts";

/** One place where a stage or a variable is named. */
export interface Occurrence {
  readonly kind: "stage" | "variable";
  /** As a definition writes it. */
  readonly name: string;
  readonly range: Range;
  readonly isDefinition: boolean;
  /** False for `--from=0`: it means the stage but does not hold its name. */
  readonly isNamed: boolean;
  /** The instruction it stands in. */
  readonly instruction: Instruction;
  /** The same for all places of one stage or variable. */
  readonly entity: string;
}

export interface Symbols {
  /** In file order. */
  readonly occurrences: readonly Occurrence[];
  at(position: Position): Occurrence | undefined;
  /** All places of what `one` names. */
  same(one: Occurrence): readonly Occurrence[];
  /** The definition that holds at `one`: the nearest above it, else the first. */
  definitionOf(one: Occurrence): Occurrence | undefined;
}

export function readSymbols(dockerfile: Dockerfile): Symbols {
  const occurrences = [...stageNames(dockerfile), ...variables(dockerfile)].sort((a, b) =>
    comparePositions(a.range.start, b.range.start),
  );
  const byEntity = groupBy(occurrences, ({ entity }) => entity);
  const same = (one: Occurrence) => byEntity.get(one.entity) ?? [];
  return {
    occurrences,
    at: (position) => occurrences.find(({ range }) => contains(range, position)),
    same,
    definitionOf: (one) => {
      const definitions = same(one).filter(({ isDefinition }) => isDefinition);
      if (one.isDefinition) return one;
      return definitions.findLast(({ range }) => comparePositions(range.end, one.range.start) <= 0) ?? definitions[0];
    },
  };
}

function stageNames({ stages }: Dockerfile): Occurrence[] {
  const found: Occurrence[] = [];
  const above = new Map<string, Stage>();
  const meant = (text: string) => above.get(text.toLowerCase());
  for (const stage of stages) {
    const { name, from } = stage;
    const add = (target: Stage | undefined, range: Range, instruction: Instruction, isNamed: boolean) => {
      if (!target) return;
      const entity = `stage ${target.index}`;
      found.push({
        kind: "stage",
        name: target.name?.text ?? `${target.index}`,
        range,
        isDefinition: target === stage,
        isNamed,
        instruction,
        entity,
      });
    };
    if (name) add(stage, name.range, from, true);
    const [base] = from.words;
    if (base) add(meant(base.text), base.range, from, true);
    for (const outer of stage.instructions) {
      for (const { text, range } of stageUses(outer.trigger ?? outer)) {
        const numbered = /^\d+$/.test(text) ? stages[Number(text)] : undefined;
        if (numbered && numbered.index < stage.index) add(numbered, range, outer, false);
        else add(meant(text), range, outer, true);
      }
    }
    if (name) above.set(name.text.toLowerCase(), stage);
  }
  return found;
}

const knownPairs = new WeakMap<object, ReturnType<typeof readPairs>["pairs"]>();

function pairsOf(instruction: Instruction): ReturnType<typeof readPairs>["pairs"] {
  const pairs = knownPairs.get(instruction.content) ?? readPairs(instruction).pairs;
  knownPairs.set(instruction.content, pairs);
  return pairs;
}

/** `--from=` of COPY and ADD, `from=` in RUN's mounts. */
function stageUses({ flags, keyword }: Instruction): { text: string; range: Range }[] {
  if (flags.length === 0) return [];
  return flags.flatMap(({ name, value, valueRange, rawValue }) => {
    if (value === undefined) return [];
    if (name === "from" && valueRange) return [{ text: value, range: valueRange }];
    const mounted = keyword === "RUN" && name === "mount" ? /(?:^|,)from=([^,]+)/.exec(value) : null;
    const text = mounted?.[1];
    if (!mounted || !text || !rawValue) return [];
    const end = mounted.index + mounted[0].length;
    return [{ text, range: rawValue.rangeOf(end - text.length, end) }];
  });
}

function variables(dockerfile: Dockerfile): Occurrence[] {
  const globals = new Set(dockerfile.globalArgs.flatMap((arg) => pairsOf(arg).map(({ name }) => name)));
  const found: Occurrence[] = [];
  const collect = (instruction: Instruction, entityOf: (name: string) => string | undefined) => {
    for (const { name, range, isDefinition } of variableNames(instruction)) {
      const entity = entityOf(name);
      if (entity) found.push({ kind: "variable", name, range, isDefinition, isNamed: true, instruction, entity });
    }
  };
  const global = (name: string) => (globals.has(name) ? `global ${name}` : undefined);
  for (const arg of dockerfile.globalArgs) collect(arg, global);

  const parents = parentStages(dockerfile);
  const roots = new Map<Stage, Stage>();
  // A parent stands above, so its root is known.
  for (const stage of dockerfile.stages) roots.set(stage, roots.get(parents.get(stage) ?? stage) ?? stage);
  for (const [root, members] of groupBy(dockerfile.stages, (stage) => roots.get(stage) ?? stage)) {
    const defined = new Map<string, string>();
    for (const instruction of members.flatMap((stage) => stage.instructions)) {
      if (instruction.keyword !== "ARG" && instruction.keyword !== "ENV") continue;
      for (const { name, value } of pairsOf(instruction)) {
        // `ARG NAME` without a value takes the global one into the stage: it is the same variable.
        const isGlobal = instruction.keyword === "ARG" && value === undefined && globals.has(name);
        if (isGlobal || !defined.has(name))
          defined.set(name, isGlobal ? `global ${name}` : `stage ${root.index} ${name}`);
      }
    }
    for (const stage of members) {
      collect(stage.from, global);
      for (const outer of stage.instructions) collect(outer.trigger ?? outer, (name) => defined.get(name));
    }
  }
  return found;
}

interface NamedPlace {
  readonly name: string;
  readonly range: Range;
  readonly isDefinition: boolean;
}

/** Instructions that are the same objects in the next version are not read again. */
const known = new WeakMap<Instruction, readonly NamedPlace[]>();

function variableNames(instruction: Instruction): readonly NamedPlace[] {
  const names = known.get(instruction) ?? readVariableNames(instruction);
  known.set(instruction, names);
  return names;
}

function readVariableNames(instruction: Instruction): readonly NamedPlace[] {
  const { keyword, rest, flags } = instruction;
  const uses = [rest, ...flags.flatMap(({ rawValue }) => rawValue ?? [])].flatMap((mapped: MappedText) =>
    findVariables(mapped.text).map(({ name, start }) => ({
      name,
      range: mapped.rangeOf(start, start + name.length),
      isDefinition: false,
    })),
  );
  if (keyword !== "ARG" && keyword !== "ENV") return uses;
  const definitions = readPairs(instruction).pairs.map(({ name, nameSpan }) => ({
    name,
    range: rest.rangeOf(nameSpan.start, nameSpan.end),
    isDefinition: true,
  }));
  return [...definitions, ...uses];
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
