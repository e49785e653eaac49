import * as vscode from "vscode";
import { EngineError } from "../../engine/base/errors.ts";
import { Emitter } from "../../engine/base/events.ts";
import { msg } from "../../engine/base/message.ts";
import { t } from "../ui/text.ts";
import { type Connection, connect } from "./connection.ts";
import { ensureDaemon, localEnginePaths, ping } from "./daemon.ts";
import { type ApiEvent, followEvents } from "./event-stream.ts";

interface Options {
  readonly distDir: string;
  readonly log: vscode.LogOutputChannel;
}

/** The engine of this window. It is started by the first call of `connection`, not before. */
export class Engines implements vscode.Disposable {
  /** What happens in the engine, whoever caused it. `undefined`: anything may have changed (a new connection). */
  readonly events = new Emitter<ApiEvent | undefined>();
  readonly #options: Options;
  readonly #disposables: vscode.Disposable[] = [];
  #connection: Promise<Connection> | undefined;
  #stopEvents: AbortController | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
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

  /**
   * The living engine, started when there is none.
   * @throws EngineError `forbidden` in an untrusted workspace, `unavailable` when it does not start.
   */
  connection(): Promise<Connection> {
    if (!vscode.workspace.isTrusted) {
      throw new EngineError({
        code: "forbidden",
        message: msg("Nothing is built or run in a workspace that you do not trust."),
        hint: msg("Use Manage Workspace Trust to change this."),
      });
    }
    this.#connection ??= this.#start().catch((error) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  /** The engine if it runs already: nothing is started. In an untrusted workspace nothing is asked. */
  async running(): Promise<Connection | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    if (!this.#connection && !(await ping(localEnginePaths().socket))) return undefined;
    return this.connection();
  }

  async #start(): Promise<Connection> {
    const { socket } = await ensureDaemon(this.#options.distDir);
    const connection = await connect(socket);
    await sendSettings(connection);
    const stop = new AbortController();
    this.#stopEvents = stop;
    followEvents(connection, (event) => this.events.emit(event), stop.signal).then(() => {
      if (stop.signal.aborted) return;
      // The engine has gone (idle, updated, killed): the next call starts it again; views look again now.
      this.#connection = undefined;
      this.events.emit(undefined);
    });
    this.#options.log.info(`engine at ${socket}`);
    this.#logNotes(connection);
    return connection;
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
    this.#stopEvents?.abort();
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

/** Only what the user has set: an engine that was set up on the command line keeps its own settings. */
async function sendSettings(connection: Connection): Promise<void> {
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
