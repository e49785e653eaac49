import type { Message } from "./message.ts";

/** What a debugger asks before a build: the instructions, and which of them the target needs. Lines count from 0. */
export interface BuildPlan {
  /** All of the file, in its order. */
  readonly instructions: readonly PlanInstruction[];
  readonly stages: readonly PlanStage[];
  /** Index of the stage that is built; absent when there is no stage of that name. */
  readonly target?: number;
  /** The first mistake for which no builder reads the file. */
  readonly problem?: { readonly message: Message; readonly line: number };
}

export interface PlanInstruction {
  /** -1 above all stages. */
  readonly stage: number;
  /** Upper case. */
  readonly keyword: string;
  /** Continuations joined, without bodies of heredocs. */
  readonly text: string;
  readonly line: number;
  /** The last one, with heredocs. */
  readonly endLine: number;
}

export interface PlanStage {
  /** `build`, or `stage-0` without a name. */
  readonly name: string;
  readonly isNeeded: boolean;
  /** Stages that it takes something from, with the line of the instruction that does. */
  readonly uses: readonly { readonly stage: number; readonly line: number }[];
  /** Each ARG, in its order; a name may come again. Those above the stages are meant where a stage declares them. */
  readonly args: readonly PlanArgument[];
}

export interface PlanArgument {
  readonly name: string;
  readonly line: number;
  /** As far as the file and the build's arguments tell; absent for what the builder or the base image sets. */
  readonly value?: string;
}
