import type { Dockerfile, Instruction, Stage } from "../../engine/analysis.ts";
import type { FileView, StageView } from "../lint/views.ts";
import type { Dialect } from "../shell/model.ts";
import { type Occurrence, PlacedOccurrence, type StageLink } from "./model.ts";
import { moved, type NamePlace, namesOf, type StagePlace, type VariablePlace } from "./names.ts";
import { Scopes } from "./scopes.ts";
import { dialectIn } from "./shell-texts.ts";

export interface ReadSymbols {
  /** The same object as long as all names stand for what they stood for. */
  readonly scope: object;
  /** Of one stage, or above all stages (-1), in file order. */
  inside(stage: number): readonly Occurrence[];
  links(): readonly StageLink[];
  /** For each stage the index of the one that it is built FROM. */
  readonly parents: readonly (number | undefined)[];
  /** Does anything in a stage, or above all stages (-1), have this variable's name, declared or not? */
  usesName(stage: number, name: string): boolean;
}

/** What one instruction of a stage names. */
interface InstructionNames {
  readonly instruction: Instruction;
  readonly places: readonly NamePlace[];
}

interface StageNames {
  /** The one that was asked last: a view's shells stay what they are. */
  view: StageView | undefined;
  readonly dialects: readonly Dialect[];
  readonly named: readonly InstructionNames[];
  /** What its scripts set themselves. */
  readonly assigned: ReadonlySet<string>;
}

/** All that decides what names stand for. The same object as long as it is the same in all versions of a file. */
interface Context {
  readonly top: readonly VariablePlace[];
  readonly definitions: readonly (readonly VariablePlace[])[];
  readonly names: readonly (string | undefined)[];
  readonly bases: readonly (number | undefined)[];
  readonly scopes: Scopes;
  /** By lower-case name. A later stage of one name wins, also for a --from above it. */
  readonly byName: ReadonlyMap<string, number>;
  readonly entities: readonly string[];
}

/**
 * Looks at all FROMs, ARGs and ENVs; into a stage only when somebody asks for it. What did not change since the version before
 * keeps its occurrences, as the same objects.
 */
export function readSymbols(dockerfile: Dockerfile, file: FileView): ReadSymbols {
  const { escape: escapeCharacter, stages } = dockerfile;
  const top = dockerfile.globalArgs.map((arg) => namesIn(arg, "unknown", escapeCharacter));
  const context = contextOf(stages, {
    top: top.flatMap(({ places }) => places.filter(isDefinition)),
    definitions: stages.map((stage) => definitionsIn(stage, escapeCharacter)),
    names: stages.map(({ name }) => name?.text),
    bases: basesOf(stages, file),
  });
  const namesOfStage = (stage: Stage) => stageNames(stage, file.stages[stage.index], escapeCharacter);
  const inside = (index: number) => {
    const stage = stages[index];
    if (stage) return occurrencesOf(stage, namesOfStage(stage), context);
    return top.flatMap((one) => occurrencesIn(one, undefined, context));
  };
  const links = () => stages.flatMap((stage) => linksOf(stage, { names: namesOfStage(stage), context, file }));
  const usesName = (index: number, name: string) => {
    const stage = stages[index];
    const { assigned, named } = stage ? namesOfStage(stage) : { named: top };
    const isNamed = (place: NamePlace) => place.kind === "variable" && place.name === name;
    return assigned?.has(name) || named.some(({ places }) => places.some(isNamed));
  };
  return { scope: context, inside, links, parents: context.bases, usesName };
}

const knownDefinitions = new WeakMap<Stage, readonly VariablePlace[]>();

function definitionsIn(stage: Stage, escapeCharacter: "\\" | "`"): readonly VariablePlace[] {
  const known = knownDefinitions.get(stage);
  if (known) return known;
  const found: VariablePlace[] = [];
  for (const instruction of stage.instructions) {
    const { keyword } = instruction.keyword === "ONBUILD" ? (instruction.trigger ?? instruction) : instruction;
    if (keyword !== "ARG" && keyword !== "ENV") continue;
    for (const place of namesIn(instruction, "unknown", escapeCharacter).places) {
      if (isDefinition(place)) found.push(place);
    }
  }
  knownDefinitions.set(stage, found);
  return found;
}

function isDefinition(place: NamePlace): place is VariablePlace {
  return place.kind === "variable" && place.role === "definition";
}

/** For each stage the index of the one above it that its FROM names. */
function basesOf(stages: readonly Stage[], file: FileView): readonly (number | undefined)[] {
  const above = new Map<string, number>();
  return stages.map(({ from, name }, index) => {
    const written = from.words[0]?.text ?? "";
    const text = written.includes("$") ? file.stages[index]?.base.resolved : written;
    const base = above.get(text?.toLowerCase() ?? "");
    if (name) above.set(name.text.toLowerCase(), index);
    return base;
  });
}

type Decisive = Pick<Context, "top" | "definitions" | "names" | "bases">;

/** Kept by what the first FROM says, which versions of a file have in common. */
const knownContext = new WeakMap<object, Context>();

/** That of the version before, when all that counts is the same. */
function contextOf(stages: readonly Stage[], now: Decisive): Context {
  const key = stages[0]?.from.content ?? {};
  const before = knownContext.get(key);
  const context = before && isSameContext(before, now) ? before : newContext(now);
  knownContext.set(key, context);
  return context;
}

function newContext(now: Decisive): Context {
  const scopes = new Scopes(
    now.top.map(({ name }) => name),
    now.definitions.map((definitions, index) => ({ parent: now.bases[index], definitions })),
  );
  const byName = new Map<string, number>();
  now.names.forEach((name, index) => {
    if (name !== undefined) byName.set(name.toLowerCase(), index);
  });
  return { ...now, scopes, byName, entities: now.names.map((_, index) => `stage ${index}`) };
}

function isSameContext(before: Decisive, now: Decisive): boolean {
  return (
    isSameList(before.names, now.names) &&
    isSameList(before.bases, now.bases) &&
    isSameList(before.top, now.top, isSameDefinition) &&
    isSameList(before.definitions, now.definitions, (a, b) => a === b || isSameList(a, b, isSameDefinition))
  );
}

function isSameDefinition(a: VariablePlace, b: VariablePlace): boolean {
  return a.name === b.name && a.isArg === b.isArg;
}

function isSameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean = Object.is): boolean {
  return a.length === b.length && a.every((one, at) => same(one, b[at] as T));
}

const knownNames = new WeakMap<Stage, StageNames>();
const shellForms = new Set(["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD"]);

function stageNames(stage: Stage, view: StageView | undefined, escapeCharacter: "\\" | "`"): StageNames {
  const known = knownNames.get(stage);
  if (known && known.view === view) return known;
  const dialects: Dialect[] = [];
  stage.instructions.forEach(({ keyword }, at) => {
    if (view && shellForms.has(keyword)) dialects.push(dialectIn(view.shellBefore(at), escapeCharacter));
  });
  if (known && isSameList(known.dialects, dialects)) {
    known.view = view;
    return known;
  }
  const named: InstructionNames[] = [];
  const assigned = new Set<string>();
  const add = (instruction: Instruction, dialect: Dialect) => {
    const names = namesIn(instruction, dialect, escapeCharacter);
    if (names.places.length > 0) named.push(names);
    for (const name of names.assigned) assigned.add(name);
  };
  add(stage.from, "unknown");
  let shells = 0;
  for (const instruction of stage.instructions) {
    add(instruction, shellForms.has(instruction.keyword) ? (dialects[shells++] ?? "sh") : "unknown");
  }
  const found = { view, dialects, named, assigned };
  knownNames.set(stage, found);
  return found;
}

function namesIn(instruction: Instruction, dialect: Dialect, escapeCharacter: "\\" | "`") {
  const { places, assigned } = namesOf(instruction.trigger ?? instruction, dialect, escapeCharacter);
  return { instruction, places, assigned };
}

const knownOccurrences = new WeakMap<
  StageNames,
  { readonly context: Context; readonly occurrences: readonly Occurrence[] }
>();

function occurrencesOf(stage: Stage, own: StageNames, context: Context): readonly Occurrence[] {
  const known = knownOccurrences.get(own);
  if (known?.context === context) return known.occurrences;
  const occurrences = own.named.flatMap((one) => occurrencesIn(one, stage, context));
  knownOccurrences.set(own, { context, occurrences });
  return occurrences;
}

function occurrencesIn(
  { instruction, places }: InstructionNames,
  stage: Stage | undefined,
  { scopes, names, bases, entities, ...context }: Context,
): Occurrence[] {
  const found: Occurrence[] = [];
  const isOutside = stage === undefined || instruction === stage.from;
  const index = stage?.index ?? -1;
  for (const place of places) {
    if (place.kind === "variable") {
      const entity = isOutside ? scopes.global(place.name) : scopes.inside(index, place.name);
      if (entity) found.push(new PlacedOccurrence(place, { instruction, stage: index, entity, name: place.name }));
      continue;
    }
    const target = place.kind === "stage" ? sourceOf(place, context) : place.kind === "base" ? bases[index] : index;
    const entity = entities[target ?? -1];
    // What a variable names in FROM is no place of the stage's name.
    if (entity === undefined || (place.kind === "base" && place.text.includes("$"))) continue;
    found.push(
      new PlacedOccurrence(place, { instruction, stage: index, entity, name: names[target ?? -1] ?? `${target}` }),
    );
  }
  return found;
}

/** Of `--from` and mounts. */
function sourceOf({ text, isCounted }: StagePlace, { byName }: Pick<Context, "byName">): number | undefined {
  return isCounted ? Number(text) : byName.get(text.toLowerCase());
}

interface LinkSurroundings {
  readonly names: StageNames;
  readonly context: Context;
  readonly file: FileView;
}

function linksOf(stage: Stage, { names, context, file }: LinkSurroundings): readonly StageLink[] {
  const links: StageLink[] = [];
  for (const { instruction, places } of names.named) {
    for (const place of places) {
      if (place.kind === "variable" || place.kind === "own name") continue;
      const isBase = place.kind === "base";
      const isComputed = isBase && place.text.includes("$");
      const target = place.kind === "base" ? context.bases[stage.index] : sourceOf(place, context);
      links.push({
        stage,
        target: file.dockerfile.stages[target ?? -1],
        text: isComputed ? file.stages[stage.index]?.base.resolved : place.text,
        range: moved(place.range, (instruction.trigger ?? instruction).range.start.line),
        isComputed,
        isBase,
      });
    }
  }
  return links;
}
