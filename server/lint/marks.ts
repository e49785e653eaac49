import type { Instruction } from "../../engine/dockerfile/model.ts";
import { keywordCase } from "./keyword-case.ts";
import { mayServe, startsServer } from "./servers.ts";
import type { InstructionView } from "./views.ts";

/**
 * By what rules find an instruction: its keyword (`COPY`), the programs and wrappers of its script (`apt-get`, `sudo`), and
 * - `@installs`: it fetches the project's dependencies, `@server`: it starts a server, `@pipe`: its script has a pipe,
 * - `@flags`, `@json`, `@heredoc`: it is written with them, `@lines`: it has more than one line.
 * What stands behind ONBUILD lends its marks to the whole. A file's comments are `#`.
 */
export type Marks = ReadonlySet<string>;

export const noMarks: Marks = new Set();

const withScript = new Set(["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"]);

export function marksOf(view: InstructionView, trigger: InstructionView | undefined): Marks {
  const marks = new Set<string>();
  add(view, marks);
  if (trigger) add(trigger, marks);
  return marks;
}

function add(view: InstructionView, marks: Set<string>): void {
  const { instruction, keyword } = view;
  marks.add(keyword);
  if (instruction.flags.length > 0) marks.add("@flags");
  if (instruction.json) marks.add("@json");
  if (instruction.heredocs.length > 0) marks.add("@heredoc");
  if (instruction.range.start.line !== instruction.range.end.line) marks.add("@lines");
  if (!withScript.has(keyword)) return;
  const { commands, pipelines } = view.script;
  for (const { name, args, wrappers } of commands) {
    marks.add(name);
    for (const wrapper of wrappers) marks.add(wrapper.name);
    if (mayServe(name) && startsServer([name, ...args.map(({ text }) => text)])) marks.add("@server");
  }
  if (pipelines.length > 0) marks.add("@pipe");
  if (view.installs.length > 0) marks.add("@installs");
}

/** Whether two versions of an instruction differ in nothing but what is written behind the same keyword. */
export function isAlike(a: Instruction, b: Instruction): boolean {
  return (
    a.keyword !== "SHELL" &&
    a.keywordWord.text === b.keywordWord.text &&
    a.trigger?.keywordWord.text === b.trigger?.keywordWord.text &&
    a.trigger?.keyword !== "SHELL" &&
    keywordCase(a) !== "unknown"
  );
}
