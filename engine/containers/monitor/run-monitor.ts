import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identify, signalProcess } from "../../runtime/proc.ts";
import type { Cgroups, HostFacts, Runtime } from "../../runtime/types.ts";
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
import { EngineOrders } from "./engine-orders.ts";
import { forwardPorts } from "./forward.ts";
import { openLog } from "./log-writer.ts";
import { Names } from "./names.ts";
import { Supervisor } from "./supervisor.ts";

/** One JSON object a line on the monitor's stdout, for the engine that started it. */
export type MonitorReport =
  | { readonly type: "listening" }
  | { readonly type: "ready"; readonly state: MonitorState }
  | { readonly type: "failed"; readonly error: ReturnType<typeof bodyOf> }
  /** The container's run is over and written down; another one may come. */
  | { readonly type: "free" };

export interface MonitorTools {
  readonly runtime: Runtime;
  readonly cgroups: Cgroups;
}

/** Whatever a run may leave in this process does not add up for ever. */
const mostRuns = 50;

/**
 * Watches over one container after the other, as the engine says on stdin. It ends when the engine is gone, not before the
 * container that it has.
 */
export async function runMonitor(makeTools: (facts: HostFacts) => MonitorTools): Promise<void> {
  process.on("SIGHUP", () => {});
  const orders = new EngineOrders(process.stdin);
  const toolsFor = keepingLast(makeTools);
  for (let runs = 0; runs < mostRuns; ) {
    const order = await orders.next();
    if (!order) break;
    if (order.type === "prepare") toolsFor(order.facts).runtime.prepare?.();
    if (order.type !== "watch") continue;
    const free = await watchOver(order.dir, orders, toolsFor);
    if (!free) break;
    runs += 1;
    report({ type: "free" });
    free.runtime.prepare?.();
  }
  process.exit(0);
}

/**
 * The life of one container: start its process, and again as the restart policy says; keep its log, serve its attachments
 * and published ports, ask for its health, write down how it ended. This is the process's parent, and needs no engine once it
 * has said `ready`. The process starts only when the engine says so: an engine that dies before leaves nothing behind.
 * With its tools when this process is as it was before.
 */
async function watchOver(
  dir: string,
  orders: EngineOrders,
  toolsFor: (facts: HostFacts) => MonitorTools,
): Promise<MonitorTools | undefined> {
  // A unix socket's path may have 107 bytes, which a container's folder alone can exceed: name it from here.
  process.chdir(dir);
  complainInto("monitor.log");
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
  const names = new Names(plan);
  let isKept = false;
  let terminate: (() => void) | undefined;
  let closePorts: (() => void) | undefined;
  if ((await orders.next())?.type === "go") {
    try {
      const log = openLog(folder.log, plan.log);
      if (plan.names?.serve) await names.serve();
      const supervisor = new Supervisor(plan, state, {
        ...toolsFor(plan.facts),
        server,
        log,
        serveNames: () => names.serve(),
      });
      server.obey(supervisor);
      await supervisor.start();
      terminate = () => supervisor.signal(15, true);
      process.on("SIGTERM", terminate);
      closePorts = forwardPorts(plan.ports);
      report({ type: "ready", state: supervisor.state });
      isKept = await keepExit(await supervisor.ended(), plan);
      log.close();
    } catch (error) {
      report({ type: "failed", error: bodyOf(error) });
    }
  }
  names.close();
  // Before anybody hears of the end: the next container may want them at once, and a client that reads slowly keeps us here.
  closePorts?.();
  await server.close();
  if (terminate) process.off("SIGTERM", terminate);
  if (plan.networkHelper) signalProcess(plan.networkHelper, "SIGTERM");
  // The socket's name is gone since `close`: by now it may belong to the container's next monitor.
  process.chdir("/");
  // Whoever finds the container's monitor alive also finds how the run ended. Servers and timers of a container stay in here.
  return isKept && plan.ports.length === 0 && !plan.names?.serve && !plan.health ? toolsFor(plan.facts) : undefined;
}

/** Descriptor 2 becomes the container's own file, also for what Node itself says when it dies. */
function complainInto(file: string): void {
  closeSync(2);
  // open(2): the lowest one that is free.
  const fd = openSync(file, "w", 0o600);
  if (fd !== 2) throw new Error(`descriptor ${fd}`);
}

/** The machine does not change while a monitor lives, and finding out about it again takes time. */
function keepingLast(makeTools: (facts: HostFacts) => MonitorTools): (facts: HostFacts) => MonitorTools {
  let last: { readonly facts: string; readonly tools: MonitorTools } | undefined;
  return (facts) => {
    const text = JSON.stringify(facts);
    if (last?.facts !== text) last = { facts: text, tools: makeTools(facts) };
    return last.tools;
  };
}

/** A connected engine knows already; for the next one a disk that is full is given some seconds. True when it is written. */
async function keepExit(exit: ExitState, { folder, outlivesMachine }: MonitorPlan): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      writeJson(folder.exit, exit, { durable: outlivesMachine });
      if (outlivesMachine) syncFolder(folder.dir);
      return true;
    } catch (error) {
      if (tries === 8) {
        console.error(`exit.json: ${error instanceof Error ? error.message : error}`);
        return false;
      }
      await delay(250);
    }
  }
}

/** The engine may be gone: then nobody needs to know. */
function report(message: MonitorReport): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch {
    // EPIPE.
  }
}

/** A rename is durable only once its folder is. */
function syncFolder(dir: string): void {
  const fd = openSync(dir, constants.O_RDONLY);
  fsyncSync(fd);
  closeSync(fd);
}
