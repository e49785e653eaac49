import type { Range } from "../base/ranges.ts";
import { checkMount } from "./check-mount.ts";
import { checkImageName, checkPorts, checkSignal } from "./check-values.ts";
import { parseDuration } from "./duration.ts";
import * as problem from "./errors.ts";
import { expansionMistakes } from "./expansions.ts";
import { findHeredocs } from "./heredoc.ts";
import { instructionForms, nearest } from "./instructions.ts";
import type { Dockerfile, Flag, Instruction, Problem } from "./model.ts";
import { readPairs } from "./pairs.ts";
import { splitAtBlanks } from "./words.ts";

const examples: Readonly<Record<string, string>> = {
  ARG: "ARG NAME=value",
  ENV: "ENV NAME=value",
  EXPOSE: "EXPOSE 8080",
  FROM: "FROM node:24",
  LABEL: "LABEL name=value",
  MAINTAINER: "MAINTAINER name",
  ONBUILD: "ONBUILD RUN make",
  STOPSIGNAL: "STOPSIGNAL SIGTERM",
  USER: "USER app",
  VOLUME: "VOLUME /data",
  WORKDIR: "WORKDIR /app",
};

const none: readonly Problem[] = [];
const nothing: readonly never[] = [];
const healthFlags = new Set(Object.keys(instructionForms.HEALTHCHECK?.flags ?? {}));

/** What the reference builder refuses in one instruction, whatever stands around it. */
export function checkInstruction(instruction: Instruction, escapeChar: Dockerfile["escape"]): readonly Problem[] {
  const { keyword, rest } = instruction;
  const form = instructionForms[keyword];
  if (form === undefined) {
    const meant = nearest(keyword, Object.keys(instructionForms));
    const { range, text } = instruction.keywordWord;
    return [problem.unknownInstruction(range, text, meant)];
  }
  const ofFlags = checkFlags(instruction);
  const example = examples[keyword];
  const ofArguments =
    example !== undefined && rest.text === ""
      ? [problem.missingArguments(instruction.keywordWord.range, keyword, example)]
      : instruction.notString === undefined
        ? checkArguments(instruction, escapeChar)
        : [problem.jsonNotStrings(instruction.notString)];
  const isSplit = ofArguments.length === 0 && instruction.trigger === undefined;
  const inVariables = isSplit ? expansionMistakes(instruction, escapeChar) : nothing;
  if (ofFlags.length + inVariables.length === 0) return ofArguments;
  return [...ofFlags, ...ofArguments, ...inVariables.map(({ message, range }) => problem.badVariable(range, message))];
}

function checkFlags(instruction: Instruction): readonly Problem[] {
  const { keyword, flags } = instruction;
  if (flags.length === 0) return none;
  const known = instructionForms[keyword]?.flags ?? {};
  // The builder looks at no flag of HEALTHCHECK NONE.
  if (keyword === "HEALTHCHECK" && /^none$/i.test(instruction.rest.text)) return none;
  const problems: Problem[] = [];
  const seen = flags.length > 1 ? new Set<string>() : undefined;
  for (const flag of flags) {
    const kind = Object.hasOwn(known, flag.name) ? known[flag.name] : undefined;
    if (kind === undefined) {
      problems.push(problem.unknownFlag(flag.range, flag.name, keyword, nearest(flag.name, Object.keys(known))));
      continue;
    }
    for (const found of checkFlagValue(keyword, flag)) problems.push(found);
    if (seen?.has(flag.name) && kind !== "texts") problems.push(problem.duplicateFlag(flag.range, flag.name));
    seen?.add(flag.name);
    if (kind === "boolean") {
      if (flag.value === "") problems.push(problem.flagWithoutValue(flag.range, flag.name));
      else if (flag.value !== undefined && !/^(?:true|false)$/i.test(flag.value)) {
        problems.push(problem.flagNotBoolean(flag.valueRange ?? flag.range, flag.name, flag.value));
      }
    } else if (flag.value === undefined) {
      problems.push(problem.flagWithoutValue(flag.range, flag.name));
    }
  }
  return problems;
}

const choices: Readonly<Record<string, readonly string[]>> = {
  network: ["default", "none", "host"],
  security: ["sandbox", "insecure"],
};

function checkFlagValue(keyword: string, flag: Flag): readonly Problem[] {
  const { name, value } = flag;
  if (keyword !== "RUN" || value === undefined) return none;
  if (name === "mount") return checkMount(flag);
  const choice = choices[name];
  if (choice === undefined || choice.includes(value)) return none;
  return [problem.flagChoice(flag.valueRange ?? flag.range, name, value, choice.join(", "))];
}

function checkArguments(instruction: Instruction, escapeChar: Dockerfile["escape"]): readonly Problem[] {
  switch (instruction.keyword) {
    case "FROM":
      return checkFrom(instruction);
    case "ENV":
    case "LABEL":
    case "ARG":
      return checkPairs(instruction);
    case "COPY":
    case "ADD":
      return checkPaths(instruction);
    case "RUN":
    case "CMD":
    case "ENTRYPOINT":
      return instruction.rest.text === ""
        ? [problem.emptyCommand(instruction.keywordWord.range, instruction.keyword)]
        : none;
    case "SHELL":
      return (instruction.json?.length ?? 0) > 0 ? none : [problem.shellNeedsJson(wholeArguments(instruction))];
    case "EXPOSE":
      return checkPorts(instruction);
    case "STOPSIGNAL":
      return checkSignal(instruction);
    case "VOLUME":
      if (instruction.json?.length === 0) return [problem.blankVolume(wholeArguments(instruction))];
      return (instruction.json ?? [])
        .filter((item) => item.value.trim() === "")
        .map((item) => problem.blankVolume(item.range));
    case "HEALTHCHECK":
      return checkHealth(instruction);
    case "ONBUILD":
      return checkTrigger(instruction, escapeChar);
    default:
      return none;
  }
}

const stageNameForm = /^[a-z][a-z0-9_.-]*$/i;

function checkFrom({ rest }: Instruction): readonly Problem[] {
  const spans = splitAtBlanks(rest.text);
  const [image, second, name] = spans;
  if (image === undefined) return none;
  const ofImage = checkImageName(rest.text.slice(image.start, image.end), rest.rangeOf(image.start, image.end));
  if (second === undefined) return ofImage;
  const isAs = /^as$/i.test(rest.text.slice(second.start, second.end));
  const wordAt = (index: number) => rest.text.slice(spans[index]?.start, spans[index]?.end);
  if (name === undefined) {
    const range = rest.rangeOf(second.start, second.end);
    if (isAs) return [problem.fromWithoutName(range, wordAt(0))];
    if (stageNameForm.test(wordAt(1))) return [problem.fromWithoutAs(range, wordAt(0), wordAt(1))];
  }
  if (!isAs || name === undefined) return [problem.fromForm(rest.rangeOf(second.start, rest.text.length))];
  const extra = spans[3];
  if (extra !== undefined) return [problem.fromForm(rest.rangeOf(extra.start, rest.text.length))];
  const text = rest.text.slice(name.start, name.end);
  return stageNameForm.test(text) ? ofImage : [problem.stageName(rest.rangeOf(name.start, name.end), text)];
}

function checkPairs(instruction: Instruction): readonly Problem[] {
  const { keyword, words, rest } = instruction;
  const { pairs, legacy } = readPairs(instruction);
  if (legacy) return pairs.length > 0 ? none : [problem.missingValue(wholeArguments(instruction), keyword)];
  const problems: Problem[] = [];
  for (const pair of pairs) {
    if (pair.name === "") {
      problems.push(problem.blankName(rest.rangeOf(pair.nameSpan.start, pair.valueSpan?.end ?? 0), keyword));
    }
  }
  if (keyword === "ARG") return problems;
  for (const word of words) {
    if (!word.text.includes("=")) problems.push(problem.missingEquals(word.range, word.text, keyword));
  }
  return problems;
}

function checkPaths(instruction: Instruction): readonly Problem[] {
  const { keyword, rest, json, heredocs } = instruction;
  const spans = splitAtBlanks(rest.text);
  if ((json?.length ?? spans.length) < 2) {
    const range = rest.text === "" ? instruction.keywordWord.range : wholeArguments(instruction);
    return [problem.missingDestination(range, keyword)];
  }
  const last = json === undefined ? spans.at(-1) : undefined;
  if (last === undefined || heredocs.length === 0) return none;
  const opened = findHeredocs(rest.text).at(-1);
  if (opened === undefined || opened.end < last.end) return none;
  return [problem.heredocAsDestination(rest.rangeOf(opened.start, opened.end), keyword)];
}

function checkHealth(instruction: Instruction): readonly Problem[] {
  const { keywordWord, rest } = instruction;
  const [type, command] = splitAtBlanks(rest.text);
  if (type === undefined) return [problem.missingArguments(keywordWord.range, "HEALTHCHECK", "HEALTHCHECK CMD true")];
  const typeText = rest.text.slice(type.start, type.end);
  const typeRange = rest.rangeOf(type.start, type.end);
  switch (typeText.toUpperCase()) {
    case "NONE":
      return command ? [problem.healthcheckNone(rest.rangeOf(command.start, rest.text.length))] : none;
    case "CMD": {
      const isEmpty = command === undefined || instruction.json?.length === 0;
      return [
        ...(isEmpty ? [problem.healthcheckCommand(typeRange)] : []),
        ...instruction.flags.flatMap(checkHealthFlag),
      ];
    }
    default:
      return [problem.healthcheckType(typeRange, typeText)];
  }
}

function checkHealthFlag({ name, value, range, valueRange }: Flag): readonly Problem[] {
  if (value === undefined || value === "" || !healthFlags.has(name)) return none;
  const place = valueRange ?? range;
  if (name === "retries")
    return /^[+-]?\d+$/.test(value) && Number(value) >= 0 && Number(value) < 2 ** 31
      ? none
      : [problem.badRetries(place, value)];
  const nanoseconds = parseDuration(value);
  if (nanoseconds === undefined) return [problem.badDuration(place, value)];
  return nanoseconds !== 0 && nanoseconds < 1_000_000 ? [problem.shortDuration(place, value)] : none;
}

/** The trigger is carried out in the image that is built from this one; until then the builder only splits it. */
function checkTrigger({ trigger }: Instruction, escapeChar: Dockerfile["escape"]): readonly Problem[] {
  if (trigger === undefined) return none;
  if (/^(?:ONBUILD|FROM|MAINTAINER)$/.test(trigger.keyword)) {
    return [problem.badTrigger(trigger.keywordWord.range, trigger.keyword)];
  }
  return checkInstruction(trigger, escapeChar).map((found) =>
    found.fatal && !splitting.has(found.code) ? { ...found, fatal: false } : found,
  );
}

/** Mistakes for which even the splitting fails. */
const splitting = new Set(["syntax/json-strings", "syntax/missing-equals", "syntax/missing-value"]);

function wholeArguments({ rest, keywordWord }: Instruction): Range {
  return rest.text === "" ? keywordWord.range : rest.rangeOf(0, rest.text.length);
}
