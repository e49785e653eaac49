import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setupFailed } from "./errors.ts";
import { need } from "./host-tools.ts";
import { endable, makePipes, silence } from "./stdio.ts";
import type { HostFacts, ProcessSpec } from "./types.ts";

/** A chain of programs that is about to become a container's process, with that one's streams. */
export interface Chain {
  /** Descriptor 3 is a pipe to this side. */
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly tty: boolean;
}

/** As Docker: what an exec'd process leaves behind may hold its output open, but not for ever. */
export const execLingerMs = 2000;

/** `lingerMs`: whether the streams must be able to end on this side before the other. */
export async function spawnChain(
  facts: HostFacts,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  spec: Pick<ProcessSpec, "tty" | "uid" | "gid">,
  lingerMs: number,
): Promise<Chain> {
  const [file = "", ...args] = argv;
  // Its own session: a Ctrl-C in the terminal that the engine was started from is not meant for containers.
  const common = { env: { ...env }, cwd: "/", detached: true };
  if (spec.tty) {
    const child = spawnNow(file, args, { ...common, stdio: ["pipe", "pipe", "ignore", "pipe"] });
    const stdin = child.stdin as Writable;
    stdin.on("error", () => {});
    return { child, stdin, stdout: endable(child.stdout as Readable), stderr: silence(), tty: true };
  }
  const pipes = await makePipes(need(facts, "mkfifo"), spec);
  let child: ChildProcess;
  try {
    child = spawnNow(file, args, { ...common, stdio: [...pipes.childEnds, "pipe"] });
  } catch (error) {
    for (const stream of [pipes.stdin, pipes.stdout, pipes.stderr]) stream.destroy();
    throw error;
  } finally {
    // Before anything is awaited: while this side holds them open, there is no end of output.
    pipes.closeChildEnds();
  }
  const may = Number.isFinite(lingerMs) ? endable : (stream: Readable) => stream;
  return { child, stdin: pipes.stdin, stdout: may(pipes.stdout), stderr: may(pipes.stderr), tty: false };
}

/** spawn(2) can fail at once: E2BIG, when there is more environment than the kernel takes. */
function spawnNow(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options);
  } catch (error) {
    throw setupFailed((error as Error).message);
  }
}
