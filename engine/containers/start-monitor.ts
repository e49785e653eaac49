import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { errorFromBody, monitorFailed } from "./errors.ts";
import { type ContainerFolder, type MonitorPlan, type MonitorState, writeJson } from "./folder.ts";
import type { OpenPort } from "./host-ports.ts";
import type { MonitorReport } from "./monitor/run-monitor.ts";

export interface MonitorProgram {
  /** Node or Electron. */
  readonly nodePath: string;
  /** The bundle of monitor.ts. */
  readonly script: string;
  readonly nsenter: string;
}

/** A monitor that listens on its socket and has not started the container's process yet. */
export interface WaitingMonitor {
  /** Starts the process. @throws EngineError with what the runtime said. */
  go(): Promise<MonitorState>;
  /** Lets it end without having started anything. */
  abandon(): void;
}

const firstInheritedFd = 3;

/**
 * Starts the monitor in the network namespace, detached: it outlives this engine. The ports' descriptors are inherited and
 * closed here before this function first waits.
 * @throws EngineError `runtime-failed`
 */
export async function startMonitor(
  program: MonitorProgram,
  plan: Omit<MonitorPlan, "ports">,
  ports: readonly OpenPort[],
  networkPath: string | undefined,
): Promise<WaitingMonitor> {
  let monitor: ChildProcess;
  try {
    monitor = spawnMonitor(program, plan, ports, networkPath);
  } finally {
    for (const port of ports) port.close();
  }
  const reports = readReports(monitor);
  const next = async (): Promise<MonitorReport> => {
    const { value } = await reports.next();
    if (value === undefined) throw monitorFailed(lastWords(plan.folder));
    return value;
  };
  const letGo = () => {
    monitor.stdin?.destroy();
    monitor.stdout?.destroy();
    monitor.unref();
  };
  try {
    const first = await next();
    if (first.type === "failed") throw errorFromBody(first.error);
  } catch (error) {
    letGo();
    throw error;
  }
  return {
    async go() {
      try {
        monitor.stdin?.end("\n");
        const answer = await next();
        if (answer.type === "ready") return answer.state;
        throw answer.type === "failed" ? errorFromBody(answer.error) : monitorFailed(answer.type);
      } finally {
        letGo();
      }
    },
    abandon: letGo,
  };
}

function spawnMonitor(
  { nodePath, script, nsenter }: MonitorProgram,
  plan: Omit<MonitorPlan, "ports">,
  ports: readonly OpenPort[],
  networkPath: string | undefined,
): ChildProcess {
  const { folder } = plan;
  const complete: MonitorPlan = {
    ...plan,
    ports: ports.map(({ mapping }, index) => ({ mapping, fd: firstInheritedFd + index })),
  };
  writeJson(folder.plan, complete, { durable: false });
  const command = [nodePath, script, folder.dir];
  const [file = nodePath, ...args] = networkPath ? [nsenter, `--net=${networkPath}`, "--", ...command] : command;
  const complaints = openSync(folder.monitorLog, "w", 0o600);
  try {
    const monitor = spawn(file, args, {
      cwd: folder.dir,
      detached: true,
      stdio: ["pipe", "pipe", complaints, ...ports.map(({ fd }) => fd)],
      env: monitorEnv(),
    });
    monitor.on("error", () => {});
    monitor.stdin?.on("error", () => {});
    return monitor;
  } finally {
    closeSync(complaints);
  }
}

/** Nothing of the engine's environment but what running programs takes. */
function monitorEnv(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "XDG_RUNTIME_DIR", "ELECTRON_RUN_AS_NODE", "LIBMOUNT_FORCE_MOUNT2"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

async function* readReports(monitor: ChildProcess): AsyncGenerator<MonitorReport, undefined> {
  if (!monitor.stdout) return;
  for await (const line of createInterface({ input: monitor.stdout })) yield JSON.parse(line) as MonitorReport;
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
