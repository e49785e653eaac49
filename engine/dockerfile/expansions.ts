import type { Message } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import { isExpandable, readVariables } from "./expand.ts";
import { flagText } from "./flag-text.ts";
import { findHeredocs } from "./heredoc.ts";
import type { Instruction, MappedText } from "./model.ts";
import { readMountFields } from "./mount-flag.ts";
import { readPairs } from "./pairs.ts";
import { partOf } from "./text.ts";
import { splitAtBlanks } from "./words.ts";

/** `$name` or `${name…}` at a place of the file. */
export interface Expansion {
  readonly name: string;
  /** `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `%`, `/`; empty for the plain forms. */
  readonly operator: string;
  /** With `$` and braces. */
  readonly range: Range;
  readonly nameRange: Range;
}

/** A text that the builder expands as one. */
export interface ExpandedText {
  readonly text: MappedText;
  /** False for bodies of heredocs, where quotes are ordinary characters and the escape character is always `\`. */
  readonly quotes: boolean;
}

type Escape = "\\" | "`";

/** All variables of a text, those in defaults too, in the order in which they start. */
export function expansionsIn(
  text: MappedText,
  { escape: escapeChar = "\\", quotes = true }: { readonly escape?: Escape; readonly quotes?: boolean } = {},
): readonly Expansion[] {
  if (!text.text.includes("$")) return nothing;
  return [...readVariables(text.text, { escape: escapeChar, quotes }).uses]
    .sort((a, b) => a.start - b.start)
    .map(({ name, operator, start, end, nameStart, nameEnd }) => ({
      name,
      operator,
      range: text.rangeOf(start, end),
      nameRange: text.rangeOf(nameStart, nameEnd),
    }));
}

/**
 * The variables that the builder itself puts in; those of an ONBUILD are put in when it is triggered, in the stage that is
 * built from the image. The commands of RUN, CMD, ENTRYPOINT and HEALTHCHECK are not among them: there the shell does it.
 */
export function expansionsOf(instruction: Instruction, escapeChar: Escape): readonly Expansion[] {
  return expandedTexts(instruction).flatMap(({ text, quotes }) =>
    expansionsIn(text, { escape: quotes ? escapeChar : "\\", quotes }),
  );
}

/** What no values of variables can make right: an unclosed quote or brace, an operator that it does not know. */
export function expansionMistakes(
  instruction: Instruction,
  escapeChar: Escape,
): readonly { readonly message: Message; readonly range: Range }[] {
  const texts = expandedTexts(instruction, canFail);
  if (texts.length === 0) return nothing;
  return texts.flatMap(({ text, quotes }) => {
    const { failed } = readVariables(text.text, { escape: quotes ? escapeChar : "\\", quotes });
    if (failed === undefined) return [];
    const { error: message, offset } = failed;
    const brace = text.text.startsWith("$", offset) ? text.text.indexOf("}", offset) : -1;
    return [{ message, range: text.rangeOf(offset, brace < 0 ? text.text.length : brace + 1) }];
  });
}

/** Without quotes and braces there is nothing to be closed. */
function canFail(text: string): boolean {
  return /['"]|\$\{/.test(text);
}

const nothing: readonly never[] = [];

/** The texts of an instruction that the builder expands and that have something to expand, in file order. */
export function expandedTexts(instruction: Instruction, isWanted = isExpandable): readonly ExpandedText[] {
  if (instruction.trigger) return expandedTexts(instruction.trigger, isWanted);
  const { keyword, rest, flags, heredocs } = instruction;
  if (!expanding.has(keyword)) return nothing;
  // Asked of every instruction that is read, and most have nothing.
  const inFlags = flags.some(({ value }) => value !== undefined && isWanted(value));
  const inArguments = isWanted(rest.text);
  if (!inFlags && !inArguments && heredocs.length === 0) return nothing;
  const texts = [
    ...(inFlags ? flags.flatMap((flag) => flagTexts(keyword, flag)) : nothing),
    ...(inArguments ? argumentTexts(instruction) : nothing),
  ].map((text) => ({ text, quotes: true }));
  for (const { expand, body } of heredocs) {
    if (expand && (keyword === "COPY" || keyword === "ADD")) texts.push({ text: body, quotes: false });
  }
  return texts.filter(({ text }) => isWanted(text.text));
}

const expanding = new Set("FROM ARG ENV LABEL COPY ADD WORKDIR USER EXPOSE VOLUME STOPSIGNAL RUN".split(" "));

const expandedFlags = new Set("platform chown chmod checksum".split(" "));

function flagTexts(keyword: string, flag: Instruction["flags"][number]): readonly MappedText[] {
  if (keyword !== "RUN") return expandedFlags.has(flag.name) ? [flagText(flag)] : nothing;
  if (flag.name !== "mount") return nothing;
  // Which stage a mount needs is decided before anything is expanded.
  return readMountFields(flag).fields.flatMap(({ key, mapped }) => (key === "from" ? [] : [mapped]));
}

function argumentTexts(instruction: Instruction): readonly MappedText[] {
  const { keyword, rest, json } = instruction;
  switch (keyword) {
    case "RUN":
      return nothing;
    case "WORKDIR":
    case "USER":
    case "STOPSIGNAL":
      return [rest];
    case "ARG":
    case "ENV":
    case "LABEL":
      return readPairs(instruction).pairs.flatMap(({ nameSpan, valueSpan }) =>
        [keyword === "ARG" ? undefined : nameSpan, valueSpan].flatMap((span) =>
          span ? [partOf(rest, span.start, span.end)] : [],
        ),
      );
    case "FROM":
      return splitAtBlanks(rest.text)
        .slice(0, 1)
        .map(({ start, end }) => partOf(rest, start, end));
    default:
      return json ? json.map((item) => jsonText(rest, item)) : pathTexts(rest);
  }
}

function pathTexts(rest: MappedText): readonly MappedText[] {
  const opened = rest.text.includes("<<") ? findHeredocs(rest.text) : nothing;
  return splitAtBlanks(rest.text)
    .filter(({ start, end }) => !opened.some((heredoc) => start < heredoc.end && end > heredoc.start))
    .map(({ start, end }) => partOf(rest, start, end));
}

/** What a JSON string holds. Places in one with escapes are those of the whole string. */
function jsonText(rest: MappedText, { value, range, offset }: NonNullable<Instruction["json"]>[number]): MappedText {
  const isPlain = rest.text.startsWith(value, offset + 1) && rest.text[offset + 1 + value.length] === '"';
  return isPlain ? partOf(rest, offset + 1, offset + 1 + value.length) : { text: value, rangeOf: () => range };
}
