import type { RunningProcess } from "../../runtime/types.ts";
import type { HealthPlan } from "../folder.ts";
import type { Health } from "../types.ts";

const maxResults = 5;
const maxOutputBytes = 4096;
/** Docker's number for a check that did not come to an end. */
const noExitCode = -1;

export interface HealthOptions {
  readonly plan: HealthPlan;
  readonly startedAt: number;
  /** Starts the check's process. */
  readonly exec: () => Promise<RunningProcess>;
  readonly onResult: (health: Health) => void;
}

type Result = Health["log"][number];

/** Asks a running container for its health, again and again, one question at a time. */
export class HealthWatch {
  readonly #options: HealthOptions;
  #health: Health = { status: "starting", failingStreak: 0, log: [] };
  #timer: NodeJS.Timeout | undefined;
  #probe: RunningProcess | undefined;
  #asking = false;
  #paused = false;
  #stopped = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#schedule();
  }

  get health(): Health {
    return this.#health;
  }

  /** A frozen container cannot answer: nothing is asked, and an answer that is on its way does not count. */
  pause(): void {
    this.#paused = true;
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.#paused = false;
    if (!this.#asking) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#probe?.signal("KILL");
  }

  #schedule(): void {
    if (this.#stopped || this.#paused) return;
    const { plan, startedAt } = this.#options;
    const early = this.#health.status === "starting" && Date.now() - startedAt < plan.startPeriodMs;
    this.#timer = setTimeout(() => void this.#ask(), early ? plan.startIntervalMs : plan.intervalMs);
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const result = await this.#check();
    this.#asking = false;
    if (this.#stopped) return;
    if (!this.#paused) {
      this.#health = judge(this.#health, result, this.#options);
      this.#options.onResult(this.#health);
    }
    this.#schedule();
  }

  async #check(): Promise<Result> {
    const startedAt = Date.now();
    const end = (exitCode: number, output: string): Result => ({ startedAt, endedAt: Date.now(), exitCode, output });
    let probe: RunningProcess;
    try {
      probe = await this.#options.exec();
    } catch (error) {
      return end(noExitCode, error instanceof Error ? error.message : String(error));
    }
    this.#probe = probe;
    if (this.#stopped) probe.signal("KILL");
    probe.stdin.on("error", () => {});
    probe.stdin.end();
    const output = new Output();
    for (const stream of [probe.stdout, probe.stderr]) {
      stream.on("error", () => {});
      stream.on("data", (chunk: Buffer) => output.push(chunk));
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      probe.signal("KILL");
    }, this.#options.plan.timeoutMs);
    const exitCode = await probe.exit;
    clearTimeout(timer);
    this.#probe = undefined;
    if (!late) return end(exitCode, output.text);
    return end(noExitCode, `Health check exceeded timeout (${this.#options.plan.timeoutMs / 1000}s)`);
  }
}

/** Docker's rules: one good answer is health; failures in a row count, but not before the first good one within the start period. */
export function judge(
  before: Health,
  result: Result,
  { plan, startedAt }: Pick<HealthOptions, "plan" | "startedAt">,
): Health {
  const log = [...before.log, result].slice(-maxResults);
  if (result.exitCode === 0) return { status: "healthy", failingStreak: 0, log };
  const excused = before.status === "starting" && result.startedAt - startedAt < plan.startPeriodMs;
  if (excused) return { ...before, log };
  const failingStreak = before.failingStreak + 1;
  return { status: failingStreak >= plan.retries ? "unhealthy" : before.status, failingStreak, log };
}

/** The beginning of what a check says. */
class Output {
  #parts: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    const room = maxOutputBytes - this.#bytes;
    if (room <= 0) return;
    this.#parts.push(chunk.subarray(0, room));
    this.#bytes += Math.min(room, chunk.length);
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}
