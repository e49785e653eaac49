import type { Message } from "../../engine/base/message.ts";
import { msg } from "../../engine/base/message.ts";
import { type BuildRun, reusedSteps, type StepRun, type StepState } from "../builds/run.ts";
import { formatAge, formatBytes, formatDuration } from "../ui/format.ts";
import { missReason, wholeReason } from "../ui/miss-cause.ts";
import type { Node } from "./node.ts";

export interface BuildNode extends Node {
  readonly buildId: string;
}

export interface StepNode extends Node {
  readonly buildId: string;
  /** Address of the Dockerfile, and the line from 0. */
  readonly file: string;
  readonly line: number;
}

const buildKinds: Readonly<Record<BuildRun["state"], string>> = {
  running: "build.running",
  done: "build.done",
  failed: "build.failed",
  cancelled: "build.cancelled",
};

interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
}

/** One row a build, newest first; its steps below. */
export function buildNodes(runs: readonly BuildRun[], around: Surroundings): BuildNode[] {
  return runs.map((run) => buildNode(run, around));
}

function buildNode(run: BuildRun, around: Surroundings): BuildNode {
  const { translate, nowMs } = around;
  const state = translate(buildState(run));
  const took = formatDuration((run.endedAt ?? nowMs) - run.startedAt);
  const total = run.steps.length;
  const done = run.steps.filter((one) => one.state === "done" || one.state === "reused").length;
  const reused = translate(msg("{cached} of {total} steps reused", { cached: reusedSteps(run), total }));
  const age = translate(formatAge(run.startedAt, nowMs));
  const parts =
    run.state === "running" ? [`${done}/${total}`, took] : run.state === "done" ? [took, reused, age] : [state, age];
  return {
    id: run.id,
    buildId: run.id,
    label: run.name,
    description: parts.join(" · "),
    tooltip: [run.name, `${state} · ${took}`, reused, age].join("\n"),
    icon: buildIcon(run),
    accessibleLabel: `${run.name}, ${state}, ${took}, ${reused}`,
    kind: buildKinds[run.state],
    ...(run.state === "running" ? { expanded: true } : {}),
    children: run.steps.map((one) => stepNode(run, one, around)),
  };
}

function stepNode(run: BuildRun, one: StepRun, { translate, nowMs }: Surroundings): StepNode {
  const { step } = one;
  const state = stateAtLast(run, one);
  const reason = one.cause && missReason(one.cause);
  const why = reason ? translate(reason) : undefined;
  const asked = one.cause ? translate(wholeReason(one.cause, (id) => lineOf(run, id))) : undefined;
  const words = translate(stepWord(state));
  const duration =
    one.durationMs !== undefined && state !== "reused"
      ? formatDuration(one.durationMs)
      : state === "running" && one.startedAt !== undefined
        ? formatDuration(nowMs - one.startedAt)
        : undefined;
  const size = one.sizeBytes === undefined ? undefined : formatBytes(one.sizeBytes);
  const { progress: moved } = state === "running" ? one : {};
  const progress = moved && `${formatBytes(moved.currentBytes)} / ${formatBytes(moved.totalBytes)}`;
  const shown = (list: readonly (string | undefined)[]) => list.filter((part) => part !== undefined).join(" · ");
  const line = step.range.start.line;
  return {
    id: `${run.id}/${step.id}`,
    buildId: run.id,
    file: run.file,
    line,
    label: firstLine(step.text),
    description: shown([
      ["reused", "failed", "cancelled"].includes(state) ? words : undefined,
      progress,
      duration,
      size,
      why,
    ]),
    tooltip: shown([`${step.text}\n${words}`, duration, size]) + (asked ? `\n${asked}` : ""),
    icon: stepIcon(state),
    accessibleLabel: shown([firstLine(step.text), words, duration, asked]),
    kind: "step",
    command: { id: "drydock.builds.goToStep", arguments: [{ file: run.file, line }] },
  };
}

function lineOf({ steps }: BuildRun, id: number): number | undefined {
  const line = steps.find(({ step }) => step.id === id)?.step.range.start.line;
  return line === undefined ? undefined : line + 1;
}

export function buildState({ state }: BuildRun): Message {
  switch (state) {
    case "running":
      return msg("running");
    case "done":
      return msg("built");
    case "failed":
      return msg("failed");
    case "cancelled":
      return msg("cancelled");
  }
}

/** No event ends a step that a cancelled build, or one that failed elsewhere, has left: it would run for ever. */
function stateAtLast({ state }: BuildRun, one: StepRun): StepState | "cancelled" | "not-done" {
  if (state === "running") return one.state;
  return one.state === "running" ? "cancelled" : one.state === "waiting" ? "not-done" : one.state;
}

function stepWord(state: ReturnType<typeof stateAtLast>): Message {
  switch (state) {
    case "waiting":
      return msg("waiting");
    case "running":
      return msg("running");
    case "reused":
      return msg("reused");
    case "done":
      return msg("done");
    case "failed":
      return msg("failed");
    case "cancelled":
      return msg("cancelled");
    case "not-done":
      return msg("not done");
  }
}

function buildIcon({ state }: BuildRun): NonNullable<Node["icon"]> {
  switch (state) {
    case "running":
      return { id: "loading~spin" };
    case "done":
      return { id: "pass", color: "testing.iconPassed" };
    case "failed":
      return { id: "error", color: "testing.iconFailed" };
    case "cancelled":
      return { id: "circle-slash" };
  }
}

function stepIcon(state: ReturnType<typeof stateAtLast>): NonNullable<Node["icon"]> {
  switch (state) {
    case "waiting":
    case "not-done":
      return { id: "circle-outline" };
    case "running":
      return { id: "loading~spin" };
    case "reused":
      return { id: "history" };
    case "done":
      return { id: "check" };
    case "cancelled":
      return { id: "circle-slash" };
    case "failed":
      return { id: "error", color: "testing.iconFailed" };
  }
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : `${text.slice(0, end)} …`;
}
