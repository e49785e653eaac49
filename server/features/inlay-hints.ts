import { type InlayHint, InlayHintKind } from "vscode-languageserver";
import type { Instruction } from "../../engine/analysis.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { splitImageName } from "../lint/image-names.ts";
import { joined } from "./hover/sources.ts";
import { expandedHere } from "./hover/variables.ts";
import type { FindImage } from "./image-facts.ts";

export interface HintOptions {
  readonly variables: boolean;
  readonly images: boolean;
  readonly translate: (message: Message) => string;
  readonly findImage?: FindImage;
}

const longest = 60;
/** So many images of the visible lines are asked about. */
const mostImages = 20;

/** Behind words with variables what they are here; behind a digest the tag that the engine knows for it. */
export async function inlayHints(analysis: Analysis, range: Range, options: HintOptions): Promise<InlayHint[]> {
  const { instructions } = analysis.dockerfile;
  const hints: InlayHint[] = [];
  const digests: Promise<InlayHint | undefined>[] = [];
  for (let at = firstIn(instructions, range.start.line); at < instructions.length; at += 1) {
    const instruction = instructions[at];
    if (!instruction || instruction.range.start.line > range.end.line) break;
    if (options.variables) hints.push(...ofInstruction(analysis, instruction, options));
    const [word] = instruction.words;
    if (!options.images || instruction.keyword !== "FROM" || !word?.text.includes("@sha256:")) continue;
    if (digests.length < mostImages) digests.push(ofDigest(word, options));
  }
  const named = await Promise.all(digests);
  return [...hints, ...named.flatMap((hint) => hint ?? [])];
}

/** Index of the first instruction that ends in the line or below it. */
function firstIn(instructions: readonly Instruction[], line: number): number {
  let low = 0;
  let high = instructions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instructions[middle]?.range.end.line ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

const expanding = new Set("FROM COPY ADD WORKDIR USER EXPOSE VOLUME STOPSIGNAL".split(" "));

function* ofInstruction(analysis: Analysis, outer: Instruction, { translate }: HintOptions): Generator<InlayHint> {
  if (!expanding.has(outer.keyword)) return;
  const stage = analysis.stageAt(outer.range.start.line);
  const view = stage && analysis.views.stages[stage.index];
  const spot = { analysis, stage, view, outer };
  const words = outer.keyword === "FROM" ? outer.words.slice(0, 1) : outer.words;
  const flags = outer.flags.flatMap(({ name, value = "", valueRange }) =>
    valueRange && name !== "from" ? [{ text: value, range: valueRange }] : [],
  );
  for (const { text, range } of [...flags, ...words]) {
    if (!text.includes("$") || text.startsWith("<<")) continue;
    const value = expandedHere(spot, text);
    if (value !== undefined && value !== text) yield hintAt(range, `= ${short(value)}`);
  }
  if (outer.keyword !== "WORKDIR") return;
  const text = outer.rest.text.trim();
  const before = view?.workdirAt(outer);
  if (before === undefined || text === "" || /^(?:["'$/]|[A-Za-z]:)/.test(text)) return;
  const whole = outer.rest.rangeOf(outer.rest.text.indexOf(text), outer.rest.text.indexOf(text) + text.length);
  const path = joined(before, expandedHere(spot, text) ?? text);
  yield { ...hintAt(whole, `= ${short(path)}`), tooltip: translate(msg("The working folder from here on")) };
}

async function ofDigest(
  { text, range }: { readonly text: string; readonly range: Range },
  { findImage, translate }: HintOptions,
): Promise<InlayHint | undefined> {
  const { repository, tag } = splitImageName(text);
  if (tag !== undefined) return undefined;
  const facts = await findImage?.(text);
  const names = facts?.tags.filter((name) => splitImageName(name).repository.endsWith(repository)) ?? [];
  const [name] = names;
  if (name === undefined) return undefined;
  const tooltip = translate(msg("A name that this digest has on this machine"));
  return { ...hintAt(range, `:${splitImageName(name).tag ?? "latest"}`), tooltip };
}

function hintAt({ end }: Range, label: string): InlayHint {
  return { position: end, label, kind: InlayHintKind.Parameter, paddingLeft: true };
}

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
