import { readFileSync } from "node:fs";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import type { StepPast } from "../base/forecast.ts";
import type { KeyTrace, PastStep } from "../cache/forecast-state.ts";
import { dockerfileOf, markOf, recordNames, recordsAsked, stepsIn } from "../solver/record.ts";
import type { BuildRecord } from "../solver/types.ts";
import { StatWatch } from "./folder-watch.ts";

/** What the records of one Dockerfile's builds say, newest first. */
export interface PastBuilds {
  /** Of as many builds as a build looks at to explain itself. */
  readonly recent: readonly PastStep[];
  readonly all: readonly PastStep[];
  readonly byKey: ReadonlyMap<Digest, PastStep>;
  readonly byParent: ReadonlyMap<Digest, readonly KeyTrace[]>;
  /** What builds did with a step of these words in this stage. */
  pastOf(stage: string, text: string): StepPast | undefined;
}

/** `<home>/builds`, read while others write to it: a record never changes once it is there, so that each is read once. */
export class BuildRecords {
  readonly #folder: string;
  readonly #watch: StatWatch;
  readonly #read = new Map<string, readonly PastStep[]>();
  readonly #builds = new Map<string, PastBuilds>();
  #names: readonly string[] = [];
  recordsRead = 0;

  constructor(home: string) {
    this.#folder = path.join(home, "builds");
    this.#watch = new StatWatch(this.#folder);
  }

  /** `origins`: as `originOf` makes them. */
  of(origins: readonly string[]): PastBuilds {
    if (this.#watch.hasChanged()) this.#list();
    const marks = new Set(origins.map(markOf));
    const id = [...marks].join(" ");
    let builds = this.#builds.get(id);
    if (!builds) {
      const names = this.#names.filter((name) => marks.has(dockerfileOf(name) ?? "")).reverse();
      const steps = names.map((name) => this.#stepsOf(name));
      builds = pastBuilds(steps.slice(0, recordsAsked).flat(), steps.flat());
      this.#builds.set(id, builds);
    }
    return builds;
  }

  #list(): void {
    try {
      this.#names = recordNames(this.#folder);
    } catch {
      this.#names = [];
    }
    this.#builds.clear();
    const names = new Set(this.#names);
    for (const name of this.#read.keys()) if (!names.has(name)) this.#read.delete(name);
  }

  #stepsOf(name: string): readonly PastStep[] {
    let steps = this.#read.get(name);
    if (!steps) {
      steps = this.#parse(name);
      this.#read.set(name, steps);
    }
    return steps;
  }

  #parse(name: string): readonly PastStep[] {
    try {
      this.recordsRead += 1;
      return stepsIn(JSON.parse(readFileSync(path.join(this.#folder, name), "utf8")) as BuildRecord);
    } catch {
      // Removed a moment ago, or damaged: it says nothing.
      return [];
    }
  }
}

function pastBuilds(recent: readonly PastStep[], all: readonly PastStep[]): PastBuilds {
  const byKey = new Map<Digest, PastStep>();
  const byParent = new Map<Digest, KeyTrace[]>();
  for (const step of all) {
    if (byKey.has(step.key)) continue;
    byKey.set(step.key, step);
    if (step.parentKey === undefined) continue;
    const { key, content } = step;
    const traces = byParent.get(step.parentKey) ?? [];
    byParent.set(step.parentKey, traces);
    traces.push(content === undefined ? { key } : { key, content });
  }
  const pasts = new Map<string, StepPast>();
  for (const step of all) addTo(pasts, step);
  return { recent, all, byKey, byParent, pastOf: (stage, text) => pasts.get(`${stage} ${text}`) };
}

function addTo(pasts: Map<string, StepPast>, { stage, text, cached = true, cause }: PastStep): void {
  const id = `${stage} ${text}`;
  const { builds, redone, for: named } = pasts.get(id) ?? { builds: 0, redone: 0 };
  const changes = cause?.kind === "environment-changed" ? (cause.changes ?? []) : [];
  const counts = new Map(Object.entries(named ?? {}));
  for (const { name } of changes) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  pasts.set(id, {
    builds: builds + 1,
    redone: redone + (cached ? 0 : 1),
    ...(counts.size > 0 ? { for: Object.fromEntries(counts) } : {}),
  });
}
