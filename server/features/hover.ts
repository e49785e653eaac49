import { type Hover, MarkupKind } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { baseHover } from "../base-language.ts";
import { contains } from "../lint/fixes.ts";
import type { Translate } from "./diagnostics.ts";
import { flagDocs } from "./flag-docs.ts";

/** A variable or stage shows where it comes from, a flag what it does; keywords are the library's. */
export function hover(analysis: Analysis, position: Position, translate: Translate): Hover | undefined {
  return ofSymbol(analysis, position) ?? ofFlag(analysis, position, translate) ?? baseHover(analysis, position);
}

function ofSymbol({ symbols, lines }: Analysis, position: Position): Hover | undefined {
  const one = symbols.at(position);
  const found = one && symbols.definitionOf(one);
  if (!one || !found) return undefined;
  const { start, end } = found.instruction.range;
  const shown = lines.slice(start.line, Math.min(end.line + 1, start.line + 20));
  return { contents: { kind: MarkupKind.Markdown, value: fenced(shown.join("\n")) }, range: one.range };
}

function ofFlag(analysis: Analysis, position: Position, translate: Translate): Hover | undefined {
  const instruction = analysis.instructionAt(position);
  const flag = instruction?.flags.find(({ nameRange }) => contains(nameRange, position));
  const doc = instruction && flag && flagDocs[instruction.keyword]?.[flag.name];
  return doc && { contents: { kind: MarkupKind.Markdown, value: translate(doc) }, range: flag.nameRange };
}

/** A fence longer than any run of backquotes in the text. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}dockerfile\n${code}\n${fence}`;
}
