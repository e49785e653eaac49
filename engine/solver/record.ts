import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import type { StepTrace } from "../cache/cause.ts";
import type { BuildRecord } from "./types.ts";

const keptRecords = 200;
const keptOfOneDockerfile = 20;
/** A build that failed early knows nothing of the steps after. */
const recordsAsked = 3;

/**
 * Begins with the time, so that the records' names sort by age; then says which Dockerfile it is, so that its earlier
 * builds are found without opening the others' records.
 */
export function newBuildId(startedAt: number, dockerfile: string): string {
  const time = startedAt.toString(36).padStart(9, "0");
  return `${time}-${hexOf(digestOf(dockerfile)).slice(0, 12)}-${randomBytes(4).toString("hex")}`;
}

/**
 * Writes `<home>/builds/<buildId>.json` in one piece and forgets the oldest. Build arguments are in none of its fields:
 * steps are as written in the Dockerfile, with their variables. Synchronously: the build waits for these few small calls.
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

export interface StepBefore extends StepTrace {
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
      const record = JSON.parse(readFileSync(path.join(folder, name), "utf8")) as BuildRecord;
      // A record of an older version says less; then nothing is known.
      for (const { key, stage, place, ...step } of record.steps) {
        if (key !== undefined && stage !== undefined) steps.push({ ...step, key, stage, place });
      }
    } catch {
      // A record that cannot be read explains nothing.
    }
  }
  return steps;
}

function recordNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

function dockerfileOf(name: string): string | undefined {
  return name.split("-")[1];
}
