import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Socket } from "node:net";
import type { MonitorOrder } from "./monitor/engine-orders.ts";
import type { MonitorReport } from "./monitor/run-monitor.ts";

export interface MonitorStart {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Where it complains until it knows its container. Without one: nowhere. */
  readonly complaints?: string;
  /** Descriptors that it inherits, from 3 on. */
  readonly inherited?: readonly number[];
}

/** A monitor, as the engine that started it talks with it. Nothing here keeps the engine from ending. */
export class MonitorProcess {
  readonly #child: ChildProcess;
  readonly #reports: MonitorReport[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  /** Detached, with a session of its own: it outlives this engine once it watches over a container. */
  constructor({ command, complaints = "/dev/null", inherited = [] }: MonitorStart) {
    const [file = "", ...args] = command;
    const errors = openSync(complaints, "w", 0o600);
    try {
      this.#child = spawn(file, args, {
        cwd: "/",
        detached: true,
        stdio: ["pipe", "pipe", errors, ...inherited],
        env: monitorEnv(),
      });
    } finally {
      closeSync(errors);
    }
    const over = () => {
      this.#isOver = true;
      this.#wake();
    };
    this.#child.on("error", over);
    this.#child.stdin?.on("error", () => {});
    let text = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#reports.push(JSON.parse(line) as MonitorReport);
      this.#wake();
    });
    this.#child.stdout?.on("close", over);
    this.#child.unref();
    this.#hold(false);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  order(order: MonitorOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** What it says next; `undefined` when it has gone. */
  async next({ hold }: { readonly hold: boolean }): Promise<MonitorReport | undefined> {
    this.#hold(hold);
    try {
      for (;;) {
        const report = this.#reports.shift();
        if (report || this.#isOver) return report;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#hold(false);
    }
  }

  /** It ends by itself: at once without a container, else with it. */
  letGo(): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
  }

  #hold(hold: boolean): void {
    // Both are sockets, whatever their type says.
    for (const stream of [this.#child.stdin, this.#child.stdout] as unknown as readonly (Socket | null)[]) {
      if (hold) stream?.ref();
      else stream?.unref();
    }
  }
}

/** Nothing of the engine's environment but what running programs takes. */
function monitorEnv(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "XDG_RUNTIME_DIR", "ELECTRON_RUN_AS_NODE", "LIBMOUNT_FORCE_MOUNT2"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
