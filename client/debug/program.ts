import type { BuildPlan, PlanArgument } from "../../engine/base/build-plan.ts";
import type { Message } from "../../engine/base/message.ts";
import { nothingFollows, notNeeded } from "./problems.ts";

/** One instruction that is carried out. Lines count from 0. */
export interface Step {
  readonly stage: number;
  readonly keyword: string;
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
}

export interface Frame {
  readonly name: string;
  readonly stage: number;
  readonly line: number;
  readonly endLine: number;
}

/** A build as a program: the instructions that the target needs, in the file's order. Position n is before step n; the last is after all. */
export class Program {
  readonly steps: readonly Step[];
  readonly #plan: BuildPlan;
  readonly #lines: readonly string[];
  /** Steps by their first lines: a build tells of each of them. */
  readonly #byLine: ReadonlyMap<number, number>;

  constructor(plan: BuildPlan, text: string) {
    this.#plan = plan;
    this.#lines = text.split("\n");
    this.steps = plan.instructions.filter(({ stage }) => plan.stages[stage]?.isNeeded);
    this.#byLine = new Map(this.steps.map(({ line }, index) => [line, index]));
  }

  get end(): number {
    return this.steps.length;
  }

  get targetName(): string {
    return this.stageName(this.#plan.target ?? -1);
  }

  stageName(stage: number): string {
    return this.#plan.stages[stage]?.name ?? "";
  }

  /** What a stage starts from, as it is written. */
  baseOf(stage: number): string {
    const from = this.steps.find((step) => step.stage === stage);
    return from?.text.replace(/^\w+\s+(--\S+\s+)*|\s+as\s+\S+\s*$/gi, "") ?? "";
  }

  /** The step whose result is the state at a position; undefined before FROM. */
  stateAt(position: number): number | undefined {
    const before = this.steps[position - 1];
    if (!before) return undefined;
    return position === this.end || before.stage === this.steps[position]?.stage ? position - 1 : undefined;
  }

  /** The Dockerfile up to a step: what stands above is cached by the same keys as in the whole, lines are where they were. */
  textUpTo(step: number): string {
    return `${this.#lines.slice(0, (this.steps[step]?.endLine ?? 0) + 1).join("\n")}\n`;
  }

  /** The position after the stage that a position is in. */
  endOfStage(position: number): number {
    const stage = this.steps[position]?.stage;
    const next = this.steps.findIndex((step, index) => index > position && step.stage !== stage);
    return next < 0 ? this.end : next;
  }

  /** The step on a line. */
  stepAt(line: number): number | undefined {
    const first = this.#byLine.get(line);
    if (first !== undefined) return first;
    const index = this.steps.findIndex((step) => step.line <= line && line <= step.endLine);
    return index < 0 ? undefined : index;
  }

  /** Where a breakpoint on a line belongs: the line's instruction; between instructions and above FROM the next one that is built. */
  place(line: number): { readonly step: number } | { readonly problem: Message } {
    const own = this.#plan.instructions.find((one) => one.line <= line && line <= one.endLine && one.stage >= 0);
    const stage = own && this.#plan.stages[own.stage];
    if (stage?.isNeeded === false) return { problem: notNeeded(stage.name) };
    const step = this.steps.findIndex(({ endLine }) => endLine >= line);
    return step < 0 ? { problem: nothingFollows() } : { step };
  }

  /** The stage that is being built, then those that wait for it, up to the target. */
  frames(position: number): readonly Frame[] {
    const step = this.steps[position] ?? this.steps.at(-1);
    if (!step) return [];
    const frames: Frame[] = [this.#frame(step, position === this.end ? step.endLine : step.line)];
    const seen = new Set([step.stage]);
    for (let stage = step.stage; stage !== this.#plan.target; ) {
      const waiting = this.#plan.stages.findIndex((one, index) => !seen.has(index) && isWaiting(one, stage));
      const line = this.#plan.stages[waiting]?.uses.find((use) => use.stage === stage)?.line;
      const at = line === undefined ? undefined : this.steps.find((one) => one.line === line);
      if (!at) break;
      frames.push(this.#frame(at, at.line));
      seen.add(waiting);
      stage = waiting;
    }
    return frames;
  }

  /** Arguments that are declared above a position of a stage; of two of one name the later. */
  argumentsAt(stage: number, line: number): readonly PlanArgument[] {
    const found = new Map<string, PlanArgument>();
    for (const argument of this.#plan.stages[stage]?.args ?? []) {
      if (argument.line < line) found.set(argument.name, argument);
    }
    return [...found.values()];
  }

  #frame({ stage, text, endLine }: Step, line: number): Frame {
    return { name: `${this.stageName(stage)}: ${shortened(text)}`, stage, line, endLine };
  }
}

function isWaiting({ isNeeded, uses }: BuildPlan["stages"][number], stage: number): boolean {
  return isNeeded && uses.some((use) => use.stage === stage);
}

const mostCharacters = 80;

export function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line;
}
