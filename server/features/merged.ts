import type { CompletionItem, DocumentHighlight, Hover, Location, SignatureHelp } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { type BaseLanguage, baseLanguage, mayKnow } from "../base-language.ts";
import { placeAt } from "./completion/place.ts";
import { definition } from "./definition.ts";
import { highlights } from "./highlights.ts";
import type { HoverAsks } from "./hover/spot.ts";
import { hover } from "./hover.ts";
import { signatureHelp } from "./signature-help.ts";

/** Our answers; where there is none, those of the base library about the instruction. `merged.test.ts` says where that is. */

export async function mergedHover(analysis: Analysis, position: Position, asks: HoverAsks): Promise<Hover | undefined> {
  return (await hover(analysis, position, asks)) ?? (await baseAt(analysis, position))?.hover(analysis, position);
}

export async function mergedSignatureHelp(
  analysis: Analysis,
  position: Position,
  translate: HoverAsks["translate"],
): Promise<SignatureHelp | undefined> {
  return (
    signatureHelp(analysis, position, translate) ??
    (await baseAt(analysis, position))?.signatureHelp(analysis, position)
  );
}

/** A name that is still being written: a heredoc without its end, a variable without a value. */
export async function mergedDefinition(analysis: Analysis, position: Position): Promise<Location | undefined> {
  return definition(analysis, position) ?? (await baseAt(analysis, position))?.definition(analysis, position);
}

/** A variable of the base image: within the instruction. */
export async function mergedHighlights(analysis: Analysis, position: Position): Promise<DocumentHighlight[]> {
  const own = highlights(analysis, position);
  const before = analysis.dockerfile.lines.at(position.line).slice(0, position.character);
  if (own.length > 0 || !/\$\{?\w*$/.test(before)) return own;
  return (await baseLanguage())?.highlights(analysis, position) ?? [];
}

/** Flags with places to fill in, below what else may follow the keyword. */
export async function baseItems(analysis: Analysis, position: Position, snippets: boolean): Promise<CompletionItem[]> {
  const { kind, before, keyword } = placeAt(analysis, position, {});
  if (kind !== "arguments" || !/^(?:--\S+\s+)*$/.test(before)) return [];
  const found = (await baseLanguage())?.completion(analysis, position, snippets) ?? [];
  return found.flatMap((item) => {
    const flag = /^--([\w-]+)=/.exec(item.label)?.[1];
    return flag === undefined
      ? []
      : [{ ...item, sortText: `~${item.label}`, data: { doc: `flag/${keyword}/${flag}` } }];
  });
}

async function baseAt(analysis: Analysis, position: Position): Promise<BaseLanguage | undefined> {
  return mayKnow(analysis, position) ? await baseLanguage() : undefined;
}
