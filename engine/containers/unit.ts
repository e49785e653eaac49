import { existsSync } from "node:fs";
import { Emitter } from "../base/events.ts";
import { formatMessage } from "../base/message.ts";
import { bootId, isAlive, signalProcess } from "../runtime/proc.ts";
import type { TerminalSize } from "../runtime/types.ts";
import type { RootMount } from "../snapshot/types.ts";
import {
  machineRestarted,
  monitorLost,
  noSuchContainer,
  notRunning,
  removalInProgress,
  removeRunning,
  waitCancelled,
} from "./errors.ts";
import type { Execs, ExecTarget } from "./execs.ts";
import {
  type ContainerFolder,
  containerFolder,
  type ExitState,
  type MonitorState,
  readJson,
  removeFile,
  writeJson,
} from "./folder.ts";
import { readLog } from "./log-reader.ts";
import { MonitorAttachment } from "./monitor-client.ts";
import { launch, type Run, type RunTools, reconnect, release, settledState } from "./run.ts";
import { parseSignal } from "./signals.ts";
import type { Attachment, AttachOptions, Container, Containers, LogLine, LogOptions } from "./types.ts";

/** What all containers share. */
export interface Surroundings extends RunTools {
  readonly home: string;
  readonly execs: Execs;
  readonly now: () => number;
  emit(container: Container, action: string, attributes?: Readonly<Record<string, string>>): void;
  forget(container: Container): void;
}

type Draft = { -readonly [K in keyof Container]: Container[K] };

/** Docker's number for "killed", also said when nobody knows. */
const unknownExitCode = 137;
const defaultStopSeconds = 10;
/** For a process that was killed to be gone. */
const killPatienceMs = 10_000;

/**
 * One container. What changes it (start, the clean-up behind its end, removal) happens one after another; stop and kill do
 * not wait for their turn, so that a container can be killed while somebody is stopping it.
 */
export class Unit {
  readonly folder: ContainerFolder;
  readonly #around: Surroundings;
  readonly #exits = new Emitter<number>();
  readonly #waiting = new Set<MonitorAttachment>();
  readonly #removals = new Emitter<void>();
  #container: Container;
  #live: Run | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #removing = false;
  #isRemoved = false;

  constructor(around: Surroundings, container: Container) {
    this.#around = around;
    this.#container = container;
    this.folder = containerFolder(around.home, container.id);
  }

  get container(): Container {
    return this.#container;
  }

  get running(): boolean {
    return this.#live !== undefined;
  }

  start(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#isRemoved) throw noSuchContainer(this.#container.name);
      if (this.#live) return false;
      try {
        this.#takeUp(await launch(this.#around, this.#container, this.folder, () => this.#connectWaiting()));
        this.#around.emit(this.#container, "start");
        return true;
      } catch (error) {
        this.#note(error);
        this.#dismissWaiting();
        if (this.#container.options.autoRemove) await this.#delete();
        throw error;
      }
    });
  }

  async stop({ signal, timeoutSeconds }: { signal?: string; timeoutSeconds?: number } = {}): Promise<boolean> {
    const live = this.#live;
    if (!live) return false;
    const { options, stopSignal } = this.#container;
    const seconds = timeoutSeconds ?? options.stopTimeout ?? defaultStopSeconds;
    const exit = this.#nextExit();
    await this.#send(live, parseSignal(signal ?? stopSignal ?? "TERM"));
    // Docker: a negative timeout waits for ever.
    if (seconds < 0) await exit;
    else if (!(await within(exit, seconds * 1000))) await this.#forceDown(live, exit);
    this.#around.emit(this.#container, "stop");
    return true;
  }

  async kill(signal = "KILL"): Promise<void> {
    const number = parseSignal(signal);
    const live = this.#live;
    if (!live) throw notRunning(this.#container.id);
    if (number === parseSignal("KILL")) await this.#forceDown(live, this.#nextExit());
    else await this.#send(live, number);
  }

  async restart(timeoutSeconds: number | undefined): Promise<void> {
    await this.stop(timeoutSeconds === undefined ? {} : { timeoutSeconds });
    await this.start();
    this.#around.emit(this.#container, "restart");
  }

  rename(name: string): void {
    const oldName = this.#container.name;
    this.#update((draft) => {
      draft.name = name;
    });
    this.#around.emit(this.#container, "rename", { oldName: `/${oldName}` });
  }

  async remove({ force }: { readonly force: boolean }): Promise<void> {
    const { id, name } = this.#container;
    if (this.#removing) throw removalInProgress(id);
    if (this.#live && !force) throw removeRunning(id, name);
    this.#removing = true;
    try {
      if (this.#live) await this.#forceDown(this.#live, this.#nextExit());
      await this.#inTurn(() => this.#delete());
    } finally {
      this.#removing = false;
    }
  }

  async wait(condition: Parameters<Containers["wait"]>[1], signal?: AbortSignal): Promise<number> {
    const exitCode = () => this.#container.exitCode ?? 0;
    if (condition === "not-running" && !this.#live) return exitCode();
    if (signal?.aborted) throw waitCancelled();
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const settle = (answer: () => void) => {
        for (const stop of stops) stop();
        answer();
      };
      if (condition !== "removed") stops.push(this.#exits.on((code) => settle(() => resolve(code))));
      stops.push(this.#removals.on(() => settle(() => resolve(exitCode()))));
      const abort = () => settle(() => reject(waitCancelled()));
      signal?.addEventListener("abort", abort);
      stops.push(() => signal?.removeEventListener("abort", abort));
    });
  }

  logs(options: LogOptions): AsyncIterable<LogLine> {
    const live = this.#live !== undefined;
    // Reading begins later than this call: it may have ended by then.
    const onEnd = (ended: () => void) => {
      if (!this.#live) ended();
      return this.#exits.on(ended);
    };
    return readLog(this.folder.log, { ...options, follow: options.follow && live }, live ? onEnd : undefined);
  }

  attach({ stdin = true }: AttachOptions = {}): Promise<Attachment> {
    return this.#inTurn(async () => {
      if (this.#isRemoved) throw noSuchContainer(this.#container.name);
      const attachment = new MonitorAttachment({ stdin });
      if (this.#live)
        await attachment.connect(this.folder.dir).catch(() => Promise.reject(notRunning(this.#container.id)));
      else this.#waiting.add(attachment);
      this.#around.emit(this.#container, "attach");
      return attachment;
    });
  }

  async resize(size: TerminalSize): Promise<void> {
    if (!this.#live) throw notRunning(this.#container.id);
    await this.#live.control.resize(size);
    this.#around.emit(this.#container, "resize", { height: String(size.rows), width: String(size.columns) });
  }

  /** @throws EngineError `conflict` when it is not running */
  execTarget(): ExecTarget {
    const live = this.#live;
    if (!live) throw notRunning(this.#container.id);
    return { container: this.#container, pid: live.pid, rootfs: live.state.rootfs, stateDir: this.folder.state };
  }

  /** After a restart of the engine: takes a running container up again, or writes down that it has ended. */
  recover(): Promise<void> {
    const recovered = this.#inTurn(async () => {
      if (this.#container.status === "removing" || this.#container.status === "dead") return this.#delete();
      const state = await settledState(this.folder);
      if (state?.process && isAlive(state.monitor)) {
        const control = await reconnect(state, this.folder);
        if (control) return this.#takeUp({ control, state, pid: state.process.pid });
      }
      // The monitor may have ended between the two looks.
      if (this.#container.status === "running" || existsSync(this.folder.state)) {
        await this.#conclude(readJson<MonitorState>(this.folder.monitor), undefined);
      } else if (this.#container.status === "exited" && this.#container.options.autoRemove) {
        await this.#delete();
      }
    });
    // One that cannot be cleaned up must not keep the engine from starting.
    return recovered.catch((error) => this.#note(error));
  }

  /** Lets go of the monitor, which goes on. */
  disconnect(): void {
    const live = this.#live;
    this.#live = undefined;
    live?.control.disconnect();
  }

  async #connectWaiting(): Promise<void> {
    const waiting = [...this.#waiting].filter((attachment) => attachment.waiting);
    this.#waiting.clear();
    await Promise.all(waiting.map((attachment) => attachment.connect(this.folder.dir)));
  }

  #dismissWaiting(): void {
    for (const attachment of this.#waiting) attachment.detach();
    this.#waiting.clear();
  }

  #takeUp(live: Run): void {
    this.#live = live;
    this.#update((draft) => {
      draft.status = "running";
      draft.pid = live.pid;
      draft.startedAt = live.state.startedAt ?? this.#around.now();
      draft.publishedPorts = live.state.publishedPorts;
      delete draft.finishedAt;
      delete draft.exitCode;
      delete draft.error;
    });
    void live.control.closed.then(() => this.#inTurn(() => this.#ended(live))).catch((error) => this.#note(error));
  }

  /** What nobody waits for has failed: the record says it. */
  #note(error: unknown): void {
    try {
      this.#update((draft) => {
        draft.error = error instanceof Error ? error.message : String(error);
      });
    } catch {
      // The disk is full, or the folder gone: memory has it.
    }
  }

  /** The connection to the monitor is closed. */
  async #ended(live: Run): Promise<void> {
    if (this.#live !== live) return;
    const exit = readJson<ExitState>(this.folder.exit);
    if (!exit && isAlive(live.state.monitor)) {
      const control = await reconnect(live.state, this.folder);
      if (control) return this.#takeUp({ ...live, control });
    }
    this.#live = undefined;
    await this.#conclude(live.state, live.mount);
  }

  /** Writes down how it ended, tells everybody, and cleans up. */
  async #conclude(state: MonitorState | undefined, mount: RootMount | undefined): Promise<void> {
    const exit = readJson<ExitState>(this.folder.exit);
    if (this.#container.status === "running" || exit) {
      const exitCode = exit?.exitCode ?? unknownExitCode;
      const startedAt = this.#container.startedAt ?? state?.startedAt;
      this.#update((draft) => {
        draft.status = "exited";
        draft.exitCode = exitCode;
        draft.finishedAt = exit?.finishedAt ?? this.#around.now();
        draft.publishedPorts = [];
        delete draft.pid;
        if (startedAt !== undefined) draft.startedAt = startedAt;
        if (!exit) draft.error = formatMessage(state?.monitor.bootId === bootId() ? monitorLost() : machineRestarted());
      });
      const seconds = Math.floor(((this.#container.finishedAt ?? 0) - (startedAt ?? 0)) / 1000);
      this.#around.emit(this.#container, "die", { exitCode: String(exitCode), execDuration: String(seconds) });
      this.#exits.emit(exitCode);
    }
    await release(this.#around, this.#container, this.folder, { state, mount, killAll: exit === undefined });
    if (this.#container.options.autoRemove && this.#container.status === "exited") await this.#delete();
  }

  async #delete(): Promise<void> {
    // Asked for twice: by a client, and by --rm.
    if (this.#isRemoved) return;
    const { snapshots, network, execs } = this.#around;
    const { id } = this.#container;
    this.#update((draft) => {
      draft.status = "removing";
    });
    await network.remove(id);
    await snapshots.remove(id);
    removeFile(this.folder.dir);
    execs.forgetContainer(id);
    this.#isRemoved = true;
    this.#around.forget(this.#container);
    this.#dismissWaiting();
    this.#around.emit(this.#container, "destroy");
    this.#removals.emit();
  }

  async #send(live: Run, number: number): Promise<void> {
    this.#around.emit(this.#container, "kill", { signal: String(number) });
    await live.control.signal(number);
  }

  /** KILL, and if even that does not show, without the monitor's help. */
  async #forceDown(live: Run, exit: Promise<number>): Promise<void> {
    void this.#send(live, parseSignal("KILL")).catch(() => {});
    if (await within(exit, killPatienceMs)) return;
    signalProcess(live.state.monitor, "SIGKILL");
    await exit;
  }

  #nextExit(): Promise<number> {
    return new Promise((resolve) => {
      const stop = this.#exits.on((code) => {
        stop();
        resolve(code);
      });
    });
  }

  #update(change: (draft: Draft) => void): void {
    const draft: Draft = { ...this.#container };
    change(draft);
    this.#container = draft;
    writeJson(this.folder.record, draft, { durable: true });
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(body);
    this.#turn = result.catch(() => {});
    return result;
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}
