import { readFileSync } from "node:fs";
import path from "node:path";
import type { HostFacts } from "../runtime/types.ts";
import { errorFromBody, monitorFailed } from "./errors.ts";
import { type ContainerFolder, type MonitorPlan, type MonitorState, writeJson } from "./folder.ts";
import type { OpenPort } from "./host-ports.ts";
import type { MonitorReport } from "./monitor/run-monitor.ts";
import { MonitorProcess, type MonitorStart } from "./monitor-process.ts";

export interface MonitorsOptions {
  readonly home: string;
  readonly facts: HostFacts;
  /** Node or Electron. */
  readonly nodePath: string;
  /** The bundle of monitor.ts. */
  readonly script: string;
}

/** A monitor that listens on its socket and has not started the container's process yet. */
export interface WaitingMonitor {
  /** Starts the process. @throws EngineError with what the runtime said. */
  go(): Promise<MonitorState>;
  /** Lets it end without having started anything. */
  abandon(): void;
}

const firstInheritedFd = 3;
/** Starting Node takes longer than all the rest of a start. */
const mostSpare = 2;
const spareMs = 30_000;

/**
 * Starts monitors, and keeps those whose container has ended for the next ones: for a while, so that an engine that is left
 * alone has no process beside it. A monitor that lives in a container's network, or holds its ports, is that container's only.
 */
export class Monitors {
  readonly #options: MonitorsOptions;
  readonly #spare: MonitorProcess[] = [];
  readonly #known = new Set<MonitorProcess>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MonitorsOptions) {
    this.#options = options;
  }

  /** A container will be started soon. */
  expect(): void {
    if (this.#spare.some(({ isOver }) => !isOver)) return;
    const { home, facts } = this.#options;
    const monitor = this.#open({ command: this.#command(path.join(home, "containers/")) });
    monitor.order({ type: "prepare", facts });
    this.#keep(monitor);
  }

  /**
   * The ports' descriptors are inherited and closed here before this function first waits.
   * @throws EngineError `runtime-failed`
   */
  async start(
    plan: Omit<MonitorPlan, "ports">,
    ports: readonly OpenPort[],
    networkPath: string | undefined,
  ): Promise<WaitingMonitor> {
    const { folder } = plan;
    const write = () =>
      writeJson(
        folder.plan,
        { ...plan, ports: ports.map(({ mapping }, index) => ({ mapping, fd: firstInheritedFd + index })) },
        { durable: false },
      );
    const reusable = ports.length === 0 && networkPath === undefined;
    let monitor: MonitorProcess;
    try {
      write();
      const spare = reusable ? this.#take() : undefined;
      if (spare) {
        const waiting = await this.#use(spare, folder, reusable);
        if (waiting) return waiting;
        // One that has just ended is no reason for a failure.
        write();
      }
      monitor = this.#open({
        command: this.#command(reusable ? path.join(folder.dir, "../") : folder.dir, networkPath),
        complaints: folder.monitorLog,
        inherited: ports.map(({ fd }) => fd),
      });
    } finally {
      for (const port of ports) port.close();
    }
    const waiting = await this.#use(monitor, folder, reusable);
    if (!waiting) throw monitorFailed(lastWords(folder));
    return waiting;
  }

  /** Spare ones end; those with a container go on without this engine. */
  close(): void {
    clearTimeout(this.#timer);
    for (const monitor of this.#known) monitor.letGo();
    this.#known.clear();
    this.#spare.length = 0;
  }

  /** Undefined when it ended before it had begun. */
  async #use(monitor: MonitorProcess, folder: ContainerFolder, reusable: boolean): Promise<WaitingMonitor | undefined> {
    const forget = () => this.#forget(monitor);
    monitor.order({ type: "watch", dir: folder.dir });
    const first = await monitor.next({ hold: true });
    if (first?.type !== "listening") {
      forget();
      if (first?.type === "failed") throw errorFromBody(first.error);
      return undefined;
    }
    return {
      go: async () => {
        let answer: MonitorReport | undefined;
        try {
          monitor.order({ type: "go" });
          answer = await monitor.next({ hold: true });
          if (answer?.type === "ready") return answer.state;
          throw answer?.type === "failed" ? errorFromBody(answer.error) : monitorFailed(lastWords(folder));
        } finally {
          if (reusable && answer?.type === "ready") void this.#whenFree(monitor);
          else forget();
        }
      },
      abandon: forget,
    };
  }

  async #whenFree(monitor: MonitorProcess): Promise<void> {
    const report = await monitor.next({ hold: false });
    if (report?.type === "free" && this.#known.has(monitor) && this.#spare.length < mostSpare) this.#keep(monitor);
    else this.#forget(monitor);
  }

  #keep(monitor: MonitorProcess): void {
    this.#spare.push(monitor);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const spare of this.#spare.splice(0)) this.#forget(spare);
    }, spareMs).unref();
  }

  /** The one that was used last: its memory is warm. */
  #take(): MonitorProcess | undefined {
    for (;;) {
      const monitor = this.#spare.pop();
      if (!monitor?.isOver) return monitor;
      this.#forget(monitor);
    }
  }

  #forget(monitor: MonitorProcess): void {
    this.#known.delete(monitor);
    monitor.letGo();
  }

  #open(start: MonitorStart): MonitorProcess {
    const monitor = new MonitorProcess(start);
    this.#known.add(monitor);
    return monitor;
  }

  #command(folder: string, networkPath?: string): readonly string[] {
    const { nodePath, script, facts } = this.#options;
    const command = [nodePath, script, folder];
    return networkPath ? [facts.tools.nsenter ?? "nsenter", `--net=${networkPath}`, "--", ...command] : command;
  }
}

/** Node prints the error's line in the middle of its stack; other programs end with it. */
function lastWords(folder: ContainerFolder): string {
  let lines: string[] = [];
  try {
    lines = readFileSync(folder.monitorLog, "utf8").trim().split("\n");
  } catch {
    // It did not come so far.
  }
  return lines.find((line) => /^(\w*Error|\S+: )/.test(line)) || lines.at(-1) || "no output";
}
