import { finished } from "node:stream";
import { EngineError } from "../base/errors.ts";
import type { ContainerHandle, RunningProcess, Runtime, TerminalSize } from "../runtime/types.ts";
import { drained } from "./drained.ts";
import { execAlreadyStarted, noExecCommand, noSuchExec } from "./errors.ts";
import { generateId } from "./names.ts";
import { execSpec } from "./process-spec.ts";
import type { Attachment, Container, Exec, ExecOptions } from "./types.ts";

/** A container in which something can be run. */
export interface ExecTarget extends ContainerHandle {
  readonly container: Container;
  /** What `Networks.linkVariables` says. */
  readonly links: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry {
  readonly exec: Mutable<Exec>;
  readonly options: ExecOptions;
  process?: RunningProcess;
  started: boolean;
  finishedAt?: number;
}

/** Docker forgets an exec some minutes after it has ended. */
const rememberMs = 5 * 60_000;

export interface ExecNews {
  readonly action: string;
  readonly containerId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Processes started beside containers' first processes. They belong to this engine: with it go their pipes. */
export class Execs {
  readonly #entries = new Map<string, Entry>();
  readonly #runtime: Runtime;
  readonly #onEvent: (news: ExecNews) => void;
  readonly #now: () => number;

  constructor(runtime: Runtime, onEvent: (news: ExecNews) => void, now: () => number) {
    this.#runtime = runtime;
    this.#onEvent = onEvent;
    this.#now = now;
  }

  create(containerId: string, options: ExecOptions): Exec {
    if (options.args.length === 0) throw noExecCommand();
    this.#forgetOld();
    const exec: Exec = {
      id: generateId(),
      containerId,
      args: options.args,
      tty: options.tty ?? false,
      openStdin: options.openStdin ?? false,
      privileged: options.privileged ?? false,
      ...(options.user ? { user: options.user } : {}),
      running: false,
    };
    this.#entries.set(exec.id, { exec, options, started: false });
    this.#tell("exec_create", exec, {}, true);
    return exec;
  }

  get(id: string): Exec {
    return { ...this.#entry(id).exec };
  }

  /** Those of the container that have not ended, also before their start. */
  openIn(containerId: string): readonly string[] {
    return [...this.#entries.values()]
      .filter(({ exec, finishedAt }) => exec.containerId === containerId && finishedAt === undefined)
      .map(({ exec }) => exec.id);
  }

  /** @throws EngineError `not-found`, `conflict`, and the runtime's */
  async start(id: string, target: ExecTarget, size?: TerminalSize): Promise<Attachment> {
    const entry = this.#entry(id);
    if (entry.started) throw execAlreadyStarted(id);
    entry.started = true;
    const { exec } = entry;
    this.#tell("exec_start", exec, {}, true);
    let running: RunningProcess;
    try {
      const spec = execSpec(target.container, target, entry.options);
      const process = spec.tty && size ? { ...spec, tty: size } : spec;
      running = await this.#runtime.exec(target, process);
    } catch (error) {
      this.#finish(entry, error instanceof EngineError ? (error.details.exitCode ?? 126) : 126);
      throw error;
    }
    entry.process = running;
    exec.running = true;
    exec.pid = running.pid;
    running.stdin.on("error", () => {});
    if (!exec.openStdin) running.stdin.end();
    void running.exit.then((exitCode) => {
      this.#finish(entry, exitCode);
      this.#tell("exec_die", exec, { exitCode: String(exitCode) }, false);
    });
    return new ExecAttachment(running);
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    const { process, exec } = this.#entry(id);
    if (process && exec.running) await process.resize(size);
  }

  forgetContainer(containerId: string): void {
    for (const [id, { exec }] of this.#entries) if (exec.containerId === containerId) this.#entries.delete(id);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw noSuchExec(id);
    return entry;
  }

  #finish(entry: Entry, exitCode: number): void {
    entry.exec.running = false;
    entry.exec.exitCode = exitCode;
    entry.finishedAt = this.#now();
    delete entry.process;
  }

  #forgetOld(): void {
    const limit = this.#now() - rememberMs;
    for (const [id, { finishedAt }] of this.#entries) {
      if (finishedAt !== undefined && finishedAt < limit) this.#entries.delete(id);
    }
  }

  /** Docker writes the command behind the action's name for two of the three. */
  #tell(action: string, exec: Exec, attributes: Record<string, string>, withCommand: boolean): void {
    this.#onEvent({
      action: withCommand ? `${action}: ${exec.args.join(" ")}` : action,
      containerId: exec.containerId,
      attributes: { execID: exec.id, ...attributes },
    });
  }
}

/** So much output waits for a client that reads slowly; then the process waits too. */
const maxQueuedBytes = 1024 * 1024;

class ExecAttachment implements Attachment {
  readonly #process: RunningProcess;
  readonly output: Attachment["output"];
  #queue: { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }[] = [];
  #queuedBytes = 0;
  #openStreams = 2;
  #left = false;
  #wake: () => void = () => {};

  constructor(process: RunningProcess) {
    this.#process = process;
    for (const stream of ["stdout", "stderr"] as const) {
      process[stream].on("data", (data: Uint8Array) => this.#push(stream, data));
      finished(process[stream], { writable: false }, () => {
        this.#openStreams -= 1;
        this.#wake();
      });
    }
    this.output = this.#read();
  }

  write(data: Uint8Array): void {
    const { stdin } = this.#process;
    if (!this.#left && !stdin.writableEnded && !stdin.destroyed) stdin.write(data);
  }

  drain(): Promise<void> {
    return drained(this.#process.stdin);
  }

  closeStdin(): void {
    if (!this.#process.stdin.writableEnded) this.#process.stdin.end();
  }

  /** The process goes on: its output must go somewhere, and its input ends. */
  detach(): void {
    this.#left = true;
    this.closeStdin();
    this.#queue = [];
    this.#resume();
    this.#wake();
  }

  #push(stream: "stdout" | "stderr", data: Uint8Array): void {
    if (this.#left) return;
    this.#queue.push({ stream, data });
    this.#queuedBytes += data.length;
    if (this.#queuedBytes > maxQueuedBytes) {
      this.#process.stdout.pause();
      this.#process.stderr.pause();
    }
    this.#wake();
  }

  async *#read(): AsyncGenerator<{ readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk) {
        this.#queuedBytes -= chunk.data.length;
        if (this.#queuedBytes <= maxQueuedBytes) this.#resume();
        yield chunk;
      } else if (this.#left) {
        return;
      } else if (this.#openStreams === 0) {
        // Whoever has read everything asks for the exit code next.
        await this.#process.exit;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #resume(): void {
    this.#process.stdout.resume();
    this.#process.stderr.resume();
  }
}
