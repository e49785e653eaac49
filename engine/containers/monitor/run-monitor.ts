import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identify, signalProcess } from "../../runtime/proc.ts";
import type { Cgroups, Runtime } from "../../runtime/types.ts";
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
import { serveNames } from "./dns-server.ts";
import { forwardPorts } from "./forward.ts";
import { openLog } from "./log-writer.ts";
import { Supervisor } from "./supervisor.ts";

/** One JSON object a line on the monitor's stdout, for the engine that started it. */
export type MonitorReport =
  | { readonly type: "listening" }
  | { readonly type: "ready"; readonly state: MonitorState }
  | { readonly type: "failed"; readonly error: ReturnType<typeof bodyOf> };

export interface MonitorTools {
  readonly runtime: Runtime;
  readonly cgroups: Cgroups;
}

/**
 * The life of one container: start its process, and again as the restart policy says; keep its log, serve its attachments
 * and published ports, ask for its health, write down how it ended. It is the process's parent, lives in the container's
 * network namespace and needs no engine once it has said `ready`. The process starts only when the engine says so on stdin:
 * an engine that dies before leaves nothing behind.
 */
export async function runMonitor(
  dir: string,
  makeTools: (plan: MonitorPlan) => MonitorTools | Promise<MonitorTools>,
): Promise<void> {
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
    ...(plan.run.cgroup ? { cgroup: plan.run.cgroup } : {}),
    publishedPorts: plan.ports.map(({ mapping }) => mapping),
    restartCount: 0,
  };
  writeJson(folder.monitor, state, { durable: false });
  report({ type: "listening" });
  if (!(await toldToGo())) {
    await server.close();
    return end(plan);
  }

  try {
    const log = openLog(folder.log, plan.log);
    const serveNames = namesOf(plan);
    if (plan.names?.serve) await serveNames();
    const supervisor = new Supervisor(plan, state, { ...(await makeTools(plan)), server, log, serveNames });
    server.obey(supervisor);
    await supervisor.start();
    process.on("SIGTERM", () => supervisor.signal(15, true));
    forwardPorts(plan.ports);
    report({ type: "ready", state: supervisor.state });
    await keepExit(await supervisor.ended(), folder.exit, dir);
    log.close();
  } catch (error) {
    report({ type: "failed", error: bodyOf(error) });
  }
  await server.close();
  end(plan);
}

/** A connected engine knows already; for the next one a disk that is full is given some seconds. */
async function keepExit(exit: ExitState, file: string, dir: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      writeJson(file, exit, { durable: true });
      return syncFolder(dir);
    } catch (error) {
      if (tries === 8) return console.error(`exit.json: ${error instanceof Error ? error.message : error}`);
      await delay(250);
    }
  }
}

/** Starts the container's DNS server once, when it is first asked to. */
function namesOf({ id, names }: MonitorPlan): () => Promise<void> {
  let serving: Promise<unknown> | undefined;
  return async () => {
    if (names) serving ??= serveNames({ file: names.file, id });
    // A program of the container may have the address already: the container runs without names then.
    await serving?.catch((error) => console.error(`names: ${error instanceof Error ? error.message : error}`));
  };
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
