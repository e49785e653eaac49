import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../../base/errors.ts";
import { identify } from "../../runtime/proc.ts";
import type { Cgroups, ContainerHandle, RunningProcess, Runtime, TerminalSize } from "../../runtime/types.ts";
import { alreadyPaused, isRestarting, notPaused, notRunning } from "../errors.ts";
import { type ExitState, type MonitorPlan, type MonitorState, removeFile, writeJson } from "../folder.ts";
import type { Order } from "../frames.ts";
import { Restarts } from "../restarts.ts";
import type { AttachServer } from "./attach-server.ts";
import { HealthWatch } from "./health.ts";
import type { LogKeeper } from "./log-writer.ts";

export interface SupervisorTools {
  readonly runtime: Runtime;
  readonly cgroups: Cgroups;
  readonly server: AttachServer;
  readonly log: LogKeeper;
  readonly serveNames: () => Promise<void>;
}

/** Keeps a container's process running as its restart policy says, and asks for its health. Needs no engine. */
export class Supervisor {
  readonly #plan: MonitorPlan;
  readonly #tools: SupervisorTools;
  readonly #restarts: Restarts;
  /** Cuts the pause between two runs short. */
  readonly #wake = new AbortController();
  #state: MonitorState;
  #running: RunningProcess | undefined;
  #output: Promise<void> = Promise.resolve();
  #health: HealthWatch | undefined;
  #size: TerminalSize | undefined;
  #oomKills = 0;
  /** The signal by which somebody wanted the end. */
  #lastSignal: number | "KILL" = "KILL";

  constructor(plan: MonitorPlan, state: MonitorState, tools: SupervisorTools) {
    this.#plan = plan;
    this.#state = state;
    this.#tools = tools;
    this.#restarts = new Restarts(plan.restartPolicy);
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** The first run. @throws EngineError of the runtime */
  async start(): Promise<void> {
    await this.#run(this.#plan.run.stateDir);
  }

  /** Resolves when it has ended and is not started again. */
  async ended(): Promise<ExitState> {
    for (;;) {
      const exit = await this.#exit();
      const waitMs = this.#restarts.next({
        exitCode: exit.exitCode,
        ranMs: exit.finishedAt - (this.#state.startedAt ?? 0),
      });
      if (waitMs === undefined) {
        this.#change({ exit });
        return exit;
      }
      const { process: _, handle: __, ...rest } = this.#state;
      this.#state = rest;
      this.#change({ status: "restarting", exit });
      await delay(waitMs, undefined, { signal: this.#wake.signal }).catch(() => {});
      if (this.#restarts.over) return exit;
      try {
        await this.#run(this.#freshStateDir());
      } catch (error) {
        return failedStart(error);
      }
    }
  }

  signal(number: number, final: boolean): void {
    if (final) {
      this.#restarts.end();
      this.#lastSignal = number;
      this.#wake.abort();
    }
    this.#running?.signal(number);
    // Docker: what is meant to end a paused container also wakes it, or it would never hear it.
    if (final && this.#state.status === "paused") void this.#unpause().catch(() => {});
  }

  async resize(size: TerminalSize): Promise<void> {
    this.#size = size;
    await this.#running?.resize(size);
  }

  async order(order: Order): Promise<void> {
    switch (order.type) {
      case "restart-policy":
        return this.#restarts.change(order.policy);
      case "serve-names":
        return this.#tools.serveNames();
      case "pause":
        return this.#pause();
      case "unpause":
        return this.#unpause();
    }
  }

  async #run(stateDir: string): Promise<void> {
    const { runtime, server, log } = this.#tools;
    const { run, health } = this.#plan;
    const tty = run.process.tty && (this.#size ?? run.process.tty);
    const running = await runtime.run({ ...run, stateDir, process: { ...run.process, ...(tty ? { tty } : {}) } });
    const { rootfs, cgroup, seccomp, limits } = run;
    const handle: ContainerHandle = {
      pid: running.pid,
      rootfs,
      stateDir,
      ...(cgroup ? { cgroup } : {}),
      ...(seccomp ? { seccomp } : {}),
      ...(limits ? { limits } : {}),
    };
    this.#running = running;
    this.#output = server.serve(running, log);
    const startedAt = Date.now();
    const identity = identify(running.pid);
    const { exit: _, health: __, ...rest } = this.#state;
    this.#state = rest;
    if (health) {
      this.#health = new HealthWatch({
        plan: health,
        startedAt,
        exec: () => runtime.exec(handle, health.process),
        onResult: (now) => this.#change({ health: now }),
      });
    }
    this.#change({
      status: "running",
      ...(identity ? { process: identity } : {}),
      handle,
      startedAt,
      restartCount: this.#restarts.count,
      ...(this.#health ? { health: this.#health.health } : {}),
    });
    // Asked for between the pause and now.
    if (this.#restarts.over) running.signal(this.#lastSignal);
  }

  async #exit(): Promise<ExitState> {
    const { server, log } = this.#tools;
    const exitCode = (await this.#running?.exit) ?? 0;
    const finishedAt = Date.now();
    this.#running = undefined;
    this.#health?.stop();
    this.#health = undefined;
    await this.#output;
    log.flush();
    server.endRun();
    return { exitCode, finishedAt, ...((await this.#killedForMemory()) ? { oomKilled: true } : {}) };
  }

  /** Whether the kernel killed a process of this run because the memory limit was reached. */
  async #killedForMemory(): Promise<boolean> {
    const place = this.#plan.run.cgroup;
    if (!place) return false;
    try {
      const { oomKills = 0 } = await this.#tools.cgroups.usage({ place, pid: this.#state.process?.pid ?? 0 });
      const before = this.#oomKills;
      this.#oomKills = oomKills;
      return oomKills > before;
    } catch {
      return false;
    }
  }

  async #pause(): Promise<void> {
    const { status, handle } = this.#state;
    if (status === "paused") throw alreadyPaused(this.#plan.id);
    if (status === "restarting") throw isRestarting(this.#plan.id);
    const running = this.#running;
    if (!handle || !running) throw notRunning(this.#plan.id);
    const frozen = { place: handle.cgroup, pid: handle.pid };
    this.#health?.pause();
    try {
      await this.#tools.cgroups.freeze(frozen);
    } catch (error) {
      if (this.#running === running) this.#health?.resume();
      throw error;
    }
    if (this.#running !== running) {
      // It ended meanwhile: the next run is in the same group.
      await this.#tools.cgroups.thaw(frozen).catch(() => {});
      throw notRunning(this.#plan.id);
    }
    this.#change({ status: "paused" });
  }

  async #unpause(): Promise<void> {
    const { status, handle } = this.#state;
    if (status !== "paused" || !handle) throw notPaused(this.#plan.id);
    await this.#tools.cgroups.thaw({ place: handle.cgroup, pid: handle.pid });
    // A process that was killed while it was frozen ends now.
    if (this.#state.status !== "paused") return;
    this.#change({ status: "running" });
    this.#health?.resume();
  }

  /** What has happened is so whether or not it can be written down: a connected engine is told in any case. */
  #change(change: Partial<MonitorState>): void {
    this.#state = { ...this.#state, ...change };
    try {
      writeJson(this.#plan.folder.monitor, this.#state, { durable: false });
    } catch (error) {
      console.error(`monitor.json: ${error instanceof Error ? error.message : error}`);
    }
    this.#tools.server.tell(this.#state);
  }

  /** The runtime wants an empty folder for each run. */
  #freshStateDir(): string {
    const { stateDir } = this.#plan.run;
    const dir = path.join(stateDir, `restart-${this.#restarts.count}`);
    removeFile(path.join(stateDir, `restart-${this.#restarts.count - 1}`));
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return dir;
  }
}

function failedStart(error: unknown): ExitState {
  return {
    exitCode: (error instanceof EngineError ? error.details.exitCode : undefined) ?? 128,
    finishedAt: Date.now(),
    error: error instanceof Error ? error.message : String(error),
  };
}
