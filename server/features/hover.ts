import { type Hover, MarkupKind } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { contains } from "../lint/fixes.ts";
import { documentation } from "./completion/docs.ts";
import { ofArgument } from "./hover/arguments.ts";
import { ofFlag } from "./hover/flags.ts";
import { ofIgnored } from "./hover/ignored.ts";
import { imageText, ofImage } from "./hover/images.ts";
import { ofKeyword } from "./hover/keywords.ts";
import { ofCommand } from "./hover/programs.ts";
import { ofSource } from "./hover/sources.ts";
import { type HoverAsks, paragraphs, type Said, spotAt, type Teller } from "./hover/spot.ts";
import { ofStage } from "./hover/stages.ts";
import { ofVariable } from "./hover/variables.ts";

const tellers: readonly Teller[] = [ofKeyword, ofVariable, ofStage, ofImage, ofFlag, ofSource, ofArgument, ofCommand];

/** What there is to say of the word at a place. Files and the engine are asked only where the word is about them. */
export async function hover(analysis: Analysis, position: Position, asks: HoverAsks): Promise<Hover | undefined> {
  const said = await saidAt(analysis, position, asks);
  return said && { contents: { kind: MarkupKind.Markdown, value: said.text }, range: said.range };
}

async function saidAt(analysis: Analysis, position: Position, asks: HoverAsks): Promise<Said | undefined> {
  const ignored = ofIgnored(analysis, position, asks);
  if (ignored) return ignored;
  const spot = spotAt(analysis, position, asks);
  if (!spot) return ofDirective(analysis, position, asks);
  for (const teller of tellers) {
    const answer = teller(spot);
    const said = answer instanceof Promise ? await answer : answer;
    if (said) return said;
  }
  return undefined;
}

async function ofDirective(analysis: Analysis, position: Position, asks: HoverAsks): Promise<Said | undefined> {
  const directive = analysis.dockerfile.directives.find(({ range }) => contains(range, position));
  if (!directive) return undefined;
  const { name, value, valueRange, range } = directive;
  if (name === "syntax" && contains(valueRange, position)) {
    return { text: await imageText(value, asks), range: valueRange };
  }
  const says = documentation(`directive/${name}`, asks.translate);
  const link = `[${name}](https://docs.docker.com/reference/dockerfile/#${name})`;
  return says === undefined ? undefined : { text: paragraphs(`**${name}** — ${says}`, link), range };
}
