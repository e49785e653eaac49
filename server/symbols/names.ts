import {
  expansionsOf,
  flagText,
  type Instruction,
  type MappedText,
  readMountFields,
  readPairs,
} from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import { comparePositions } from "../lint/fixes.ts";
import type { Dialect } from "../shell/model.ts";
import { type Assigned, readAssigned } from "./shell-locals.ts";
import { shellTextsOf } from "./shell-texts.ts";
import { findBodyUses, findShellUses } from "./shell-uses.ts";

/** A place in an instruction where something is named; lines count from the instruction's first one. */
export type NamePlace = VariablePlace | StagePlace | FromPlace<"base"> | FromPlace<"own name">;

export interface VariablePlace {
  readonly kind: "variable";
  readonly name: string;
  readonly range: Range;
  /** `definition`: ARG or ENV. `write`: a script gives what came from outside another value. */
  readonly role: "definition" | "write" | "use";
  readonly isArg: boolean;
  readonly hasValue: boolean;
}

/** `--from=` of COPY and ADD, `from=` of RUN's mounts. */
export interface StagePlace {
  readonly kind: "stage";
  readonly text: string;
  readonly range: Range;
  /** `--from=0`: the stage's number. A mount counts no stages. */
  readonly isCounted: boolean;
}

/** What FROM names, and how the stage is called. */
export interface FromPlace<Kind> {
  readonly kind: Kind;
  readonly text: string;
  readonly range: Range;
}

export interface Names {
  /** In file order. */
  readonly places: readonly NamePlace[];
  /** What its scripts set themselves. */
  readonly assigned: ReadonlySet<string>;
}

interface Known {
  readonly dialect: Dialect;
  readonly names: Names;
}

/** By what the instruction says, wherever it stands. */
const known = new WeakMap<object, Known>();
/** How many instructions were read in this process; tests count. */
export const reads = { count: 0 };

const noNames: ReadonlySet<string> = new Set();
const nothing: Names = { places: [], assigned: noNames };

/** What one instruction names; of an ONBUILD, give the trigger. `dialect`: of the shell that holds for it. */
export function namesOf(instruction: Instruction, dialect: Dialect, escapeCharacter: "\\" | "`"): Names {
  const kept = known.get(instruction.content);
  if (kept?.dialect === dialect) return kept.names;
  reads.count += 1;
  const names = readNames(instruction, dialect, escapeCharacter);
  known.set(instruction.content, { dialect, names });
  return names;
}

function readNames(instruction: Instruction, dialect: Dialect, escapeCharacter: "\\" | "`"): Names {
  const places: NamePlace[] = [...stagePlaces(instruction), ...definitions(instruction), ...fromPlaces(instruction)];
  for (const { name, nameRange } of expansionsOf(instruction, escapeCharacter)) places.push(useOf(name, nameRange));
  const assigned = addShell(places, instruction, dialect);
  if (places.length === 0 && assigned.size === 0) return nothing;
  const { line } = instruction.range.start;
  const relative = line === 0 ? places : places.map((place) => ({ ...place, range: moved(place.range, -line) }));
  return { places: relative.sort((a, b) => comparePositions(a.range.start, b.range.start)), assigned };
}

function useOf(name: string, range: Range, role: VariablePlace["role"] = "use"): VariablePlace {
  return { kind: "variable", name, range, role, isArg: false, hasValue: false };
}

function stagePlaces({ keyword, flags }: Instruction): StagePlace[] {
  return flags.flatMap((flag): StagePlace[] => {
    if (flag.name === "from" && (keyword === "COPY" || keyword === "ADD")) {
      const text = flagText(flag);
      return text.text === "" ? [] : [stagePlace(text, true)];
    }
    if (flag.name !== "mount" || keyword !== "RUN") return [];
    const from = readMountFields(flag).fields.findLast(({ key }) => key === "from");
    return from?.value ? [stagePlace(from.mapped, false)] : [];
  });
}

function fromPlaces({ keyword, words }: Instruction): NamePlace[] {
  if (keyword !== "FROM") return [];
  const [base, as, name] = words;
  const places: NamePlace[] = [];
  if (base) places.push({ kind: "base", text: base.text, range: base.range });
  if (name && /^as$/i.test(as?.text ?? "")) places.push({ kind: "own name", text: name.text, range: name.range });
  return places;
}

function stagePlace(mapped: MappedText, mayCount: boolean): StagePlace {
  return {
    kind: "stage",
    text: mapped.text,
    range: mapped.rangeOf(0, mapped.text.length),
    isCounted: mayCount && /^[+-]?\d+$/.test(mapped.text),
  };
}

const definable = /^[^\s"'$\\`=]+$/;

function definitions(instruction: Instruction): VariablePlace[] {
  const { keyword, rest } = instruction;
  if (keyword !== "ARG" && keyword !== "ENV") return [];
  return readPairs(instruction)
    .pairs.filter(({ name }) => definable.test(name))
    .map(({ name, nameSpan, value }) => ({
      kind: "variable",
      name,
      range: rest.rangeOf(nameSpan.start, nameSpan.end),
      role: "definition",
      isArg: keyword === "ARG",
      hasValue: value !== undefined,
    }));
}

/** Adds what the scripts use of what comes from outside; the answer is what they set themselves. */
function addShell(places: NamePlace[], instruction: Instruction, dialect: Dialect): ReadonlySet<string> {
  const texts = shellTextsOf(instruction, dialect);
  if (texts.length === 0) return noNames;
  const read = texts.map((text) => {
    const uses = text.isScript ? findShellUses(text.text, text.dialect) : findBodyUses(text.text);
    const isShell = text.isScript && text.dialect !== "powershell" && text.dialect !== "cmd";
    const assigned: Assigned | undefined = isShell ? readAssigned(text.text, uses) : undefined;
    return { text, uses, assigned };
  });
  const locals = new Set(read.flatMap(({ assigned }) => [...(assigned?.locals ?? [])]));
  for (const { text, uses, assigned } of read) {
    const add = (name: string, start: number, role: VariablePlace["role"]) => {
      if (!locals.has(name)) places.push(useOf(name, text.rangeOf(start, start + name.length), role));
    };
    for (const { name, start } of uses) add(name, start, "use");
    for (const { name, start } of assigned?.writes ?? []) add(name, start, "write");
    for (const { name, start } of assigned?.tests ?? []) add(name, start, "use");
  }
  const names = read.flatMap(({ assigned }) => [...(assigned?.names ?? [])]);
  return names.length === 0 ? noNames : new Set(names);
}

export function moved({ start, end }: Range, lines: number): Range {
  const down = ({ line, character }: Position) => ({ line: line + lines, character });
  return { start: down(start), end: down(end) };
}
