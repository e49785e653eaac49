import { existsSync } from "node:fs";
import type { Message } from "../base/message.ts";
import { signalProcess } from "../runtime/proc.ts";
import type { TerminalSize } from "../runtime/types.ts";
import type { ContainerRoot } from "./container-root.ts";
import { within } from "./endings.ts";
import {
  isPaused,
  isRestarting,
  logsNotReadable,
  noSuchContainer,
  notRunning,
  policyOfAutoRemove,
  removalInProgress,
  removePaused,
  removeRestarting,
  removeRunning,
} from "./errors.ts";
import type { ExecTarget } from "./execs.ts";
import { Life, type Surroundings } from "./life.ts";
import { readLog } from "./log-reader.ts";
import { MonitorAttachment } from "./monitor-client.ts";
import { changedResources, limitsOf, resourceWarnings } from "./resources.ts";
import type { Run } from "./run.ts";
import { parseSignal } from "./signals.ts";
import { sampleStats } from "./stats.ts";
import type { StatsSample } from "./stats-sample.ts";
import type {
  Attachment,
  AttachOptions,
  Container,
  Containers,
  ContainerUpdate,
  EndpointOptions,
  LogLine,
  LogOptions,
} from "./types.ts";

const defaultStopSeconds = 10;
/** For a process that was killed to be gone. */
const killPatienceMs = 10_000;

/**
 * What can be asked of one container. Stop and kill do not wait for their turn, so that a container can be killed while
 * somebody is stopping it.
 */
export class Unit {
  readonly #around: Surroundings;
  readonly #life: Life;
  #removing = false;

  constructor(around: Surroundings, container: Container) {
    this.#around = around;
    this.#life = new Life(around, container);
  }

  get container(): Container {
    return this.#life.container;
  }

  get running(): boolean {
    return this.#life.live !== undefined;
  }

  /** No error (returns false) when it runs already. */
  start(): Promise<boolean> {
    return this.#life.start();
  }

  recover(afterBoot: boolean): Promise<boolean> {
    return this.#life.recover(afterBoot);
  }

  startAgain(): Promise<void> {
    return this.#life.startAgain();
  }

  disconnect(): void {
    this.#life.disconnect();
  }

  async stop({ signal, timeoutSeconds }: { signal?: string; timeoutSeconds?: number } = {}): Promise<boolean> {
    const { options, stopSignal } = this.container;
    const number = parseSignal(signal ?? stopSignal ?? "TERM");
    await this.#untilUp();
    const wasUp = this.#isUp;
    if (this.#life.isStartedAgain) await this.#life.stayEnded();
    const live = this.#life.live;
    if (live) await this.#stopRun(live, number, timeoutSeconds ?? options.stopTimeout ?? defaultStopSeconds);
    if (wasUp) this.#life.emit("stop");
    return wasUp;
  }

  async kill(signal = "KILL"): Promise<void> {
    const number = parseSignal(signal);
    const isKill = number === parseSignal("KILL");
    const isEnd = isKill || number === parseSignal(this.container.stopSignal ?? "TERM");
    await this.#untilUp();
    if (!this.#isUp) throw notRunning(this.container.id);
    if (isEnd && this.#life.isStartedAgain) await this.#life.stayEnded();
    const live = this.#life.live;
    // As Docker: between two runs nothing is there that could hear it.
    if (!live) return;
    if (isKill) await this.#forceDown(live, this.#life.endings.nextEnd());
    else if (isEnd) await this.#end(live, number);
    else await this.#send(live, number, { final: false });
  }

  async restart(timeoutSeconds: number | undefined): Promise<void> {
    this.#life.endsToStart += 1;
    try {
      await this.stop(timeoutSeconds === undefined ? {} : { timeoutSeconds });
      await this.start();
    } finally {
      this.#life.endsToStart -= 1;
    }
    this.#life.emit("restart");
  }

  rename(name: string): void {
    const oldName = this.container.name;
    this.#life.record.change((draft) => {
      draft.name = name;
    });
    this.#life.emit("rename", { oldName: `/${oldName}` });
  }

  openRoot(): Promise<ContainerRoot> {
    return this.#life.openRoot();
  }

  async remove({ force, volumes }: Parameters<Containers["remove"]>[1]): Promise<void> {
    const { id, name, status } = this.container;
    if (this.#removing) throw removalInProgress(id);
    if (this.#isUp && !force) {
      throw status === "paused"
        ? removePaused(id)
        : status === "restarting"
          ? removeRestarting(id)
          : removeRunning(id, name);
    }
    this.#removing = true;
    try {
      for (let gone = false; !gone; ) {
        if (this.#life.live) await this.#forceDown(this.#life.live, this.#life.endings.nextEnd());
        gone = await this.#life.inTurn(async () => {
          // A start may have been before us.
          if (this.#life.live && !force) throw removeRunning(id, name);
          if (this.#life.live) return false;
          await this.#life.delete(volumes);
          return true;
        });
      }
    } finally {
      this.#removing = false;
    }
  }

  wait(condition: Parameters<Containers["wait"]>[1], signal?: AbortSignal): Promise<number> {
    return this.#life.endings.wait(condition, () => this, signal);
  }

  /** @throws EngineError `unsupported` with the log driver none */
  logs(options: LogOptions): AsyncIterable<LogLine> {
    if (this.container.options.log?.driver === "none") throw logsNotReadable();
    const live = this.#life.live !== undefined;
    // Reading begins later than this call: it may have ended by then.
    const onEnd = (ended: () => void) => {
      if (!this.#life.live) ended();
      return this.#life.endings.exits.on(ended);
    };
    return readLog(this.#life.folder.log, { ...options, follow: options.follow && live }, live ? onEnd : undefined);
  }

  attach({ stdin = true }: AttachOptions = {}): Promise<Attachment> {
    return this.#life.inTurn(async () => {
      const { id, name, status } = this.container;
      if (this.#life.isRemoved) throw noSuchContainer(name);
      if (status === "paused") throw isPaused(id, "attach");
      if (status === "restarting") throw isRestarting(id);
      const attachment = new MonitorAttachment({ stdin });
      if (this.#life.live) await attachment.connect(this.#life.folder.dir).catch(() => Promise.reject(notRunning(id)));
      else this.#life.attachLater(attachment);
      this.#life.emit("attach");
      return attachment;
    });
  }

  async resize(size: TerminalSize): Promise<void> {
    if (!this.#life.live) throw notRunning(this.container.id);
    await this.#life.live.control.resize(size);
    this.#life.emit("resize", { height: String(size.rows), width: String(size.columns) });
  }

  /** @throws EngineError `conflict` when it is not running */
  execTarget(): ExecTarget {
    const { id, status } = this.container;
    if (status === "paused") throw isPaused(id, "exec");
    return { container: this.container, links: this.#around.networks.linkVariables(id), ...this.#runningHandle() };
  }

  joinNetwork(network: string, options: EndpointOptions): Promise<void> {
    return this.#life.inTurn(async () => {
      const endpoint = await this.#around.networks.connect(this.container, network, options);
      this.#life.record.change((draft) => {
        draft.endpoints = [...draft.endpoints, endpoint];
      });
      await this.#life.live?.control.order({ type: "serve-names" });
    });
  }

  leaveNetwork(network: string): Promise<void> {
    return this.#life.inTurn(async () => {
      const left = await this.#around.networks.disconnect(this.container, network);
      this.#life.record.change((draft) => {
        draft.endpoints = draft.endpoints.filter(({ networkId }) => networkId !== left.networkId);
      });
    });
  }

  async pause(): Promise<void> {
    if (!this.#life.live) throw notRunning(this.container.id);
    await this.#life.live.control.order({ type: "pause" });
  }

  async unpause(): Promise<void> {
    if (!this.#life.live) throw notRunning(this.container.id);
    await this.#life.live.control.order({ type: "unpause" });
  }

  update({ resources, restartPolicy }: ContainerUpdate): Promise<readonly Message[]> {
    return this.#life.inTurn(async () => {
      const { options, name } = this.container;
      if (this.#life.isRemoved) throw noSuchContainer(name);
      if (options.autoRemove && restartPolicy && restartPolicy.name !== "no") throw policyOfAutoRemove();
      const { cgroups } = this.#around;
      const changed = resources && changedResources(options.resources ?? {}, resources);
      const place = this.#life.live?.state.cgroup;
      if (changed && place) await cgroups.update(place, limitsOf(changed));
      if (restartPolicy) await this.#life.live?.control.order({ type: "restart-policy", policy: restartPolicy });
      this.#life.record.change((draft) => {
        draft.options = {
          ...options,
          ...(changed ? { resources: changed } : {}),
          ...(restartPolicy ? { restartPolicy } : {}),
        };
      });
      this.#life.emit("update");
      return resourceWarnings({ ...(resources ? { resources } : {}) }, cgroups.controllers);
    });
  }

  async stats(): Promise<StatsSample> {
    const { pid, cgroup } = this.#runningHandle();
    return sampleStats(this.#around.cgroups, { place: cgroup, pid }, this.container.options.networkMode !== "host");
  }

  #runningHandle() {
    const { id, status } = this.container;
    const live = this.#life.live;
    if (!live) throw notRunning(id);
    if (status === "restarting" || !live.state.handle) throw isRestarting(id);
    return live.state.handle;
  }

  /** As Docker: what is being started is started first, so that a stop in the middle is not lost. */
  async #untilUp(): Promise<void> {
    if (!this.#isUp) await this.#life.startsOver();
  }

  get #isUp(): boolean {
    return this.running || this.#life.isStartedAgain;
  }

  async #stopRun(live: Run, signal: number, seconds: number): Promise<void> {
    const end = this.#life.endings.nextEnd();
    await this.#end(live, signal);
    // Docker: a negative timeout waits for ever.
    if (seconds < 0) await end;
    else if (!(await within(end, seconds * 1000))) await this.#forceDown(live, end);
  }

  /** Whatever its restart policy says, it is not started again. */
  async #end(live: Run, number: number): Promise<void> {
    this.#life.record.learn((draft) => {
      draft.stoppedByUser = true;
    });
    await this.#send(live, number, { final: true });
  }

  async #send(live: Run, number: number, how: { readonly final: boolean }): Promise<void> {
    if (live.state.status !== "restarting") this.#life.emit("kill", { signal: String(number) });
    await live.control.signal(number, how);
  }

  /** KILL, and if even that does not show, without the monitor's help. */
  async #forceDown(live: Run, end: Promise<void>): Promise<void> {
    void this.#end(live, parseSignal("KILL")).catch(() => {});
    if (await within(end, killPatienceMs)) return;
    // One that has written down the end may be another container's by now.
    if (!existsSync(this.#life.folder.exit)) signalProcess(live.state.monitor, "SIGKILL");
    await end;
  }
}
