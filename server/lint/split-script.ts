import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Heredoc, Instruction } from "../../engine/dockerfile/model.ts";
import type { Command, Script, ShellWord } from "../shell/model.ts";
import { type ShellCommand, splitShell } from "./shell.ts";

const noOptions: ReadonlySet<string> = new Set();

type RangeOf = Script["rangeOf"];

/** The commands of an instruction, by the splitter. */
export function splitScript(instruction: Instruction, { dockerfileText }: { readonly dockerfileText: string }): Script {
  if (instruction.json) return execScript(instruction);
  const body = instruction.keyword === "RUN" ? shellHeredoc(instruction) : undefined;
  if (body) return place(body.content, (start, end) => heredocRange(dockerfileText, body, start, end));
  const { text } = instruction.rest;
  const skip = instruction.keyword === "HEALTHCHECK" ? (/^\s*CMD\s+/i.exec(text)?.[0].length ?? text.length) : 0;
  return place(text.slice(skip), (start, end) => instruction.rest.rangeOf(skip + start, skip + end));
}

/** `RUN <<EOF`: the body is the script. `RUN cat <<EOF`: it is input, and the line is the script. */
function shellHeredoc(instruction: Instruction): Heredoc | undefined {
  const [first] = instruction.words;
  return first && /^<<-?/.test(first.text) ? instruction.heredocs[0] : undefined;
}

function execScript(instruction: Instruction): Script {
  const json = instruction.json ?? [];
  const [first, second, third] = json;
  const last = json.at(-1);
  const rangeOf = () => first?.range ?? instruction.range;
  const empty = {
    text: "",
    commands: [],
    pipelines: [],
    comments: [],
    inJson: true,
    complete: true,
    options: noOptions,
    rangeOf,
  };
  if (!first || !last) return { ...empty, dialect: "exec", plain: true, simple: false };
  if (third && second?.value === "-c" && /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(first.value)) {
    return { ...place(third.value, () => third.range), plain: false };
  }
  const words = json.map(
    ({ value, range }): ShellWord => ({
      text: value,
      raw: value,
      start: 0,
      end: 0,
      range,
      constant: true,
      quoted: true,
    }),
  );
  const range = { start: first.range.start, end: last.range.end };
  const text = json.map(({ value }) => value).join(" ");
  const command = commandOf(words, { text, start: 0, end: 0, range, before: "", after: "" });
  return { ...empty, dialect: "exec", commands: [command], plain: true, simple: true };
}

function place(text: string, rangeOf: RangeOf): Script {
  const script = splitShell(text);
  const commands = script.commands.map((command) => placed(command, text, rangeOf));
  return {
    dialect: "sh",
    text,
    commands,
    pipelines: [],
    comments: [],
    inJson: false,
    plain: script.plain,
    simple: commands.length === 1,
    complete: true,
    options: noOptions,
    rangeOf,
  };
}

function placed({ words, start, end, before, after }: ShellCommand, text: string, rangeOf: RangeOf): Command {
  const all = words.map((word): ShellWord => {
    const raw = text.slice(word.start, word.end);
    const constant = !/[$`*?[]/.test(raw);
    return { ...word, raw, range: rangeOf(word.start, word.end), constant, quoted: /^["']/.test(raw) };
  });
  return commandOf(all, { text: text.slice(start, end), start, end, range: rangeOf(start, end), before, after });
}

function commandOf(
  words: readonly ShellWord[],
  at: Pick<Command, "text" | "start" | "end" | "range" | "before" | "after">,
): Command {
  const [program, ...args] = words as readonly [ShellWord, ...ShellWord[]];
  return {
    ...at,
    name: program.text.slice(program.text.lastIndexOf("/") + 1),
    program,
    args,
    words,
    wrappers: [],
    assignments: [],
    redirects: [],
    context: "top",
    nested: false,
    wholeStart: at.start,
    wholeEnd: at.end,
  };
}

/** Offsets in a heredoc's content are offsets in the file's lines plus the tabs that `<<-` took away. */
function heredocRange(text: string, heredoc: Heredoc, start: number, end: number): Range {
  const contentLines = heredoc.content.split("\n");
  const fileLines = text.split("\n");
  const locate = (offset: number): Position => {
    let rest = offset;
    let index = 0;
    while (index < contentLines.length - 1 && rest > (contentLines[index] as string).length) {
      rest -= (contentLines[index] as string).length + 1;
      index += 1;
    }
    const line = heredoc.contentRange.start.line + index;
    const tabs = heredoc.stripTabs ? (/^\t*/.exec(fileLines[line] ?? "")?.[0].length ?? 0) : 0;
    return { line, character: rest + tabs };
  };
  return { start: locate(start), end: locate(end) };
}
