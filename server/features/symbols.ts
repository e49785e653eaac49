import { type DocumentSymbol, SymbolKind } from "vscode-languageserver";
import { type Dockerfile, type Instruction, readPairs, type Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { comparePositions } from "../lint/fixes.ts";
import type { KnownJson } from "../wire.ts";

const kinds: Readonly<Record<string, SymbolKind>> = {
  ARG: SymbolKind.Constant,
  ENV: SymbolKind.Variable,
  COPY: SymbolKind.File,
  ADD: SymbolKind.File,
  EXPOSE: SymbolKind.Interface,
  VOLUME: SymbolKind.Object,
  LABEL: SymbolKind.Property,
  CMD: SymbolKind.Event,
  ENTRYPOINT: SymbolKind.Event,
};

const longest = 60;

/** Stages with their instructions below them; what stands before the first FROM (also one that is misspelt) stands beside them. */
export function symbols({ dockerfile }: Analysis): DocumentSymbol[] {
  return [...aboveStages(dockerfile).map(ofInstruction), ...dockerfile.stages.map(ofStage)];
}

function aboveStages({ instructions, stages: [first] }: Dockerfile): readonly Instruction[] {
  return first ? instructions.slice(0, instructions.indexOf(first.from)) : instructions;
}

/** The same as JSON: that of a stage is kept as long as the stage is the same. The symbols themselves are not: they are large. */
export class SymbolList implements KnownJson<DocumentSymbol> {
  readonly #analysis: Analysis;

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
  }

  writeTo(put: (text: string) => void): void {
    const { dockerfile } = this.#analysis;
    let isFirst = true;
    const add = (json: string) => {
      if (!isFirst) put(",");
      isFirst = false;
      put(json);
    };
    for (const instruction of aboveStages(dockerfile)) add(JSON.stringify(ofInstruction(instruction)));
    for (const stage of dockerfile.stages) add(jsonOfStage(stage));
  }

  toJSON(): DocumentSymbol[] {
    return symbols(this.#analysis);
  }
}

/** Counted for tests. */
export const work = { stages: 0 };

const stages = new WeakMap<Stage, string>();

function jsonOfStage(stage: Stage): string {
  const known = stages.get(stage);
  if (known !== undefined) return known;
  work.stages += 1;
  const json = JSON.stringify(ofStage(stage));
  stages.set(stage, json);
  return json;
}

function ofStage({ name, from, instructions: own, range, index }: Stage): DocumentSymbol {
  const image = from.words[0]?.text ?? "";
  return {
    name: name?.text ?? (image || `${index}`),
    detail: name ? `FROM ${image}` : "FROM",
    kind: SymbolKind.Module,
    range: cover(range, name?.range ?? from.range),
    selectionRange: name?.range ?? from.range,
    children: own.map(ofInstruction),
  };
}

/** The name is what a person reads in the breadcrumbs: keyword and arguments. Flags and the first line of a heredoc come behind it. */
function ofInstruction(instruction: Instruction): DocumentSymbol {
  const { keyword, rest, range, keywordWord, flags, trigger } = instruction;
  const { heredocs } = trigger ?? instruction;
  const body = /\S.*/.exec(heredocs[0]?.content ?? "")?.[0] ?? "";
  const written = flags.map(({ name, rawValue }) => (rawValue ? `--${name}=${rawValue.text}` : `--${name}`));
  const detail = heredocs.length > 0 ? body : written.join(" ");
  const children = pairsOf(instruction);
  return {
    name: `${keyword} ${short(rest.text)}`.trim(),
    ...(detail && { detail: short(detail) }),
    kind: kinds[keyword] ?? SymbolKind.Function,
    range: cover(range, keywordWord.range),
    selectionRange: keywordWord.range,
    ...(children.length > 1 && { children }),
  };
}

/** Several variables or labels of one instruction. */
function pairsOf(instruction: Instruction): DocumentSymbol[] {
  const { keyword, rest } = instruction;
  if (keyword !== "ENV" && keyword !== "ARG" && keyword !== "LABEL") return [];
  // Editors refuse a symbol without a name.
  const pairs = readPairs(instruction).pairs.filter(({ name }) => name !== "");
  return pairs.map(({ name, nameSpan, value, valueSpan }) => ({
    name,
    ...(value && { detail: short(value) }),
    kind: kinds[keyword] ?? SymbolKind.Function,
    range: rest.rangeOf(nameSpan.start, valueSpan?.end ?? nameSpan.end),
    selectionRange: rest.rangeOf(nameSpan.start, nameSpan.end),
  }));
}

function short(text: string): string {
  // Of a long text only what may be shown is looked at.
  const line = text
    .slice(0, longest * 4)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Editors refuse a symbol whose selection is not inside its range. */
function cover(outer: Range, inner: Range): Range {
  return {
    start: comparePositions(outer.start, inner.start) <= 0 ? outer.start : inner.start,
    end: comparePositions(outer.end, inner.end) >= 0 ? outer.end : inner.end,
  };
}
