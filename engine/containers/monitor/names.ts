import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { MonitorPlan } from "../folder.ts";
import { serveNames } from "./dns-server.ts";

export const namesArgument = "--names";

/**
 * The container's DNS server, from when it is first asked for. It must be in the container's network; for a monitor that is not,
 * another process is: `node monitor.js --names <file> <id>`, which ends with its stdin.
 */
export class Names {
  readonly #plan: Pick<MonitorPlan, "id" | "names" | "run" | "facts">;
  #serving: Promise<unknown> | undefined;
  #process: ChildProcess | undefined;

  constructor(plan: Pick<MonitorPlan, "id" | "names" | "run" | "facts">) {
    this.#plan = plan;
  }

  async serve(): Promise<void> {
    this.#serving ??= this.#start();
    // A program of the container may have the address already: the container runs without names then.
    await this.#serving.catch((error) => console.error(`names: ${error instanceof Error ? error.message : error}`));
  }

  close(): void {
    this.#process?.stdin?.destroy();
  }

  async #start(): Promise<void> {
    const { id, names, run, facts } = this.#plan;
    if (!names) return;
    if (typeof run.network !== "object") {
      await serveNames({ file: names.file, id });
      return;
    }
    const program = [process.execPath, process.argv[1] ?? "", namesArgument, names.file, id];
    const child = spawn(facts.tools.nsenter ?? "nsenter", [`--net=${run.network.path}`, "--", ...program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    child.stdin.on("error", () => {});
    const failed = once(child, "exit").then(() => Promise.reject(new Error("not served")));
    await Promise.race([once(child.stdout, "data"), failed]);
    failed.catch(() => {});
  }
}

/** Serves until whoever started it is gone. */
export async function runNames([file = "", id = ""]: readonly string[]): Promise<void> {
  process.stdin.on("end", () => process.exit(0)).resume();
  await serveNames({ file, id });
  process.stdout.write("ready\n");
}
