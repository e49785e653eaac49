import { existsSync } from "node:fs";
import { EngineError } from "../base/errors.ts";
import { formatMessage } from "../base/message.ts";
import { bootId, isAlive } from "../runtime/proc.ts";
import type { RootMount } from "../snapshot/types.ts";
import { type ContainerRoot, RootLender } from "./container-root.ts";
import { Endings } from "./endings.ts";
import { machineRestarted, monitorLost, noSuchContainer, startPaused } from "./errors.ts";
import type { Execs } from "./execs.ts";
import {
  type ContainerFolder,
  containerFolder,
  type ExitState,
  type MonitorState,
  readJson,
  removeFile,
} from "./folder.ts";
import type { MonitorAttachment } from "./monitor-client.ts";
import { type News, newsBetween } from "./monitor-news.ts";
import { withoutAddress } from "./networks/endpoints.ts";
import { ContainerRecord } from "./record.ts";
import { startedByEngine } from "./restarts.ts";
import { imageOf, launch, layersOf, type Run, type RunTools, reconnect, release, settledState } from "./run.ts";
import type { Container, Health } from "./types.ts";

/** What all containers share. */
export interface Surroundings extends RunTools {
  readonly home: string;
  readonly execs: Execs;
  readonly now: () => number;
  emit(container: Container, action: string, attributes?: Readonly<Record<string, string>>): void;
  forget(container: Container): void;
  /** Volumes that are the container's alone. */
  dropVolumes(container: Container): Promise<void>;
}

/** Docker's number for "killed", also said when nobody knows. */
const unknownExitCode = 137;
/** Docker's number for a start that failed and says no other. */
const failedStartCode = 128;

/**
 * The life of one container: its record, its runs one after another, and what is told about them. What changes it (start, the
 * clean-up behind its end, removal) happens one after another.
 */
export class Life {
  readonly folder: ContainerFolder;
  readonly record: ContainerRecord;
  readonly endings = new Endings();
  readonly #around: Surroundings;
  readonly #waiting = new Set<MonitorAttachment>();
  #live: Run | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isRemoved = false;
  /** The last end was seen by nobody. */
  #wasCutOff = false;
  /** So many restarts go on, whose end is followed by a start: `--rm` does not count. */
  endsToStart = 0;
  /** The engine means to start it, and nobody has stopped it since. */
  #startsAgain = false;
  /** Starts that go on or wait for their turn. */
  #starts = 0;
  readonly #lender: RootLender;

  constructor(around: Surroundings, container: Container) {
    this.#around = around;
    this.folder = containerFolder(around.home, container.id);
    this.record = new ContainerRecord(this.folder.record, container);
    this.#lender = new RootLender(around.snapshots);
  }

  get container(): Container {
    return this.record.container;
  }

  get live(): Run | undefined {
    return this.#live;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Between a run whose monitor was lost and the next: its restart policy wants it up. */
  get isStartedAgain(): boolean {
    return !this.#live && (this.#startsAgain || this.container.status === "restarting");
  }

  /** Resolves when the starts that somebody has asked for until now have come about or failed. */
  async startsOver(): Promise<void> {
    if (this.#starts > 0) await this.inTurn(async () => {});
  }

  /** What its monitor could not do: a start that fails is in the record, and a stop that comes first prevents it. */
  async startAgain(): Promise<void> {
    this.#startsAgain = true;
    await this.#start(() => this.#startsAgain).catch((error) => this.record.note(error));
    this.#startsAgain = false;
  }

  /** It is not started again, unless that came first. */
  stayEnded(): Promise<void> {
    this.#startsAgain = false;
    this.record.learn((draft) => {
      draft.stoppedByUser = true;
    });
    return this.inTurn(async () => {
      if (this.#live || this.container.status !== "restarting") return;
      this.record.learn((draft) => {
        draft.status = "exited";
      });
    });
  }

  start(): Promise<boolean> {
    return this.#start(() => true);
  }

  #start(isWanted: () => boolean): Promise<boolean> {
    this.#starts += 1;
    const started = this.inTurn(async () => {
      if (!isWanted()) return false;
      if (this.#isRemoved) throw noSuchContainer(this.container.name);
      if (this.container.status === "paused") throw startPaused();
      if (this.#live) return false;
      try {
        const live = await launch(this.#around, this.container, this.folder, () => this.#connectWaiting());
        this.#takeUp(live, { isKnown: false });
        this.emit("start");
        live.control.listen((state) => this.#hear(live, state));
        return true;
      } catch (error) {
        this.record.learn((draft) => {
          if (draft.status === "restarting") draft.status = "exited";
          draft.error = error instanceof Error ? error.message : String(error);
          draft.exitCode = (error instanceof EngineError ? error.details.exitCode : undefined) ?? failedStartCode;
        });
        this.#dismissWaiting();
        if (this.container.options.autoRemove) await this.delete();
        throw error;
      }
    });
    return started.finally(() => {
      this.#starts -= 1;
    });
  }

  /**
   * After a restart of the engine: takes a running container up again, or writes down that it has ended. True when its
   * restart policy wants it started and its monitor could not do it.
   */
  async recover(afterBoot: boolean): Promise<boolean> {
    const { status } = this.container;
    const recovered = this.inTurn(async () => {
      if (status === "removing" || status === "dead") return this.delete();
      const state = await settledState(this.folder);
      if (state?.status && isAlive(state.monitor)) {
        const control = await reconnect(state, this.folder);
        if (control) {
          const live: Run = { control, state };
          this.#takeUp(live, { isKnown: isUp(this.container) });
          return control.listen((now) => this.#hear(live, now));
        }
      }
      // The monitor may have ended between the two looks.
      if (isUp(this.container) || existsSync(this.folder.state)) {
        await this.#conclude(readJson<MonitorState>(this.folder.monitor), undefined, afterBoot);
      } else if (this.container.status === "exited" && this.container.options.autoRemove) {
        await this.delete();
      }
    });
    // One that cannot be cleaned up must not keep the engine from starting.
    await recovered.catch((error) => this.record.note(error));
    return !this.#live && !this.#isRemoved && this.#wantsStart({ cutOff: this.#wasCutOff, afterBoot });
  }

  /** Lets go of the monitor, which goes on. */
  disconnect(): void {
    const live = this.#live;
    this.#live = undefined;
    live?.control.disconnect();
  }

  /** Connects when the container starts, before its process runs. */
  attachLater(attachment: MonitorAttachment): void {
    this.#waiting.add(attachment);
  }

  async delete(withVolumes = false): Promise<void> {
    // Asked for twice: by a client, and by --rm.
    if (this.#isRemoved) return;
    const { snapshots, networks, execs } = this.#around;
    const { id } = this.container;
    this.record.learn((draft) => {
      draft.status = "removing";
    });
    await networks.release(this.container);
    await snapshots.remove(id);
    if (withVolumes || this.container.options.autoRemove) await this.#around.dropVolumes(this.container);
    removeFile(this.folder.dir);
    execs.forgetContainer(id);
    this.#isRemoved = true;
    this.#around.forget(this.container);
    this.#dismissWaiting();
    this.emit("destroy");
    this.endings.removals.emit();
  }

  /** Its files, until they are released. */
  openRoot(): Promise<ContainerRoot> {
    return this.inTurn(async () => {
      if (this.#isRemoved) throw noSuchContainer(this.container.name);
      const layers = layersOf(await imageOf(this.#around, this.container));
      return this.#lender.lend(
        this.container,
        layers,
        () => this.#live?.state,
        (body) => this.inTurn(body),
      );
    });
  }

  emit(action: string, attributes?: Readonly<Record<string, string>>): void {
    this.#around.emit(this.container, action, attributes);
  }

  inTurn<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(body);
    this.#turn = result.catch(() => {});
    return result;
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

  /** `isKnown`: a run that goes on, which somebody may have told to end. */
  #takeUp(live: Run, { isKnown }: { readonly isKnown: boolean }): void {
    this.#live = live;
    const { state } = live;
    this.record.learn((draft) => {
      draft.status = state.status ?? "running";
      draft.startedAt = state.startedAt ?? this.#around.now();
      draft.publishedPorts = state.publishedPorts;
      draft.endpoints = this.#around.networks.endpointsIn(draft.id) ?? draft.endpoints;
      draft.restartCount = state.restartCount;
      for (const field of ["pid", "finishedAt", "exitCode", "error", "oomKilled", "health"] as const) {
        delete draft[field];
      }
      if (!isKnown) delete draft.stoppedByUser;
      if (state.handle) draft.pid = state.handle.pid;
      if (state.health) draft.health = state.health;
      if (state.exit) Object.assign(draft, endOf(state.exit));
    });
    void live.control.closed.then(() => this.inTurn(() => this.#ended(live))).catch((error) => this.record.note(error));
  }

  /** The monitor has said what is now. */
  #hear(live: Run, state: MonitorState): void {
    if (this.#live !== live) return;
    const before = live.state;
    live.state = state;
    for (const news of newsBetween(before, state)) this.#learn(news, state);
  }

  #learn(news: News, { handle, startedAt, restartCount, health }: MonitorState): void {
    switch (news.type) {
      case "died":
        this.record.learn((draft) => {
          draft.status = "restarting";
          Object.assign(draft, endOf(news.exit));
          delete draft.pid;
          if (draft.health) draft.health = ended(draft.health);
        });
        this.#tellDeath(news.exit.exitCode);
        break;
      case "started":
        this.record.learn((draft) => {
          draft.status = "running";
          draft.restartCount = restartCount;
          for (const field of ["finishedAt", "exitCode", "oomKilled"] as const) delete draft[field];
          if (handle) draft.pid = handle.pid;
          if (startedAt !== undefined) draft.startedAt = startedAt;
          if (health) draft.health = health;
        });
        this.emit("start");
        break;
      case "paused":
      case "unpaused":
        this.record.learn((draft) => {
          draft.status = news.type === "paused" ? "paused" : "running";
        });
        this.emit(news.type === "paused" ? "pause" : "unpause");
        break;
      case "health":
        this.record.learn(
          (draft) => {
            draft.health = news.health;
          },
          { keep: false },
        );
        if (news.changed) this.emit(`health_status: ${news.health.status}`);
    }
  }

  /** The connection to the monitor is closed. */
  async #ended(live: Run): Promise<void> {
    if (this.#live !== live) return;
    const isLost = !existsSync(this.folder.exit) && !live.state.exit;
    if (isLost && isAlive(live.state.monitor)) {
      const control = await reconnect(live.state, this.folder);
      if (control) {
        const again: Run = { ...live, control };
        this.#takeUp(again, { isKnown: true });
        return control.listen((state) => this.#hear(again, state));
      }
    }
    this.#live = undefined;
    await this.#conclude(live.state, live.mount);
    if (!this.#isRemoved && this.#wantsStart({ cutOff: this.#wasCutOff, afterBoot: false })) {
      void this.startAgain();
    }
  }

  /** Writes down how it ended, tells everybody, and cleans up. */
  async #conclude(state: MonitorState | undefined, mount: RootMount | undefined, afterBoot = false): Promise<void> {
    const wasUp = isUp(this.container);
    const wasRestarting = this.container.status === "restarting";
    const kept = readJson<ExitState>(this.folder.exit);
    // A disk that was full has no exit.json; without a restart in sight what the monitor said last is the end.
    const exit =
      kept ?? (state?.exit && (state.status !== "restarting" || this.container.stoppedByUser) ? state.exit : undefined);
    this.#wasCutOff = wasUp && !exit;
    if (wasUp || exit) {
      const exitCode = exit?.exitCode ?? unknownExitCode;
      const startedAt = state?.startedAt ?? this.container.startedAt;
      // An engine that is killed before it has started it again leaves that to the next one.
      const booted = state ? state.monitor.bootId !== bootId() : afterBoot;
      const again = this.#wasCutOff && this.#wantsStart({ cutOff: true, afterBoot: false, exitCode });
      this.record.learn((draft) => {
        draft.status = again ? "restarting" : "exited";
        draft.publishedPorts = [];
        draft.endpoints = draft.endpoints.map(withoutAddress);
        draft.restartCount = state?.restartCount ?? draft.restartCount;
        delete draft.pid;
        if (draft.health) draft.health = ended(state?.health ?? draft.health);
        if (startedAt !== undefined) draft.startedAt = startedAt;
        Object.assign(draft, endOf(exit ?? { exitCode, finishedAt: this.#around.now() }));
        if (!exit) draft.error = formatMessage(booted ? machineRestarted() : monitorLost());
      });
      // Its last end was told when it was to be started again.
      if (wasRestarting) this.endings.exits.emit(exitCode);
      else this.#tellDeath(exitCode);
    }
    this.endings.ends.emit();
    await release(this.#around, this.container, this.folder, { state, mount, killAll: exit === undefined });
    const { options, status } = this.container;
    if (options.autoRemove && status === "exited" && this.endsToStart === 0) await this.delete();
  }

  #tellDeath(exitCode: number): void {
    const { startedAt = 0, finishedAt = 0, oomKilled } = this.container;
    if (oomKilled) this.emit("oom");
    const seconds = Math.max(0, Math.floor((finishedAt - startedAt) / 1000));
    this.emit("die", { exitCode: String(exitCode), execDuration: String(seconds) });
    this.endings.exits.emit(exitCode);
  }

  /** `exitCode`: one that is not in the record yet. */
  #wantsStart(how: { readonly cutOff: boolean; readonly afterBoot: boolean; readonly exitCode?: number }): boolean {
    const { cutOff, afterBoot } = how;
    const { options, startedAt, exitCode = 0, stoppedByUser = false } = this.container;
    if (startedAt === undefined) return false;
    return startedByEngine({
      policy: options.restartPolicy,
      exitCode: how.exitCode ?? exitCode,
      stoppedByUser,
      cutOff,
      machineRestarted: afterBoot,
    });
  }
}

function isUp({ status }: Container): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

function endOf({ exitCode, finishedAt, oomKilled, error }: ExitState): Partial<Container> {
  return { exitCode, finishedAt, ...(oomKilled ? { oomKilled } : {}), ...(error ? { error } : {}) };
}

/** Docker calls what has ended unhealthy. */
function ended(health: Health): Health {
  return { ...health, status: "unhealthy" };
}
