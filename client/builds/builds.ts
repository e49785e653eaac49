import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { BuildEvent } from "../../engine/base/build-events.ts";
import { Emitter } from "../../engine/base/events.ts";
import { abandoned, advance, type BuildRun } from "./run.ts";

/** Where the list of builds is kept. */
export interface BuildStorage {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const key = "builds";
const mostKept = 30;
const mostLogBytes = 5_000_000;

/** The builds of this workspace, newest first: those that run, and the last thirty, with their logs. */
export class Builds {
  readonly changed = new Emitter<BuildRun>();
  readonly #storage: BuildStorage;
  readonly #logs: string;
  readonly #aborts = new Map<string, AbortController>();
  readonly #logged = new Map<string, number>();
  #runs: readonly BuildRun[];

  /** `logDir`: a folder of its own; made when it is needed. */
  constructor(storage: BuildStorage, logDir: string, now = Date.now()) {
    this.#storage = storage;
    this.#logs = logDir;
    const kept = storage.get(key);
    // What was running when the last window closed has ended with it.
    this.#runs = (Array.isArray(kept) ? (kept as BuildRun[]) : []).map((run) => abandoned(run, now));
  }

  get list(): readonly BuildRun[] {
    return this.#runs;
  }

  get(id: string): BuildRun | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  /** A build begins. `controller` ends it. */
  begin(about: Pick<BuildRun, "file" | "name" | "tag" | "target" | "engine">, controller: AbortController): BuildRun {
    const run: BuildRun = { id: randomUUID(), ...about, state: "running", startedAt: Date.now(), steps: [] };
    this.#aborts.set(run.id, controller);
    this.#put([run, ...this.#runs]);
    // A window that is closed meanwhile leaves it as a build that was cancelled.
    void this.#save();
    this.changed.emit(run);
    return run;
  }

  report(id: string, event: BuildEvent): BuildRun | undefined {
    const run = this.get(id);
    if (!run) return undefined;
    const next = advance(run, event);
    if (next !== run) this.#replace(next);
    return next;
  }

  /** No more events come. */
  end(id: string): void {
    this.#aborts.delete(id);
    this.#logged.delete(id);
    const run = this.get(id);
    if (run) this.#replace(abandoned(run, Date.now()));
    void this.#save();
  }

  cancel(id: string): void {
    this.#aborts.get(id)?.abort();
  }

  /** Lines of its log, kept beside the list up to a size. */
  log(id: string, text: string): void {
    const bytes = (this.#logged.get(id) ?? 0) + Buffer.byteLength(text);
    this.#logged.set(id, bytes);
    if (bytes > mostLogBytes) return;
    try {
      mkdirSync(this.#logs, { recursive: true, mode: 0o700 });
      appendFileSync(this.logFile(id), text, { mode: 0o600 });
    } catch {
      // A full disk takes the log away, not the build.
      this.#logged.set(id, Number.POSITIVE_INFINITY);
    }
  }

  logFile(id: string): string {
    return path.join(this.#logs, `${id}.log`);
  }

  readLog(id: string): string | undefined {
    try {
      return readFileSync(this.logFile(id), "utf8");
    } catch {
      return undefined;
    }
  }

  /** Takes ended builds off the list. */
  remove(ids: readonly string[]): void {
    const gone = this.#runs.filter(({ id, state }) => ids.includes(id) && state !== "running");
    this.#put(this.#runs.filter((run) => !gone.includes(run)));
    void this.#save();
    for (const run of gone) this.changed.emit(run);
  }

  #replace(run: BuildRun): void {
    this.#runs = this.#runs.map((one) => (one.id === run.id ? run : one));
    this.changed.emit(run);
  }

  #put(runs: readonly BuildRun[]): void {
    this.#runs = runs.filter((run, index) => run.state === "running" || index < mostKept);
    this.#sweepLogs();
  }

  #sweepLogs(): void {
    const known = new Set(this.#runs.map(({ id }) => `${id}.log`));
    try {
      for (const name of readdirSync(this.#logs)) {
        if (name.endsWith(".log") && !known.has(name)) rmSync(path.join(this.#logs, name), { force: true });
      }
    } catch {
      // No folder yet.
    }
  }

  #save(): Thenable<void> {
    return this.#storage.update(key, this.#runs);
  }
}
