import { expandWord, type Instruction, parse, readMountFields, readPairs, type Stage } from "../../engine/analysis.ts";
import type { BuildPlan, PlanArgument, PlanStage } from "../../engine/base/build-plan.ts";

interface Wish {
  readonly text: string;
  /** A stage's name or number; default the last. */
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/** What a build of the text does, in the file's order, and which stages wait for which. */
export function buildPlan({ text, target, buildArgs = {} }: Wish): BuildPlan {
  const { stages, instructions, globalArgs, problems, escape: mark } = parse(text);
  const given = new Map(Object.entries(buildArgs));
  const globals = new Map<string, string>();
  for (const { name, value } of argumentsOf(globalArgs, { given, known: globals, mark })) {
    if (value !== undefined) globals.set(name, value);
  }
  const names = new StageNames(stages);
  const uses = stages.map((stage) => usesOf(stage, names, (word) => expand(word, globals, mark)));
  const wanted = target === undefined ? stages.length - 1 : names.target(target);
  const needed = new Set<number>();
  const need = (index: number): void => {
    if (index < 0 || needed.has(index)) return;
    needed.add(index);
    for (const use of uses[index] ?? []) need(use.stage);
  };
  need(wanted ?? -1);
  const fatal = problems.find((problem) => problem.fatal);
  const stageOf = new Map(
    stages.flatMap((stage) => [stage.from, ...stage.instructions].map((one) => [one, stage.index])),
  );
  return {
    instructions: instructions.map((one) => ({
      stage: stageOf.get(one) ?? -1,
      keyword: one.keyword,
      text: `${one.keywordWord.text} ${[...one.flags.map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`)), one.rest.text.trim()].join(" ")}`.trim(),
      line: one.range.start.line,
      endLine: one.range.end.line,
    })),
    stages: stages.map(
      (stage): PlanStage => ({
        name: nameOf(stage),
        isNeeded: needed.has(stage.index),
        uses: uses[stage.index] ?? [],
        args: argumentsOf(stage.instructions, { given, known: new Map(), globals, mark }),
      }),
    ),
    ...(wanted === undefined || wanted < 0 ? {} : { target: wanted }),
    ...(fatal ? { problem: { message: fatal.message, line: fatal.range.start.line } } : {}),
  };
}

function nameOf({ name, index }: Stage): string {
  return name?.text ?? `stage-${index}`;
}

/** A builder finds stages by name in any case; of two with one name the later. */
class StageNames {
  readonly #stages: readonly Stage[];

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
  }

  target(name: string): number | undefined {
    return (
      this.named(name, this.#stages.length) ??
      (/^\d+$/.test(name) ? this.at(Number(name), this.#stages.length) : undefined)
    );
  }

  /** Of those above the stage `before`. */
  named(name: string, before: number): number | undefined {
    const wanted = name.toLowerCase();
    return this.#stages.findLast((stage) => stage.index < before && stage.name?.text.toLowerCase() === wanted)?.index;
  }

  at(index: number, before: number): number | undefined {
    return index < before ? this.#stages[index]?.index : undefined;
  }
}

function usesOf(stage: Stage, names: StageNames, expanded: (word: string) => string): PlanStage["uses"] {
  const uses: { stage: number; line: number }[] = [];
  const add = (index: number | undefined, { range }: Instruction) => {
    if (index !== undefined) uses.push({ stage: index, line: range.start.line });
  };
  add(names.named(expanded(stage.from.words[0]?.text ?? ""), stage.index), stage.from);
  for (const instruction of stage.instructions) {
    for (const flag of instruction.flags) {
      const { name, value = "" } = flag;
      if (name === "from" && /^(COPY|ADD)$/.test(instruction.keyword)) {
        const numbered = /^\d+$/.test(value) ? names.at(Number(value), stage.index) : undefined;
        add(numbered ?? names.named(value, stage.index), instruction);
      }
      if (name !== "mount" || instruction.keyword !== "RUN") continue;
      const from = readMountFields(flag).fields.findLast(({ key }) => key === "from")?.value;
      if (from !== undefined) add(names.named(from, stage.index), instruction);
    }
  }
  return uses;
}

interface Around {
  readonly given: ReadonlyMap<string, string>;
  /** Grows by what the instructions declare. */
  readonly known: Map<string, string>;
  readonly globals?: ReadonlyMap<string, string>;
  /** What goes on over the end of a line. */
  readonly mark: "\\" | "`";
}

function argumentsOf(instructions: readonly Instruction[], { given, known, globals, mark }: Around): PlanArgument[] {
  const found: PlanArgument[] = [];
  for (const instruction of instructions) {
    const { keyword, range } = instruction;
    if (keyword !== "ARG" && keyword !== "ENV") continue;
    // All values of one instruction are read before any of its names is set.
    const read = readPairs(instruction).pairs.map(({ name, value }): [string, string | undefined] => {
      const written = value === undefined ? globals?.get(name) : expand(value, known, mark);
      return [name, keyword === "ARG" ? (given.get(name) ?? written) : written];
    });
    for (const [name, value] of read) {
      if (value !== undefined) known.set(name, value);
      if (keyword === "ARG") found.push({ name, line: range.start.line, ...(value === undefined ? {} : { value }) });
    }
  }
  return found;
}

/** What has no value here may have one in the base image: it stays as it is written. */
function expand(text: string, known: ReadonlyMap<string, string>, mark: "\\" | "`"): string {
  const result = expandWord(text, known, { escape: mark, keepUnset: true });
  return "text" in result ? result.text : text;
}
