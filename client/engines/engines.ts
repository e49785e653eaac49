import { homedir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { EngineError } from "../../engine/base/errors.ts";
import { Emitter } from "../../engine/base/events.ts";
import { msg } from "../../engine/base/message.ts";
import { t } from "../ui/text.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { type Connection, connectTo } from "./connection.ts";
import { ensureDaemon, localEnginePaths, ping } from "./daemon.ts";
import { type ApiEvent, followEvents } from "./event-stream.ts";
import { automaticOrder, type EngineTarget, embedded, findTargets } from "./targets.ts";

interface Options {
  readonly distDir: string;
  readonly log: vscode.LogOutputChannel;
}

export const engineSetting = "drydock.engine";

/** How long an engine may take to say that it is there before `auto` goes on to the next. */
const autoPatienceMs = 1500;

/** How long nobody may use a connection whose events are not heard yet: some engines answer with the first of them. */
const eventsPatienceMs = 1000;

/** The engine of this window, and the choice of it. The embedded one is started by the first call of `connection`, not before. */
export class Engines implements vscode.Disposable {
  /** What happens in the engine, whoever caused it. `undefined`: anything may have changed (a new connection). */
  readonly events = new Emitter<ApiEvent | undefined>();
  /** Another engine is used from now on. */
  readonly changed = new Emitter<void>();
  readonly #options: Options;
  readonly #disposables: vscode.Disposable[] = [];
  #connection: Promise<Connection> | undefined;
  #used: EngineTarget | undefined;
  #leave: AbortController | undefined;
  #isDisposed = false;

  constructor(options: Options) {
    this.#options = options;
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(engineSetting)) this.#forget();
        if (
          change.affectsConfiguration("drydock.registryMirrors") ||
          change.affectsConfiguration("drydock.insecureRegistries")
        ) {
          this.#connection?.then(sendSettings).catch((error) => this.#options.log.warn(String(error)));
        }
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.events.emit(undefined)),
    );
  }

  /** True once the engine was asked for; until then nothing runs. */
  get started(): boolean {
    return this.#connection !== undefined;
  }

  /** The engine that is used; until one was needed, undefined. */
  get used(): EngineTarget | undefined {
    return this.#used;
  }

  /** What the setting says; `auto` takes a Docker or Podman that works, else the embedded engine. */
  get choice(): string {
    return vscode.workspace.getConfiguration().get<string>(engineSetting, "auto").trim() || "auto";
  }

  /** All that could be used. Nothing is asked over a network. */
  targets(): readonly EngineTarget[] {
    return findTargets({
      env: process.env,
      homeDir: homedir(),
      platform: process.platform,
      uid: process.getuid?.() ?? 0,
    });
  }

  /** Whether it answers; the embedded one is not started for it. */
  async answers(target: EngineTarget, timeoutMs = 5000): Promise<boolean> {
    if (target.kind === "embedded") return ping(localEnginePaths().socket, timeoutMs);
    if (!target.address) return false;
    return ping(target.address, timeoutMs);
  }

  /** Kept in the user's settings, or in the workspace's where one is set there. */
  async choose(choice: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration();
    const inWorkspace = settings.inspect(engineSetting)?.workspaceValue !== undefined;
    await settings.update(
      engineSetting,
      choice === "auto" && !inWorkspace ? undefined : choice,
      inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global,
    );
  }

  /**
   * The engine that was chosen, started when it is the embedded one and does not run.
   * @throws EngineError `forbidden` in an untrusted workspace, `unavailable` when it does not answer or start.
   */
  connection(): Promise<Connection> {
    if (!vscode.workspace.isTrusted) {
      throw new EngineError({
        code: "forbidden",
        message: msg("Nothing is built or run in a workspace that you do not trust."),
        hint: msg("Use Manage Workspace Trust to change this."),
        action: { kind: "manage-trust" },
      });
    }
    if (this.#isDisposed) throw new EngineError({ code: "cancelled", message: msg("Cancelled.") });
    this.#connection ??= this.#begin();
    return this.#connection;
  }

  /** The engine if it runs already: nothing is started. In an untrusted workspace nothing is asked. */
  async running(): Promise<Connection | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    if (this.#connection) return this.connection();
    const target = await this.#resolve();
    if (!(await this.answers(target, autoPatienceMs))) return undefined;
    return this.connection();
  }

  async #resolve(): Promise<EngineTarget> {
    const { choice } = this;
    const targets = this.targets();
    if (choice === "auto") {
      for (const target of automaticOrder(targets)) {
        if (target.kind === "embedded" || (await this.answers(target, autoPatienceMs))) return target;
      }
      return embedded;
    }
    const named = targets.find(({ id }) => id === choice);
    if (named) return named;
    if (choice.includes("://")) {
      return { id: choice, kind: "docker", name: choice, address: parseAddress(choice) };
    }
    throw new EngineError({
      code: "not-found",
      message: msg('The chosen engine "{name}" is not there any more.', { name: choice }),
      hint: msg("Choose another one with Use Engine."),
      action: { kind: "open-settings", setting: engineSetting },
    });
  }

  #begin(): Promise<Connection> {
    const left = new AbortController();
    this.#leave = left;
    return this.#start(left.signal).catch((error) => {
      if (!left.signal.aborted) this.#connection = undefined;
      throw error;
    });
  }

  /** `left`: another engine was chosen, perhaps before this one has answered. */
  async #start(left: AbortSignal): Promise<Connection> {
    const target = await this.#resolve();
    const opened = left.aborted
      ? undefined
      : await this.#open(target).catch((error) => {
          if (!left.aborted) throw error;
        });
    if (!opened || left.aborted) {
      opened?.close();
      return this.connection();
    }
    const connection = opened;
    left.addEventListener("abort", () => connection.close());
    this.#use(target);
    const events = followEvents(connection, (event) => this.events.emit(event), left);
    void events.ended.then(() => {
      if (left.aborted) return;
      // The engine has gone (idle, updated, killed): the next call starts it again; views look again now.
      this.#connection = undefined;
      connection.close();
      this.events.emit(undefined);
    });
    // Who asks for a list hears of all that happens after it.
    await Promise.race([events.opened, delay(eventsPatienceMs, undefined, { ref: false })]);
    return connection;
  }

  async #open(target: EngineTarget): Promise<Connection> {
    if (target.kind === "embedded") {
      const { socket } = await ensureDaemon(this.#options.distDir);
      const connection = await connectTo({ ...target, address: { kind: "socket", path: socket } });
      await sendSettings(connection);
      this.#options.log.info(`engine at ${socket}`);
      void this.#logNotes(connection);
      return connection;
    }
    const { address } = target;
    if (!address || !(await ping(address, 15_000))) {
      const { name } = target;
      const place = address ? formatAddress(address) : "";
      throw new EngineError({
        code: "unavailable",
        message:
          name === place
            ? msg("No engine answers at {address}.", { address: place })
            : msg("{name} does not answer at {address}.", { name, address: place }),
        hint: msg("Start it, or choose another engine with Use Engine."),
        action: { kind: "use-engine" },
        retryable: true,
      });
    }
    this.#options.log.info(`${target.id} at ${formatAddress(address)}`);
    return connectTo(target, this.#options.distDir);
  }

  #use(target: EngineTarget): void {
    const isNew = this.#used?.id !== target.id;
    this.#used = target;
    if (isNew) this.changed.emit();
  }

  /** The next call decides anew; what runs in the old engine goes on. */
  #forget(): void {
    this.#leave?.abort();
    this.#connection = undefined;
    this.#used = undefined;
    this.changed.emit();
    this.events.emit(undefined);
  }

  /** What this machine cannot do is written once a connection, for the one who wonders later. */
  async #logNotes(connection: Connection): Promise<void> {
    try {
      for (const note of (await connection.status()).notes) this.#options.log.warn(t(note));
    } catch (error) {
      this.#options.log.warn(String(error));
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#leave?.abort();
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

/** Only what the user has set: an engine that was set up on the command line keeps its own settings. */
async function sendSettings(connection: Connection): Promise<void> {
  if (!connection.isEmbedded) return;
  const settings = vscode.workspace.getConfiguration("drydock");
  const own = (key: string) => {
    const found = settings.inspect<string[]>(key);
    return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
  };
  const registryMirrors = own("registryMirrors");
  const insecureRegistries = own("insecureRegistries");
  if (!registryMirrors && !insecureRegistries) return;
  await connection.putSettings({
    ...(registryMirrors ? { registryMirrors } : {}),
    ...(insecureRegistries ? { insecureRegistries } : {}),
  });
}
