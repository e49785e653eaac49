import * as vscode from "vscode";
import { Emitter } from "../../engine/base/events.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import type { Services } from "../services.ts";

/** Looking is cheap, and still not done for each file of a checkout. */
const settleMs = 400;

/** Which images that were built here are not any more what their sources would make. Nothing is looked at until somebody asks. */
export class Freshness implements vscode.Disposable {
  readonly changed = new Emitter<void>();
  readonly #services: Pick<Services, "builds" | "forecasts" | "log">;
  /** By image id: why, in the person's language. */
  readonly #stale = new Map<string, string>();
  /** By Dockerfile and target: why what was built of it is stale, when somebody last looked. */
  readonly #reasons = new Map<string, string | undefined>();
  /** Dockerfiles to look at; undefined: all. */
  #due: Set<string> | undefined = new Set();
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  readonly #lookInTurn = oneAtATime(() => this.#look());

  constructor(services: Pick<Services, "builds" | "forecasts" | "log">) {
    this.#services = services;
    const again = () => this.#schedule();
    this.#disposables = [
      vscode.workspace.onDidSaveTextDocument(again),
      vscode.workspace.onDidCreateFiles(again),
      vscode.workspace.onDidDeleteFiles(again),
      vscode.workspace.onDidRenameFiles(again),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && again()),
      // Its watchers see what changes outside of the editor.
      { dispose: services.forecasts.changed.on((uri) => this.#schedule(uri)) },
      { dispose: services.builds.changed.on(({ state }) => state !== "running" && again()) },
    ];
  }

  /** What is known now, by image id. Whoever asks is told of changes. */
  marks(): ReadonlyMap<string, string> {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#schedule();
    }
    return this.#stale;
  }

  /** `file`: nothing but this Dockerfile's forecast has changed, with each key for one. */
  #schedule(file?: string): void {
    if (!this.#wanted) return;
    if (file === undefined) this.#due = undefined;
    else this.#due?.add(file);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#lookInTurn(), settleMs);
  }

  async #look(): Promise<void> {
    const { builds, forecasts, log } = this.#services;
    const found = new Map<string, string>();
    const seen = new Set<string>();
    const due = this.#due;
    this.#due = new Set();
    for (const { state, imageId, file, target, engine } of builds.list) {
      const key = `${file}#${target ?? ""}`;
      if (state !== "done" || imageId === undefined || engine !== "embedded" || seen.has(key)) continue;
      seen.add(key);
      try {
        if (!due || due.has(file) || !this.#reasons.has(key)) {
          const news = await forecasts.ask(vscode.Uri.parse(file), target);
          this.#reasons.set(key, news?.steps.find(({ outcome }) => outcome === "miss")?.reason);
        }
        const reason = this.#reasons.get(key);
        if (reason !== undefined) found.set(imageId, reason);
      } catch (error) {
        // Its Dockerfile is gone, or not to be read.
        log.debug(`freshness of ${file}: ${error}`);
      }
    }
    const same = found.size === this.#stale.size && [...found].every(([id, reason]) => this.#stale.get(id) === reason);
    if (same) return;
    this.#stale.clear();
    for (const [id, reason] of found) this.#stale.set(id, reason);
    this.changed.emit();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
