import type { ChildProcess } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execFailed, setupFailed } from "./errors.ts";
import { finisherFailed, finisherFailedCode } from "./last-step.ts";
import { firstChild, identify, linkIdentity, type ProcessIdentity, signalProcess } from "./proc.ts";
import { signalNumber } from "./signals.ts";
import type { Chain } from "./spawn.ts";
import { readyMark } from "./stages.ts";
import { exitCodeOf, runTool } from "./tools.ts";
import type { RunningProcess, TerminalSize } from "./types.ts";

interface Exit {
  readonly stty: string | undefined;
  /** How long output may stay open after the process: something it left behind may hold it. */
  readonly lingerMs: number;
  readonly afterExit: () => void;
}

interface Started extends Chain, Exit {
  readonly command: string;
  /** `dev:ino` of the host's programs that the chain runs through. */
  readonly hostPrograms: ReadonlySet<string>;
  /** The chain's last program stays, with the command as its child. */
  readonly staysAsInit: boolean;
}

/** Waits until the chain has become the command. @throws EngineError `runtime-failed`, `command-not-found` */
export async function whenRunning(started: Started): Promise<RunningProcess> {
  const { child } = started;
  let spawnFailure = "";
  const ended = whenEnded(child, (message) => {
    spawnFailure = message;
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
  if (early !== 126 && early !== 127 && early !== finisherFailedCode) return runningProcess(started, identity, ended);
  const { said, again } = await lastOutput(started);
  const words = failureWords(said);
  const failure =
    early === finisherFailedCode && said.startsWith(finisherFailed)
      ? setupFailed(said.slice(finisherFailed.length))
      : words === undefined
        ? undefined
        : execFailed(started.command, early, words.toLowerCase());
  if (!failure) return runningProcess({ ...started, ...again }, identity, ended);
  started.afterExit();
  throw failure;
}

/** What a process has said on its way out. It has ended, so there is an end to read to; whoever reads `again` gets the same. */
export async function lastOutput(chain: Chain): Promise<{
  readonly said: string;
  readonly again: Pick<Chain, "stdout"> | Pick<Chain, "stderr">;
}> {
  const output = (await (chain.tty ? chain.stdout : chain.stderr).toArray()) as Uint8Array[];
  const same = Readable.from(output, { objectMode: false });
  return { said: Buffer.concat(output).toString("utf8"), again: chain.tty ? { stdout: same } : { stderr: same } };
}

/** Resolves with the exit code; `failure` gets why it could not even be started. */
export function whenEnded(child: ChildProcess, failure: (message: string) => void): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      failure(error.message);
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/** A process that runs, or has ended already (then there may be no identity). */
export function runningProcess(
  { stdin, stdout, stderr, child, stty, lingerMs, afterExit }: Chain & Exit,
  identity: ProcessIdentity | undefined,
  ended: Promise<number>,
): RunningProcess {
  const exit = ended.then(async (code) => {
    await outputsClosed([stdout, stderr], lingerMs);
    stdin.destroy();
    afterExit();
    return code;
  });
  return {
    pid: identity?.pid ?? child.pid ?? 0,
    stdin,
    stdout,
    stderr,
    exit,
    signal(signal) {
      const number = signalNumber(signal);
      if (identity && number !== undefined) signalProcess(identity, number);
    },
    async resize({ rows, columns }: TerminalSize) {
      if (!identity || !stty) return;
      await runTool(stty, ["-F", `/proc/${identity.pid}/fd/0`, "rows", String(rows), "cols", String(columns)]);
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
