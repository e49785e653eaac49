import { randomUUID } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import type { MissCause } from "../../engine/base/build-events.ts";
import { Emitter } from "../../engine/base/events.ts";
import type { ForecastNews, ForecastWish } from "../../engine/base/language-api.ts";
import type { Replay } from "../../engine/base/replay.ts";
import type { ForeignBegun } from "../../engine/forecast.ts";
import { contextOf } from "../builds/facts.ts";
import type { BuildRun } from "../builds/run.ts";
import { readSettings } from "../builds/settings.ts";
import { localEnginePaths } from "../engines/daemon.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import type { Services } from "../services.ts";

type Parts = Omit<Services, "forecasts" | "freshness">;

interface ForeignRecord {
  /** Why the step in a line, from 1, is done: that engine does not say. */
  causeAt(line: number): MissCause | undefined;
  finish(run: BuildRun): Promise<void>;
}

/** `off`: nothing is foretold unless somebody asks. */
const hintsSetting = "drydock.forecast.hints";

/** Events of files come in bursts: a checkout, an install. */
const burstMs = 20;

/** Tells the language server which Dockerfiles can be seen, how they would be built, and what changes around them; keeps what it foretells. */
export class Forecasts implements vscode.Disposable {
  /** A forecast has come, or none is wanted any more. */
  readonly changed = new Emitter<string>();
  readonly #services: Parts;
  readonly #news = new Map<string, ForecastNews>();
  readonly #watchers = new Map<string, vscode.Disposable>();
  readonly #disposables: vscode.Disposable[] = [];
  readonly #paths = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #listening = false;
  #sent = "[]";
  /** In turn: finding a context takes longer for one Dockerfile than for another, and the last that is told counts. */
  readonly #tell = oneAtATime(() => this.#tellNow());

  constructor(services: Parts) {
    this.#services = services;
    const { builds, engines } = services;
    this.#disposables.push(
      vscode.window.onDidChangeVisibleTextEditors(() => void this.#tell()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#tell()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(hintsSetting)) void this.#tell();
      }),
      { dispose: builds.changed.on(({ state }) => state !== "running" && void this.#again()) },
      {
        dispose: engines.events.on((event) => {
          if (event === undefined || event.Type === "image" || event.Type === "builder") void this.#again();
        }),
      },
      { dispose: engines.changed.on(() => void this.#tell()) },
    );
    void this.#tell();
  }

  /** The newest of a Dockerfile, if it can be seen. */
  of(uri: vscode.Uri): ForecastNews | undefined {
    return this.#news.get(uri.toString());
  }

  /** Of one that need not be open, nor be seen. */
  async ask(uri: vscode.Uri, target?: string): Promise<ForecastNews | undefined> {
    const wish = await this.#wishOf(uri, target);
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    return (await this.#services.language.ready()).sendRequest<ForecastNews>("drydock/forecast", { wish, text });
  }

  /** What builds after each of the last commits would have done again. @throws EngineError as the engine's replay */
  async replay(uri: vscode.Uri, commits: number): Promise<Replay> {
    const wish = await this.#wishOf(uri);
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    return (await this.#services.language.ready()).sendRequest<Replay>("drydock/replay", { wish, text, commits });
  }

  /**
   * A build by an engine that is not ours: what its steps were and what each cost is written down, so that its next builds can be foretold.
   * `finish` is called with the build when it has ended.
   */
  async recordForeign(uri: vscode.Uri, target: string | undefined): Promise<ForeignRecord> {
    try {
      const wish = await this.#wishOf(uri, target);
      const text = (await vscode.workspace.openTextDocument(uri)).getText();
      const client = await this.#services.language.ready();
      const id = randomUUID();
      const causes = await client.sendRequest<ForeignBegun["causes"]>("drydock/foreignBuildBegins", { id, wish, text });
      const causeAt = (line: number) => causes.find((one) => one.line === line)?.cause;
      const finish: ForeignRecord["finish"] = async ({ steps, tag, imageId, error }) => {
        const seen = steps.flatMap(({ step, state, durationMs = 0, sizeBytes }) =>
          state === "done" || state === "reused"
            ? [
                {
                  line: step.range.start.line + 1,
                  cached: state === "reused",
                  durationMs,
                  ...(sizeBytes === undefined ? {} : { sizeBytes }),
                },
              ]
            : [],
        );
        const outcome = {
          steps: seen,
          ...(tag === undefined ? {} : { tags: [tag] }),
          ...(imageId === undefined ? {} : { imageId }),
          ...(error ? { error: error.message } : {}),
        };
        await client.sendRequest("drydock/foreignBuildEnds", { id, outcome });
      };
      return { causeAt, finish };
    } catch (error) {
      this.#services.log.warn(`record of a build: ${error}`);
      return { causeAt: () => undefined, finish: async () => {} };
    }
  }

  /** What is chosen for builds of a Dockerfile has changed. */
  again(): Promise<void> {
    return this.#tell();
  }

  async #again(): Promise<void> {
    if (this.#watchers.size === 0) return;
    await (await this.#services.language.client)?.sendNotification("drydock/forecastAgain");
  }

  async #tellNow(): Promise<void> {
    const { language, log } = this.#services;
    try {
      const isOff = vscode.workspace.getConfiguration().get(hintsSetting) === "off";
      const editors = isOff ? [] : vscode.window.visibleTextEditors;
      const files = editors
        .map(({ document }) => document)
        .filter(({ languageId, uri }) => languageId === "dockerfile" && uri.scheme === "file")
        .map(({ uri }) => uri);
      const seen = vscode.workspace.isTrusted ? [...new Map(files.map((uri) => [uri.toString(), uri])).values()] : [];
      if (seen.length === 0 && this.#sent === "[]") return;
      const wishes = await Promise.all(seen.map((uri) => this.#wishOf(uri)));
      this.#watch(wishes.map(({ contextDir }) => contextDir));
      const text = JSON.stringify(wishes);
      if (text === this.#sent) return;
      this.#sent = text;
      const client = await language.ready();
      if (!this.#listening) {
        this.#listening = true;
        this.#disposables.push(
          client.onNotification("drydock/forecast", (news: ForecastNews) => this.#take(news)),
          // A server that was started again after a crash knows of nothing.
          client.onDidChangeState(() => {
            this.#sent = "[]";
            if (client.isRunning()) void this.#tell();
          }),
        );
      }
      for (const uri of [...this.#news.keys()]) {
        if (wishes.some((wish) => wish.uri === uri)) continue;
        this.#news.delete(uri);
        this.changed.emit(uri);
      }
      await client.sendNotification("drydock/visible", { wishes });
    } catch (error) {
      log.warn(`forecast: ${error}`);
    }
  }

  #take(news: ForecastNews): void {
    this.#news.set(news.uri, news);
    this.changed.emit(news.uri);
  }

  async #wishOf(uri: vscode.Uri, target?: string): Promise<ForecastWish> {
    const settings = readSettings(this.#services.storage, uri.toString());
    const { engines } = this.#services;
    const used = engines.used;
    const wanted = target ?? settings.target;
    return {
      uri: uri.toString(),
      home: localEnginePaths().home,
      contextDir: await contextOf(this.#services, uri, settings),
      ...(wanted === undefined ? {} : { target: wanted }),
      ...(settings.buildArgs ? { buildArgs: settings.buildArgs } : {}),
      ...(settings.platform ? { platform: settings.platform } : {}),
      ...(settings.noCache ? { noCache: true } : {}),
      ...(settings.pull ? { pull: true } : {}),
      ...(used && used.kind !== "embedded" ? { engine: { name: used.id } } : {}),
    };
  }

  /** One watcher a context; those of Dockerfiles that are out of sight go. */
  #watch(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue;
      watcher.dispose();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "**/*"));
      const note = ({ fsPath }: vscode.Uri) => this.#note(fsPath);
      watcher.onDidChange(note);
      watcher.onDidCreate(note);
      watcher.onDidDelete(note);
      this.#watchers.set(folder, watcher);
    }
  }

  #note(file: string): void {
    if (file.includes(`${path.sep}.git${path.sep}`)) return;
    this.#paths.add(file);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      const paths = [...this.#paths];
      this.#paths.clear();
      await (await this.#services.language.client)?.sendNotification("drydock/contextChanged", { paths });
    }, burstMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of [...this.#watchers.values(), ...this.#disposables]) disposable.dispose();
  }
}
