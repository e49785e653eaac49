// Asks for a forecast, builds, and compares, edit after edit.
import assert from "node:assert/strict";
import path from "node:path";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { Forecast, StepForecast } from "../../engine/base/forecast.ts";
import type { Forecaster } from "../../engine/forecast.ts";
import { makeFolder } from "./files.ts";
import {
  type Abilities,
  dockerfileOf,
  edit,
  filesOf,
  makeProject,
  type Project,
  type Random,
  touch,
  writeChanges,
} from "./forecast-projects.ts";

interface Lab {
  readonly random: Random;
  readonly abilities: Abilities;
  readonly forecaster: Forecaster;
  build(context: string, request: Partial<BuildRequest>): Promise<{ readonly events: readonly BuildEvent[] }>;
  /** Something happens to the cache or to a base image; returns what, or undefined when nothing did. */
  upset?(random: Random): Promise<string | undefined>;
}

export interface Tally {
  edits: number;
  steps: number;
  hits: number;
  misses: number;
  unknown: number;
  /** Of the unknown, what the build then did. */
  unknownReused: number;
  failures: number;
}

/** One project and `edits` changes to it. @throws AssertionError at the first step that the forecast was wrong about. */
export async function follow(lab: Lab, edits: number, tally: Tally): Promise<void> {
  const { random, abilities, forecaster } = lab;
  const folder = makeFolder();
  const earlier: Project[] = [];
  const story: string[] = [];
  let project = makeProject(random, abilities);
  let before: ReturnType<typeof filesOf> = new Map();
  try {
    for (let count = 0; count < edits; count += 1) {
      let what = "begin";
      if (count > 0) ({ project, what } = next(lab, project, earlier));
      const now = filesOf(project);
      const changed = [...writeChanges(folder.path, before, now)];
      before = now;
      if (random(10) === 0) changed.push(...[touch(random, folder.path, project)].filter((one) => one !== undefined));
      const upset = random(12) === 0 ? await lab.upset?.(random) : undefined;
      story.push(upset === undefined ? what : `${what}, ${upset}`);
      forecaster.invalidate(changed);

      const request = requestOf(project);
      const foretold = await forecaster.forecast({
        ...request,
        contextDir: folder.path,
        dockerfilePath: path.join(folder.path, "Dockerfile"),
        text: dockerfileOf(project),
      });
      const { events } = await lab.build(folder.path, request);
      compare(
        foretold,
        events,
        () => `${story.slice(-6).join(" → ")}\n${dockerfileOf(project)}\n${JSON.stringify(request)}`,
        tally,
      );
      tally.edits += 1;
      if (events.some(({ type }) => type === "failed")) {
        // It would fail again until somebody mends it.
        project = earlier.at(-1) ?? makeProject(random, abilities);
        continue;
      }
      earlier.push(project);
      if (earlier.length > 8) earlier.shift();
    }
  } finally {
    folder.dispose();
  }
}

function next({ random, abilities }: Lab, project: Project, earlier: readonly Project[]): ReturnType<typeof edit> {
  const back = earlier[random(earlier.length)];
  if (back && random(8) === 0) return { project: back, what: "as it was" };
  return edit(random, project, abilities);
}

function requestOf({ target, buildArgs, noCache, noCacheFilter }: Project) {
  return {
    buildArgs,
    noCache,
    ...(noCacheFilter.length > 0 ? { noCacheFilter } : {}),
    ...(target === undefined ? {} : { target }),
  };
}

function compare(foretold: Forecast, events: readonly BuildEvent[], story: () => string, tally: Tally): void {
  const started = events.findLast((event) => event.type === "started");
  const failure = events.find((event) => event.type === "failed");
  if (failure) {
    tally.failures += 1;
    const isForetold = foretold.problem !== undefined || foretold.steps.some(({ cause }) => cause?.kind === "fails");
    assert.ok(isForetold, `it failed: ${JSON.stringify(failure)}\n${story()}`);
    return;
  }
  assert.deepEqual(foretold.problem, undefined, story());
  assert.deepEqual(
    foretold.steps.map(({ instruction }) => instruction),
    started?.steps.map(({ text }) => text),
    story(),
  );
  let isOpen = false;
  for (const [at, step] of foretold.steps.entries()) {
    const done = events.find((event) => event.type === "step-done" && event.step === at);
    assert.ok(done?.type === "step-done", `step ${at} was not done\n${story()}`);
    count(step, done.cached, tally);
    if (step.outcome === "unknown") {
      assert.ok(step.cause?.kind === "depends", `${JSON.stringify(step)}\n${story()}`);
      isOpen = true;
      continue;
    }
    assert.equal(
      `${step.instruction}: ${step.outcome}`,
      `${step.instruction}: ${done.cached ? "hit" : "miss"}`,
      `${JSON.stringify([step, done])}\n${story()}`,
    );
    // Nothing is kept of it whatever the stage that it copies from will make: then both are right, for what stands on it too.
    const isEither = [step, done].every(({ cause }) => ["pruned", "source-changed"].includes(cause?.kind ?? ""));
    if (isOpen) continue;
    const isNamed = step.cause?.kind === "environment-changed" || step.cause?.kind === "instruction-changed";
    if (isNamed) assert.deepEqual(step.cause, done.cause, `${step.instruction}\n${story()}`);
    if (step.cause?.kind === done.cause?.kind) continue;
    isOpen = isEither;
    if (!isEither) assert.deepEqual(step.cause, done.cause, `${step.instruction}\n${story()}`);
  }
}

function count({ outcome }: StepForecast, cached: boolean, tally: Tally): void {
  tally.steps += 1;
  if (outcome === "hit") tally.hits += 1;
  else if (outcome === "miss") tally.misses += 1;
  else {
    tally.unknown += 1;
    if (cached) tally.unknownReused += 1;
  }
}

export function newTally(): Tally {
  return { edits: 0, steps: 0, hits: 0, misses: 0, unknown: 0, unknownReused: 0, failures: 0 };
}
