import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Dockerfile, Heredoc, Instruction, Stage } from "../../engine/dockerfile/model.ts";
import { type Install, installOf } from "./package-managers.ts";
import { type ShellScript, splitShell } from "./shell.ts";

/** A command that a RUN, CMD or ENTRYPOINT starts. */
export interface Command {
  /** Without quotes; the first one is the program's name, without its folder. */
  readonly words: readonly string[];
  /** As written, without what stands before its program. */
  readonly text: string;
  readonly range: Range;
  /** The operators around it; see ShellCommand. */
  readonly before: string;
  readonly after: string;
}

export interface Script {
  readonly commands: readonly Command[];
  /** True when the exec form with the same words does the same. */
  readonly plain: boolean;
}

/** What rules want to know about a Dockerfile beyond its text; everything is worked out at most once. */
export interface Facts {
  /** Names in the Dockerfile's folder; undefined when it is not known (a file that was never saved). */
  readonly files: readonly string[] | undefined;
  script(instruction: Instruction): Script;
  installs(instruction: Instruction): readonly { readonly command: Command; readonly install: Install }[];
  /** The stage and the stages it is built from, nearest first. */
  ancestry(stage: Stage): readonly Stage[];
}

export function gatherFacts(dockerfile: Dockerfile, files?: readonly string[]): Facts {
  const scripts = new Map<Instruction, Script>();
  let parents: ReadonlyMap<Stage, Stage> | undefined;
  const script = (instruction: Instruction) => {
    const known = scripts.get(instruction) ?? readScript(dockerfile, instruction);
    scripts.set(instruction, known);
    return known;
  };
  return {
    files,
    script,
    installs: (instruction) =>
      script(instruction).commands.flatMap((command) => {
        const install = installOf(command.words);
        return install ? [{ command, install }] : [];
      }),
    ancestry: (stage) => {
      parents ??= parentStages(dockerfile);
      const chain = [stage];
      for (let above = parents.get(stage); above; above = parents.get(above)) chain.push(above);
      return chain;
    },
  };
}

function readScript(dockerfile: Dockerfile, instruction: Instruction): Script {
  if (instruction.json) return execScript(instruction);
  const body = instruction.keyword === "RUN" ? shellHeredoc(instruction) : undefined;
  if (body) {
    const script = splitShell(body.content);
    return { ...place(body.content, script, (start, end) => heredocRange(dockerfile, body, start, end)), plain: false };
  }
  const { text } = instruction.rest;
  return place(text, splitShell(text), (start, end) => instruction.rest.rangeOf(start, end));
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
  if (!first || !last) return { commands: [], plain: true };
  if (third && second?.value === "-c" && /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(first.value)) {
    return { ...place(third.value, splitShell(third.value), () => third.range), plain: false };
  }
  const words = json.map((element) => element.value);
  const range = { start: first.range.start, end: last.range.end };
  return { commands: [{ words: baseNamed(words), text: words.join(" "), range, before: "", after: "" }], plain: true };
}

function place(text: string, script: ShellScript, rangeOf: (start: number, end: number) => Range): Script {
  const commands = script.commands.map((command) => ({
    words: baseNamed(command.words.map((word) => word.text)),
    text: text.slice(command.start, command.end),
    range: rangeOf(command.start, command.end),
    before: command.before,
    after: command.after,
  }));
  return { commands, plain: script.plain };
}

function baseNamed(words: readonly string[]): readonly string[] {
  const [program = "", ...rest] = words;
  return [program.slice(program.lastIndexOf("/") + 1), ...rest];
}

/** Offsets in a heredoc's content are offsets in the file's lines plus the tabs that `<<-` took away. */
function heredocRange(dockerfile: Dockerfile, heredoc: Heredoc, start: number, end: number): Range {
  const contentLines = heredoc.content.split("\n");
  const fileLines = dockerfile.text.split("\n");
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

/** For each stage the stage above it that its FROM names, if any. Names are compared without case. */
export function parentStages({ stages }: Dockerfile): ReadonlyMap<Stage, Stage> {
  const named = new Map<string, Stage>();
  const parents = new Map<Stage, Stage>();
  for (const stage of stages) {
    const parent = named.get(stage.from.words[0]?.text.toLowerCase() ?? "");
    if (parent) parents.set(stage, parent);
    if (stage.name) named.set(stage.name.text.toLowerCase(), stage);
  }
  return parents;
}
