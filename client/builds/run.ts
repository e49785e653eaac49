import type { BuildEvent, BuildStep, MissCause } from "../../engine/base/build-events.ts";
import type { ErrorBody } from "../../engine/base/errors.ts";

export type StepState = "waiting" | "running" | "reused" | "done" | "failed";

/** One step of a build, as far as it has come. */
export interface StepRun {
  readonly step: BuildStep;
  readonly state: StepState;
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly sizeBytes?: number;
  /** Why it was done. */
  readonly cause?: MissCause;
  /** What is being moved. */
  readonly progress?: { readonly item: string; readonly currentBytes: number; readonly totalBytes: number };
}

/** One build, running or past: plain data, kept between sessions. Nothing secret is in it. */
export interface BuildRun {
  readonly id: string;
  /** Address of the Dockerfile. */
  readonly file: string;
  /** For people: the image's name, or the file's and the stage's. */
  readonly name: string;
  readonly tag?: string;
  readonly target?: string;
  /** Which engine, as its target is called. */
  readonly engine: string;
  readonly state: "running" | "done" | "failed" | "cancelled";
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly steps: readonly StepRun[];
  readonly imageId?: string;
  readonly error?: ErrorBody;
  readonly failedStep?: number;
}

/** The build after one more event. */
export function advance(run: BuildRun, event: BuildEvent): BuildRun {
  switch (event.type) {
    case "started": {
      const known = new Map(run.steps.map((one) => [one.step.id, one]));
      // A second list replaces the first, when a base image has brought steps along: numbers change, so nothing is kept.
      const steps = event.steps.map((step): StepRun => {
        const before = known.get(step.id);
        return before && before.step.text === step.text ? { ...before, step } : { step, state: "waiting" };
      });
      return { ...run, steps };
    }
    case "step-started":
      return withStep(run, event.step, (one) => ({
        ...one,
        state: event.cached ? "reused" : "running",
        startedAt: event.at,
      }));
    case "progress": {
      const { item, currentBytes, totalBytes } = event;
      if (totalBytes === undefined) return run;
      return withStep(run, event.step, (one) => ({ ...one, progress: { item, currentBytes, totalBytes } }));
    }
    case "step-done": {
      const { cached, durationMs, sizeBytes, cause } = event;
      return withStep(run, event.step, ({ progress: _, ...one }) => ({
        ...one,
        state: cached ? "reused" : "done",
        durationMs,
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
        ...(cause ? { cause } : {}),
      }));
    }
    case "failed": {
      const failed = { ...run, state: "failed" as const, endedAt: event.at, error: event.error };
      const { step } = event;
      if (step === undefined) return failed;
      return {
        ...withStep(failed, step, ({ progress: _, ...one }) => ({ ...one, state: "failed" })),
        failedStep: step,
      };
    }
    case "done":
      return { ...run, state: "done", endedAt: event.at, imageId: event.imageId };
    case "log":
    case "output":
    case "warning":
      return run;
  }
}

/** A build that nobody waits for any more: its window was closed, its engine killed. */
export function abandoned(run: BuildRun, at: number): BuildRun {
  return run.state === "running" ? { ...run, state: "cancelled", endedAt: run.endedAt ?? at } : run;
}

export function reusedSteps({ steps }: BuildRun): number {
  return steps.filter(({ state }) => state === "reused").length;
}

function withStep(run: BuildRun, id: number, change: (one: StepRun) => StepRun): BuildRun {
  return { ...run, steps: run.steps.map((one) => (one.step.id === id ? change(one) : one)) };
}
