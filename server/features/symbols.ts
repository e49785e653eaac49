import { type DocumentSymbol, SymbolKind } from "vscode-languageserver";
import type { Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { comparePositions } from "../lint/fixes.ts";

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

/** Stages with their instructions below them; ARGs before the first FROM stand beside the stages. */
export function symbols({ dockerfile }: Analysis): DocumentSymbol[] {
  return [...dockerfile.globalArgs.map(ofInstruction), ...dockerfile.stages.map(keptStage)];
}

/** What is the same object as in the version before has the same symbol. */
const stages = new WeakMap<Stage, DocumentSymbol>();
const instructions = new WeakMap<Instruction, DocumentSymbol>();

function keptStage(stage: Stage): DocumentSymbol {
  const symbol = stages.get(stage) ?? ofStage(stage);
  stages.set(stage, symbol);
  return symbol;
}

function keptInstruction(instruction: Instruction): DocumentSymbol {
  const symbol = instructions.get(instruction) ?? ofInstruction(instruction);
  instructions.set(instruction, symbol);
  return symbol;
}

function ofStage({ name, from, instructions: own, range, index }: Stage): DocumentSymbol {
  const image = from.words[0]?.text ?? "";
  return {
    name: name?.text ?? (image || `${index}`),
    detail: name ? `FROM ${image}` : "FROM",
    kind: SymbolKind.Module,
    range: cover(range, name?.range ?? from.range),
    selectionRange: name?.range ?? from.range,
    children: own.map(keptInstruction),
  };
}

function ofInstruction({ keyword, rest, range, keywordWord }: Instruction): DocumentSymbol {
  const detail = rest.text.replace(/\s+/g, " ").trim();
  return {
    name: `${keyword} ${detail.length > longest ? `${detail.slice(0, longest)}…` : detail}`.trim(),
    kind: kinds[keyword] ?? SymbolKind.Function,
    range: cover(range, keywordWord.range),
    selectionRange: keywordWord.range,
  };
}

/** Editors refuse a symbol whose selection is not inside its range. */
function cover(outer: Range, inner: Range): Range {
  return {
    start: comparePositions(outer.start, inner.start) <= 0 ? outer.start : inner.start,
    end: comparePositions(outer.end, inner.end) >= 0 ? outer.end : inner.end,
  };
}
