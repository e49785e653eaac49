import type { ChildProcess } from "node:child_process";
import { PassThrough, Readable, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execFailed, setupFailed } from "./errors.ts";
import { finisherFailed, finisherFailedCode } from "./last-step.ts";
import { firstChild, identify, linkIdentity, type ProcessIdentity, signalProcess } from "./proc.ts";
import { signalNumber } from "./signals.ts";
import { readyMark } from "./stages.ts";
import { exitCodeOf, runTool } from "./tools.ts";
import type { RunningProcess, TerminalSize } from "./types.ts";

interface Started {
  /** The chain's first process; what it forks is the container's process. */
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly tty: boolean;
  readonly command: string;
  /** `dev:ino` of the host's programs that the chain runs through. */
  readonly hostPrograms: ReadonlySet<string>;
  readonly stty: string | undefined;
  /** How long output may stay open after the process: something it left behind may hold it. */
  readonly lingerMs: number;
  /** The chain's last program stays, with the command as its child. */
  readonly staysAsInit: boolean;
  readonly afterExit: () => void;
}

/** Waits until the chain has become the command. @throws EngineError `runtime-failed`, `command-not-found` */
export async function whenRunning(started: Started): Promise<RunningProcess> {
  const { child, stdin } = started;
  let { stdout, stderr } = started;
  let spawnFailure = "";
  const ended = new Promise<number>((resolve) => {
    child.once("error", (error) => {
      spawnFailure = error.message;
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
  const complaint = await readUntilReady(child.stdio[3] as Readable);
  if (complaint !== undefined) {
    await ended;
    started.afterExit();
    throw setupFailed(complaint || spawnFailure);
  }
  const pid = child.pid === undefined ? undefined : firstChild(child.pid);
  const identity = pid === undefined ? undefined : identify(pid);
  const early = await commandStarted(identity, ended, started);
  if (early === 126 || early === 127 || early === finisherFailedCode) {
    // It has ended, so there is an end to read to. Whoever reads next gets the same again.
    const output = (await (started.tty ? stdout : stderr).toArray()) as Uint8Array[];
    const said = Buffer.concat(output).toString("utf8");
    if (early === finisherFailedCode && said.startsWith(finisherFailed)) {
      started.afterExit();
      throw setupFailed(said.slice(finisherFailed.length));
    }
    const words = failureWords(said);
    if (words !== undefined) {
      started.afterExit();
      throw execFailed(started.command, early, words.toLowerCase());
    }
    const again = Readable.from(output, { objectMode: false });
    if (started.tty) stdout = again;
    else stderr = again;
  }
  const exit = ended.then(async (code) => {
    await outputsClosed([stdout, stderr], started.lingerMs);
    stdin.destroy();
    started.afterExit();
    return code;
  });
  return {
    pid: pid ?? child.pid ?? 0,
    stdin,
    stdout,
    stderr,
    exit,
    signal(signal) {
      const number = signalNumber(signal);
      if (identity && number !== undefined) signalProcess(identity, number);
    },
    async resize({ rows, columns }: TerminalSize) {
      if (!identity || !started.stty) return;
      await runTool(started.stty, ["-F", `/proc/${identity.pid}/fd/0`, "rows", String(rows), "cols", String(columns)]);
    },
  };
}

/** What the set-up complained of; undefined when it got through. */
async function readUntilReady(status: Readable): Promise<string | undefined> {
  let text = "";
  status.setEncoding("utf8");
  return new Promise((resolve) => {
    status.on("data", (part: string) => {
      text += part;
      // It goes on being read: whoever waits for the process must never be stopped by a full or closed pipe.
      if (text.endsWith(readyMark)) resolve(undefined);
    });
    status.on("close", () => resolve(text.replaceAll("\0", "")));
    status.on("error", () => resolve(text));
  });
}

/** Resolves with the exit code if it ended before it was seen to run. */
async function commandStarted(
  identity: ProcessIdentity | undefined,
  ended: Promise<number>,
  { hostPrograms, staysAsInit }: Pick<Started, "hostPrograms" | "staysAsInit">,
): Promise<number | undefined> {
  if (!identity) return ended;
  let code: number | undefined;
  void ended.then((value) => {
    code = value;
  });
  for (;;) {
    if (code !== undefined) return code;
    const at = staysAsInit ? firstChild(identity.pid) : identity.pid;
    const program = at === undefined ? undefined : linkIdentity(at, "exe");
    if (program !== undefined && !hostPrograms.has(program)) return undefined;
    // There is no event for an exec; it is a matter of one to three milliseconds.
    await delay(1);
  }
}

/** unshare(1)'s words when it cannot become the command (the finisher in last-step.ts uses the same). */
function failureWords(output: string): string | undefined {
  return /^unshare: failed to execute .*: ([^:\r\n]+)\r?\n$/.exec(output)?.[1];
}

/** Resolves when what somebody reads has been read to its end. */
async function outputsClosed(outputs: readonly Readable[], lingerMs: number): Promise<void> {
  // Whoever waited for the process to run gets his turn to start reading.
  await new Promise((done) => setImmediate(done));
  const isRead = (output: Readable) => output.readableFlowing !== null || output.listenerCount("readable") > 0;
  const closed = Promise.all(
    outputs
      .filter(isRead)
      .map((output) => (output.readableEnded ? undefined : finished(output, { writable: false }).catch(() => {}))),
  );
  // Not thrown away at once: a late reader shall still get everything. Not kept for ever: it holds a descriptor.
  setTimeout(() => {
    for (const output of outputs) if (!isRead(output)) output.destroy();
  }, unreadMs).unref();
  if (lingerMs === Number.POSITIVE_INFINITY) {
    await closed;
    return;
  }
  const stop = new AbortController();
  await Promise.race([closed, delay(lingerMs, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort();
  for (const output of outputs) if (isRead(output) && output instanceof PassThrough) output.end();
}

const unreadMs = 10_000;
