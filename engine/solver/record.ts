import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BuildRequest } from "../base/build-events.ts";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import type { PastStep } from "../cache/forecast-state.ts";
import type { BuildRecord } from "./types.ts";

const keptRecords = 200;
const keptOfOneDockerfile = 20;
/** A build that failed early knows nothing of the steps after. */
export const recordsAsked = 3;

/** Which Dockerfile it is: the same file in another context is another one. */
export function originOf({
  contextPath,
  dockerfile = "Dockerfile",
}: Pick<BuildRequest, "contextPath" | "dockerfile">): string {
  return `${contextPath}\0${path.resolve(contextPath, dockerfile)}`;
}

/** What the names of a Dockerfile's records have in common. */
export function markOf(origin: string): string {
  return hexOf(digestOf(origin)).slice(0, 12);
}

/**
 * Begins with the time, so that the records' names sort by age; then says which Dockerfile it is, so that its earlier
 * builds are found without opening the others' records.
 */
export function newBuildId(startedAt: number, origin: string): string {
  const time = startedAt.toString(36).padStart(9, "0");
  return `${time}-${markOf(origin)}-${randomBytes(4).toString("hex")}`;
}

/**
 * Writes `<home>/builds/<buildId>.json` in one piece and forgets the oldest. Steps are as written in the Dockerfile, with their
 * variables; what these stood for is in `facts`, but no secret. Synchronously: the build waits for these few small calls.
 */
export function writeRecord(home: string, record: BuildRecord): void {
  const folder = path.join(home, "builds");
  const file = path.join(folder, `${record.buildId}.json`);
  const aside = `${file}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  const names = recordNames(folder);
  const own = names.filter((name) => dockerfileOf(name) === dockerfileOf(record.buildId));
  const surplus = (list: readonly string[], kept: number) => list.slice(0, Math.max(0, list.length - kept));
  for (const name of new Set([...surplus(names, keptRecords), ...surplus(own, keptOfOneDockerfile)]))
    rmSync(path.join(folder, name), { force: true });
}

export interface StepBefore extends PastStep {
  readonly layer?: Digest;
}

/** Steps of the last builds of the same Dockerfile, newest first; only those that came far enough to have a key. */
export function stepsBefore(home: string, buildId: string): readonly StepBefore[] {
  const folder = path.join(home, "builds");
  const own = (existsSync(folder) ? recordNames(folder) : []).filter(
    (name) => dockerfileOf(name) === dockerfileOf(buildId) && !name.startsWith(buildId),
  );
  const steps: StepBefore[] = [];
  for (const name of own.slice(-recordsAsked).reverse()) {
    try {
      steps.push(...stepsIn(JSON.parse(readFileSync(path.join(folder, name), "utf8")) as BuildRecord));
    } catch {
      // A record that cannot be read explains nothing.
    }
  }
  return steps;
}

/** Of an older version's record, which says less, there are none. */
export function stepsIn({ steps }: BuildRecord): readonly StepBefore[] {
  return steps.flatMap(({ key, stage, place, ranMs, ...step }) => {
    const ran = ranMs ?? (step.cached ? undefined : step.durationMs);
    if (key === undefined || stage === undefined) return [];
    return [{ ...step, key, stage, place, ...(ran === undefined ? {} : { ranMs: ran }) }];
  });
}

/** Oldest first. */
export function recordNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

export function dockerfileOf(name: string): string | undefined {
  return name.split("-")[1];
}
