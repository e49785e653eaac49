import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { identify, signalProcess } from "../../runtime/proc.ts";
import type { Runtime } from "../../runtime/types.ts";
import { bodyOf } from "../errors.ts";
import {
  type ExitState,
  type MonitorPlan,
  type MonitorState,
  readJson,
  removeFile,
  socketName,
  writeJson,
} from "../folder.ts";
import { AttachServer } from "./attach-server.ts";
import { forwardPorts } from "./forward.ts";
import { LogWriter } from "./log-writer.ts";

/** One JSON object a line on the monitor's stdout, for the engine that started it. */
export type MonitorReport =
  | { readonly type: "listening" }
  | { readonly type: "ready"; readonly pid: number; readonly startedAt: number }
  | { readonly type: "failed"; readonly error: ReturnType<typeof bodyOf> };

/**
 * The life of one container: start its process, keep its log, serve its attachments and published ports, write down how
 * it ended. It is the process's parent, lives in the container's network namespace and needs no engine once it has said
 * `ready`. The process starts only when the engine says so on stdin: an engine that dies before leaves nothing behind.
 */
export async function runMonitor(dir: string, makeRuntime: (plan: MonitorPlan) => Runtime): Promise<void> {
  // A unix socket's path may have 107 bytes, which a container's folder alone can exceed: name it from here.
  process.chdir(dir);
  process.on("SIGHUP", () => {});
  const plan = readJson<MonitorPlan>("plan.json");
  unlinkSync("plan.json");
  const self = identify(process.pid);
  if (!plan || !self) throw new Error("no plan");
  const { folder } = plan;

  // Left by a monitor that was killed.
  removeFile(socketName);
  const server = new AttachServer(plan);
  await server.listen(socketName);
  const state: MonitorState = {
    monitor: self,
    rootfs: plan.run.rootfs,
    publishedPorts: plan.ports.map(({ mapping }) => mapping),
  };
  writeJson(folder.monitor, state, { durable: false });
  report({ type: "listening" });
  if (!(await toldToGo())) {
    await server.close();
    return end(plan);
  }

  try {
    const runtime = makeRuntime(plan);
    const log = new LogWriter(folder.log);
    const running = await runtime.run(plan.run);
    const startedAt = Date.now();
    process.on("SIGTERM", () => running.signal("TERM"));
    const output = server.serve(running, log);
    forwardPorts(plan.ports);
    const identity = identify(running.pid);
    const started: MonitorState = { ...state, startedAt, ...(identity ? { process: identity } : {}) };
    writeJson(folder.monitor, started, { durable: false });
    report({ type: "ready", pid: running.pid, startedAt });

    const exitCode = await running.exit;
    await output;
    log.close();
    writeJson(folder.exit, { exitCode, finishedAt: Date.now() } satisfies ExitState, { durable: true });
    syncFolder(dir);
  } catch (error) {
    report({ type: "failed", error: bodyOf(error) });
  }
  await server.close();
  end(plan);
}

/** The socket's name is gone since `close`: by now it may belong to the container's next monitor. */
function end(plan: MonitorPlan): never {
  if (plan.networkHelper) signalProcess(plan.networkHelper, "SIGTERM");
  process.exit(0);
}

/** The engine may be gone: then nobody needs to know. */
function report(message: MonitorReport): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch {
    // EPIPE.
  }
}

/** Waits for the engine's word. False when the engine is gone instead. */
function toldToGo(): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (go: boolean) => {
      resolve(go);
      process.stdin.destroy();
    };
    process.stdin.once("data", () => answer(true));
    process.stdin.once("end", () => answer(false));
    process.stdin.once("error", () => answer(false));
  });
}

/** A rename is durable only once its folder is. */
function syncFolder(dir: string): void {
  const fd = openSync(dir, constants.O_RDONLY);
  fsyncSync(fd);
  closeSync(fd);
}
