import { expandWord, expansionsOf, readPairs } from "../../../engine/analysis.ts";
import { type Message, msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import type { Analysis } from "../../analysis.ts";
import { contains } from "../../lint/fixes.ts";
import { rootBase } from "../../lint/known-bases.ts";
import { platformArguments } from "../../lint/known-variables.ts";
import type { VariableView } from "../../lint/views.ts";
import { assignedNames } from "../../symbols/shell-uses.ts";
import { wellKnownVariable } from "../docs/variables.ts";
import { code, paragraphs, quoteOf, type Said, type Spot, stageLabel } from "./spot.ts";

interface Use {
  readonly name: string;
  readonly range: Range;
  /** `${NAME:-default}` as it is written, when there is more than the name. */
  readonly expression?: string;
  readonly isDefinition: boolean;
}

/** A variable where it is declared or put in: its value here, and where that comes from. */
export async function ofVariable(spot: Spot): Promise<Said | undefined> {
  const use = useAt(spot);
  // What stands in the text of the hover is a name and nothing else.
  if (!use || !/^\w+$/.test(use.name)) return undefined;
  const { translate, analysis } = spot;
  const { name, range, expression } = use;
  const known = wellKnownVariable(name);
  const variable = use.isDefinition ? declared(spot, name) : variablesOf(spot).get(name);
  const imageEnv = variable?.value === undefined ? await envOfImage(spot) : undefined;
  const inherited = variable ? undefined : imageEnv?.get(name);
  const isForgotten = !variable && inherited === undefined && !inFrom(spot) && analysis.views.globals.has(name);
  const isAutomatic = platformArguments.has(name);
  if (!variable && !known && inherited === undefined && !isForgotten) return undefined;
  const value =
    variable?.value ??
    inherited ??
    (variable && certain(analysis, variable)) ??
    (variable && imageEnv && throughImage(spot, variable, imageEnv));
  const text = paragraphs(
    value === undefined ? `**${name}**` : `**${name}** = ${code(value)}`,
    variable && quoteOf(analysis, variable.instruction),
    expression !== undefined && evaluated(spot, expression),
    variable &&
      origin(spot, variable)
        .map((message) => translate(message))
        .join(" "),
    inherited !== undefined && translate(msg("From the base image")),
    isForgotten &&
      translate(
        msg("It is declared above the first FROM only, so here it is empty: write ARG {name} in this stage.", { name }),
      ),
    isAutomatic &&
      !variable &&
      !inFrom(spot) &&
      translate(msg("In a stage it has its value only behind ARG {name}.", { name })),
    known && translate(known),
  );
  return { text, range };
}

function useAt(spot: Spot): Use | undefined {
  const { analysis, position, instruction, outer } = spot;
  if (!mayBeVariable(instruction.keyword, analysis.dockerfile.lines.at(position.line))) return undefined;
  const one = analysis.symbols.at(position);
  const found = expansionsOf(instruction, analysis.dockerfile.escape).findLast(({ range }) =>
    contains(range, position),
  );
  if (found && (one === undefined || one.name === found.name)) {
    const expression = found.operator === "" ? undefined : analysis.textOf(found.range);
    return {
      name: found.name,
      range: found.range,
      isDefinition: false,
      ...(expression !== undefined && { expression }),
    };
  }
  if (one?.kind === "variable") {
    const isDefinition = one.isDefinition && one.instruction === outer;
    const expression = isDefinition
      ? undefined
      : expressionAround(analysis.dockerfile.lines.at(one.range.start.line), one.range);
    return { name: one.name, range: one.range, isDefinition, ...(expression !== undefined && { expression }) };
  }
  return inScript(spot);
}

/** Most words are none, and the file's names need not be read for them. */
function mayBeVariable(keyword: string, line: string): boolean {
  return keyword === "ENV" || keyword === "ARG" || /[$=]/.test(line);
}

/** A variable that no line of the file declares, in what a shell reads. */
function inScript(spot: Spot) {
  const { analysis, position, instruction } = spot;
  if (!/^(?:RUN|CMD|ENTRYPOINT|HEALTHCHECK)$/.test(instruction.keyword)) return undefined;
  const line = analysis.dockerfile.lines.at(position.line);
  for (const match of line.matchAll(/(\\?)\$\{?([A-Za-z_]\w*)/g)) {
    const start = match.index;
    const end = start + match[0].length;
    if (match[1] !== "" || position.character < start || position.character > end) continue;
    const range = { start: { line: position.line, character: start }, end: { line: position.line, character: end } };
    const name = match[2] ?? "";
    // A declared one is no use of it here: the script sets it itself, or its quotes keep the `$`.
    const isOwn = variablesOf(spot).has(name) || assignedNames(analysis.textOf(instruction.range)).has(name);
    return isOwn ? undefined : { name, range, isDefinition: false };
  }
  return undefined;
}

/** `${NAME:-default}` around a name in a script. */
function expressionAround(line: string, { start, end }: Range): string | undefined {
  if (start.line !== end.line || line.slice(start.character - 2, start.character) !== "${") return undefined;
  const close = line.indexOf("}", end.character);
  return close <= end.character ? undefined : line.slice(start.character - 2, close + 1);
}

function inFrom({ stage, outer }: Spot): boolean {
  return !stage || outer === stage.from;
}

const nothing: ReadonlyMap<string, VariableView> = new Map();

/** What has a value here; in FROM, what stands above all stages. */
function variablesOf(spot: Pick<Spot, "analysis" | "stage" | "view" | "outer">): ReadonlyMap<string, VariableView> {
  const { analysis, stage, outer, view } = spot;
  if (!stage || outer === stage.from) return analysis.views.globals;
  return view?.variablesAt(outer) ?? nothing;
}

/** The variable as the instruction that stands here makes it. */
function declared(spot: Spot, name: string): VariableView | undefined {
  const { instruction, stage, analysis } = spot;
  const pair = readPairs(instruction).pairs.find((one) => one.name === name);
  const kind = instruction.keyword === "ENV" ? "ENV" : "ARG";
  const before = stage ? variablesOf(spot) : nothing;
  const earlier = before.get(name);
  if (kind === "ARG" && earlier?.kind === "ENV") return earlier;
  if (!pair) return undefined;
  const value =
    pair.value === undefined
      ? stage && analysis.views.globals.get(name)?.value
      : expand(spot, pair.value, stage ? before : analysis.views.globals);
  return { name, kind, instruction: spot.outer, ...(value !== undefined && { value }) };
}

function expand(
  { analysis }: Pick<Spot, "analysis">,
  text: string,
  variables: ReadonlyMap<string, VariableView>,
  keepUnset = true,
) {
  const values = new Map<string, string>();
  for (const name of text.match(/[A-Za-z_]\w*/g) ?? []) {
    const value = variables.get(name)?.value;
    if (value !== undefined) values.set(name, value);
  }
  const result = expandWord(text, values, { escape: analysis.dockerfile.escape, keepUnset });
  return "error" in result || result.text.includes("$") ? undefined : result.text;
}

/** The text with its variables put in, as they are here; undefined when one of them is not known. */
export function expandedHere(
  spot: Pick<Spot, "analysis" | "stage" | "view" | "outer">,
  text: string,
): string | undefined {
  return /[$'"\\`]/.test(text) ? expand(spot, text, variablesOf(spot)) : text;
}

/** An ARG without a value counts as unset, which is what a build without `--build-arg` sees. */
function evaluated(spot: Spot, expression: string): string | undefined {
  const variables = variablesOf(spot);
  const isDeclared = (expression.match(/(?<=\$\{?)[A-Za-z_]\w*/g) ?? []).every((name) => variables.has(name));
  const result = expand(spot, expression, variables, !isDeclared);
  return result === undefined ? undefined : `${code(expression)} → ${code(result)}`;
}

const deepest = 10;

/** `ENV A='$B'`: a `$` that is no variable. What is certain is the same with the unknown ones empty as with them left in. */
function certain(analysis: Analysis, { name, instruction }: VariableView, depth = 0): string | undefined {
  const pair = readPairs(instruction.trigger ?? instruction).pairs.find((one) => one.name === name);
  const stage = analysis.stageAt(instruction.range.start.line);
  if (pair?.value === undefined || depth > deepest) return undefined;
  const known = stage ? analysis.views.stages[stage.index]?.variablesAt(instruction) : analysis.views.globals;
  const values = new Map<string, string>();
  for (const used of pair.value.match(/[A-Za-z_]\w*/g) ?? []) {
    const earlier = known?.get(used);
    const isEarlier = earlier && earlier.instruction !== instruction;
    const value = earlier?.value ?? (isEarlier ? certain(analysis, earlier, depth + 1) : undefined);
    if (value !== undefined) values.set(used, value);
  }
  const [kept, empty] = [true, false].map((keepUnset) =>
    expandWord(pair.value ?? "", values, { escape: analysis.dockerfile.escape, keepUnset }),
  );
  if (!kept || !empty || "error" in kept || "error" in empty) return undefined;
  return kept.text === empty.text ? kept.text : undefined;
}

function origin({ analysis, stage }: Spot, { kind, instruction, value, name }: VariableView): readonly Message[] {
  const line = instruction.range.start.line + 1;
  const from = analysis.stageAt(instruction.range.start.line);
  const where =
    from === undefined
      ? msg("{kind} above all stages, line {line}.", { kind, line })
      : from === stage
        ? msg("{kind} in line {line}.", { kind, line })
        : msg("{kind} of stage {stage}, line {line}.", { kind, line, stage: code(stageLabel(from)) });
  // What the builder sets by itself is said of it below.
  if (kind === "ENV" || (value === undefined && platformArguments.has(name))) return [where];
  const argument = `--build-arg ${name}=…`;
  return value === undefined
    ? [where, msg("It has no value that the file knows: {argument} gives one.", { argument: code(argument) })]
    : [where, msg("{argument} gives another value.", { argument: code(argument) })];
}

/** What the image brings that the stage is built from, when the engine has it. */
async function envOfImage({ view, findImage, stage, outer }: Spot): Promise<ReadonlyMap<string, string> | undefined> {
  if (!view || !findImage || outer === stage?.from) return undefined;
  const { kind, resolved } = rootBase(view);
  const facts = kind === "image" && resolved !== undefined ? await findImage(resolved) : undefined;
  return facts ? new Map(Object.entries(facts.env)) : undefined;
}

/** `ENV PATH=/app/bin:$PATH`: the value of a variable whose text needs one of the image. */
function throughImage(
  { analysis, view }: Spot,
  { name, kind, instruction }: VariableView,
  imageEnv: ReadonlyMap<string, string>,
): string | undefined {
  const text = kind === "ENV" ? readPairs(instruction).pairs.find((pair) => pair.name === name)?.value : undefined;
  const isOwn = analysis.stageAt(instruction.range.start.line) === view?.stage;
  if (text === undefined || !isOwn) return undefined;
  const known = view?.variablesAt(instruction) ?? nothing;
  const values = new Map(imageEnv);
  for (const used of text.match(/[A-Za-z_]\w*/g) ?? []) {
    const earlier = known.get(used);
    if (!earlier) continue;
    // What the stage has set in a way that is not known hides the image's.
    if (earlier.value === undefined) return undefined;
    values.set(used, earlier.value);
  }
  const result = expandWord(text, values, { escape: analysis.dockerfile.escape, keepUnset: true });
  return "error" in result || result.text.includes("$") ? undefined : result.text;
}
