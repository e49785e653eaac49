import type { Dockerfile, Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { FileView, StageView } from "../lint/views.ts";
import type { Dialect } from "../shell/model.ts";
import type { Occurrence, StageLink } from "./model.ts";
import { moved, namesOf, type StagePlace, type VariablePlace } from "./names.ts";
import { Scopes } from "./scopes.ts";
import { dialectIn } from "./shell-texts.ts";

export interface ReadSymbols {
  /** In file order. */
  readonly occurrences: readonly Occurrence[];
  /** In file order. */
  readonly links: readonly StageLink[];
  /** For each stage the index of the one that it is built FROM. */
  readonly parents: readonly (number | undefined)[];
  /** Does anything in a stage, or above all stages (-1), have this variable's name, declared or not? */
  usesName(stage: number, name: string): boolean;
}

/** The name behind FROM or AS. */
interface FromPlace {
  readonly kind: "base" | "own name";
  readonly text: string;
}

interface PlacedName {
  readonly place: VariablePlace | StagePlace | FromPlace;
  readonly range: Range;
  readonly instruction: Instruction;
}

/** What stands in a stage, with places in the file. */
interface StageNames {
  readonly dialects: readonly Dialect[];
  readonly names: readonly PlacedName[];
  readonly definitions: readonly VariablePlace[];
  /** What its scripts set themselves. */
  readonly assigned: ReadonlySet<string>;
}

/** What a name stands for. */
interface Meaning {
  readonly entity: string;
  readonly name: string;
}

/** One pass over the file. Of what did not change since the version before, places and occurrences are the same objects. */
export function readSymbols(dockerfile: Dockerfile, file: FileView): ReadSymbols {
  const { escape: escapeCharacter, stages } = dockerfile;
  const top = dockerfile.globalArgs.flatMap((arg) => placed(arg, "unknown", escapeCharacter));
  const names = stages.map((stage, index) => stageNames(stage, file.stages[index], escapeCharacter));
  const bases = basesOf(stages, file);
  const parents = bases.map((base) => base?.index);
  const scopes = new Scopes(
    top.flatMap(({ place }) => (isDefinition(place) ? [place.name] : [])),
    names.map(({ definitions }, index) => ({ parent: parents[index], definitions })),
  );
  // A later stage of one name wins, also for a --from above it.
  const byName = new Map(stages.flatMap((stage) => (stage.name ? [[stage.name.text.toLowerCase(), stage]] : [])));
  const sourceOf = ({ text, mayCount }: StagePlace) =>
    mayCount && isCount(text) ? stages[Number(text)] : byName.get(text.toLowerCase());

  const meaningOf = (stage: Stage, { place, instruction }: PlacedName): Meaning | undefined => {
    switch (place.kind) {
      case "variable": {
        const { name } = place;
        const entity = instruction === stage.from ? scopes.global(name) : scopes.inside(stage.index, name);
        return entity === undefined ? undefined : { entity, name };
      }
      case "stage":
        return ofStage(sourceOf(place));
      case "base":
        return place.text.includes("$") ? undefined : ofStage(bases[stage.index]);
      default:
        return ofStage(stage);
    }
  };

  const occurrences: Occurrence[] = [];
  for (const one of top) {
    if (one.place.kind !== "variable") continue;
    const { name } = one.place;
    const entity = scopes.global(name);
    if (entity !== undefined) occurrences.push(occurrenceOf(one, { entity, name }, -1));
  }
  const links: StageLink[] = [];
  stages.forEach((stage, index) => {
    const own = names[index] as StageNames;
    for (const one of occurrencesOf(stage, own, meaningOf)) occurrences.push(one);
    for (const { place, range } of own.names) {
      if (place.kind === "base") {
        const isComputed = place.text.includes("$");
        const text = isComputed ? file.stages[index]?.base.resolved : place.text;
        links.push({ stage, target: bases[index], text, range, isComputed, isBase: true });
      } else if (place.kind === "stage") {
        links.push({ stage, target: sourceOf(place), text: place.text, range, isComputed: false, isBase: false });
      }
    }
  });
  const usesName = (index: number, name: string) => {
    const own = names[index];
    const places = index < 0 ? top : (own?.names ?? []);
    return own?.assigned.has(name) || places.some(({ place }) => place.kind === "variable" && place.name === name);
  };
  return { occurrences, links, parents, usesName };
}

/** For each stage the one above it that its FROM names. */
function basesOf(stages: readonly Stage[], file: FileView): readonly (Stage | undefined)[] {
  const above = new Map<string, Stage>();
  return stages.map((stage, index) => {
    const written = stage.from.words[0]?.text ?? "";
    const text = written.includes("$") ? file.stages[index]?.base.resolved : written;
    const base = above.get(text?.toLowerCase() ?? "");
    if (stage.name) above.set(stage.name.text.toLowerCase(), stage);
    return base;
  });
}

function isCount(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

function isDefinition(place: PlacedName["place"]): place is VariablePlace {
  return place.kind === "variable" && place.role === "definition";
}

function ofStage(stage: Stage | undefined): Meaning | undefined {
  return stage && { entity: `stage ${stage.index}`, name: stage.name?.text ?? `${stage.index}` };
}

const knownNames = new WeakMap<Stage, StageNames>();
const shellForms = new Set(["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD"]);

function stageNames(stage: Stage, view: StageView | undefined, escapeCharacter: "\\" | "`"): StageNames {
  const dialects: Dialect[] = [];
  stage.instructions.forEach(({ keyword }, at) => {
    if (view && shellForms.has(keyword)) dialects.push(dialectIn(view.shellBefore(at), escapeCharacter));
  });
  const known = knownNames.get(stage);
  if (known?.dialects.every((dialect, at) => dialect === dialects[at])) return known;
  const names = fromNames(stage, escapeCharacter);
  const assigned = new Set<string>();
  let shells = 0;
  for (const instruction of stage.instructions) {
    const dialect = shellForms.has(instruction.keyword) ? (dialects[shells++] ?? "sh") : "unknown";
    for (const one of placed(instruction, dialect, escapeCharacter)) names.push(one);
    for (const name of namesOf(instruction.trigger ?? instruction, dialect, escapeCharacter).assigned)
      assigned.add(name);
  }
  const definitions = names.flatMap(({ place, instruction }) =>
    isDefinition(place) && instruction !== stage.from ? [place] : [],
  );
  const found = { dialects, names, definitions, assigned };
  knownNames.set(stage, found);
  return found;
}

function placed(instruction: Instruction, dialect: Dialect, escapeCharacter: "\\" | "`"): PlacedName[] {
  const inner = instruction.trigger ?? instruction;
  const { places } = namesOf(inner, dialect, escapeCharacter);
  if (places.length === 0) return [];
  const { line } = inner.range.start;
  return places.map((place) => ({ place, range: moved(place.range, line), instruction }));
}

function fromNames({ from, name }: Stage, escapeCharacter: "\\" | "`"): PlacedName[] {
  const variables = placed(from, "unknown", escapeCharacter);
  const [base] = from.words;
  const own: PlacedName[] = [];
  if (base) own.push({ place: { kind: "base", text: base.text }, range: base.range, instruction: from });
  if (name) own.push({ place: { kind: "own name", text: name.text }, range: name.range, instruction: from });
  // Flags stand before the image, and a variable is in it or before it.
  return [...variables, ...own];
}

const knownOccurrences = new WeakMap<
  StageNames,
  { readonly meanings: readonly (Meaning | undefined)[]; readonly occurrences: readonly Occurrence[] }
>();

function occurrencesOf(
  stage: Stage,
  own: StageNames,
  meaningOf: (stage: Stage, name: PlacedName) => Meaning | undefined,
): readonly Occurrence[] {
  const meanings = own.names.map((name) => meaningOf(stage, name));
  const known = knownOccurrences.get(own);
  if (known?.meanings.every((meaning, at) => isSame(meaning, meanings[at]))) return known.occurrences;
  const occurrences: Occurrence[] = [];
  own.names.forEach((name, at) => {
    const meaning = meanings[at];
    if (meaning) occurrences.push(occurrenceOf(name, meaning, stage.index));
  });
  knownOccurrences.set(own, { meanings, occurrences });
  return occurrences;
}

function isSame(a: Meaning | undefined, b: Meaning | undefined): boolean {
  return a?.entity === b?.entity && a?.name === b?.name;
}

function occurrenceOf({ place, range, instruction }: PlacedName, { entity, name }: Meaning, stage: number): Occurrence {
  const role = place.kind === "variable" ? place.role : "use";
  const isOwn = place.kind === "own name" || role === "definition";
  return {
    kind: place.kind === "variable" ? "variable" : "stage",
    name,
    range,
    isDefinition: isOwn,
    isWrite: isOwn || role === "write",
    isNamed: place.kind !== "stage" || !(place.mayCount && isCount(place.text)),
    instruction,
    stage,
    entity,
  };
}
