import type { Forecast } from "../../engine/base/forecast.ts";
import type { ForecastWish } from "../../engine/base/language-api.ts";
import type { Replay, ReplayRequest } from "../../engine/base/replay.ts";
import type { AskedForecast, Forecaster } from "../../engine/forecast.ts";
import { pathOf } from "../files.ts";

/** A document as it stands in the editor. */
export interface ForecastText {
  readonly version: number;
  readonly text: string;
  readonly model?: NonNullable<AskedForecast["model"]>;
}

export interface Foretold {
  readonly version: number;
  readonly forecast: Forecast;
}

interface Sources {
  textOf(uri: string): ForecastText | undefined;
  /** Loaded when the first Dockerfile wants one. */
  open(home: string): Promise<Forecaster>;
  changed(uri: string, foretold: Foretold): void;
  failed(problem: string): void;
}

interface Watched {
  wish: ForecastWish;
  foretold?: Foretold;
  running: boolean;
  again: boolean;
}

/** Keys come fast: diagnostics go first, and one forecast does for several keys. */
const settleMs = 40;

/** What the next builds of the visible Dockerfiles would do, as it stands now. Nothing is done for others. */
export class Forecasts {
  readonly #sources: Sources;
  readonly #watched = new Map<string, Watched>();
  #forecaster: { readonly home: string; readonly opened: Promise<Forecaster> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #due = new Set<string>();
  readonly #waiting = new Set<() => void>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Those that can be seen, each with how it would be built. */
  watch(wishes: readonly ForecastWish[]): void {
    const known = new Map(this.#watched);
    const unseen = wishes.map(({ contextDir }) => contextDir).filter((folder) => !this.#isWatched(folder));
    // Nobody told what happened there while no Dockerfile of it could be seen.
    if (unseen.length > 0) void this.#forget(unseen);
    this.#watched.clear();
    for (const wish of wishes) {
      const before = known.get(wish.uri);
      const same = before && JSON.stringify(before.wish) === JSON.stringify(wish);
      if (before) before.wish = wish;
      this.#watched.set(wish.uri, before ?? { wish, running: false, again: false });
      if (!same) this.#schedule(wish.uri, 0);
    }
    if (wishes.length === 0) clearTimeout(this.#timer);
  }

  edited(uri: string): void {
    if (this.#watched.has(uri)) this.#schedule(uri, settleMs);
  }

  /** Files changed, or a build has ended. Without paths anything may have changed. */
  async invalidate(paths?: readonly string[]): Promise<void> {
    (await this.#forecaster?.opened)?.invalidate(paths);
    for (const [uri, { wish }] of this.#watched) {
      if (!paths || paths.some((path) => path.startsWith(wish.contextDir))) this.#schedule(uri, 0);
    }
  }

  /** A build has ended, an image has come: records are looked at again, files are as they were. */
  again(): void {
    for (const uri of this.#watched.keys()) this.#schedule(uri, 0);
  }

  /** The last that is known, perhaps of a version before. */
  of(uri: string): Foretold | undefined {
    return this.#watched.get(uri)?.foretold;
  }

  /** Of this version if it comes within the time, else the last. */
  async soon(uri: string, version: number, waitMs: number): Promise<Foretold | undefined> {
    const watched = this.#watched.get(uri);
    if (!watched || watched.foretold?.version === version) return watched?.foretold;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, waitMs);
      const waiting = this.#waiting;
      function done() {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      }
      function check() {
        if (watched?.foretold?.version === version) done();
      }
      waiting.add(check);
    });
    return watched.foretold;
  }

  /** One question about a Dockerfile that need not be open. */
  async once(wish: ForecastWish, text: string): Promise<Forecast> {
    if (!this.#isWatched(wish.contextDir)) await this.#forget([wish.contextDir]);
    return (await this.#open(wish.home)).forecast({ ...wish, dockerfilePath: pathOf(wish.uri) ?? "", text });
  }

  #isWatched(folder: string): boolean {
    return [...this.#watched.values()].some(({ wish }) => wish.contextDir === folder);
  }

  async #forget(folders: readonly string[]): Promise<void> {
    (await this.#forecaster?.opened)?.invalidate(folders);
  }

  async replay(wish: ForecastWish, variants: ReplayRequest["variants"], commits: number): Promise<Replay> {
    return (await this.#open(wish.home)).replay({ ...wish, dockerfilePath: pathOf(wish.uri) ?? "", variants, commits });
  }

  wishOf(uri: string): ForecastWish | undefined {
    return this.#watched.get(uri)?.wish;
  }

  async recordForeign(wish: ForecastWish, text: string): ReturnType<Forecaster["recordForeignBuild"]> {
    return (await this.#open(wish.home)).recordForeignBuild({ ...wish, dockerfilePath: pathOf(wish.uri) ?? "", text });
  }

  #schedule(uri: string, afterMs: number): void {
    this.#due.add(uri);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const due = [...this.#due];
      this.#due.clear();
      for (const one of due) void this.#run(one);
    }, afterMs);
  }

  async #run(uri: string): Promise<void> {
    const watched = this.#watched.get(uri);
    const document = this.#sources.textOf(uri);
    if (!watched || !document) return;
    if (watched.running) {
      watched.again = true;
      return;
    }
    watched.running = true;
    try {
      const forecaster = await this.#open(watched.wish.home);
      const dockerfilePath = pathOf(uri) ?? "";
      const forecast = await forecaster.forecast({ ...watched.wish, ...document, dockerfilePath });
      const foretold = { version: document.version, forecast };
      watched.foretold = foretold;
      for (const check of this.#waiting) check();
      if (this.#watched.get(uri) === watched) this.#sources.changed(uri, foretold);
    } catch (error) {
      this.#sources.failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      watched.running = false;
      if (watched.again) {
        watched.again = false;
        this.#schedule(uri, 0);
      }
    }
  }

  #open(home: string): Promise<Forecaster> {
    if (this.#forecaster?.home !== home) {
      void this.#forecaster?.opened.then((forecaster) => forecaster.dispose()).catch(() => {});
      this.#forecaster = { home, opened: this.#sources.open(home) };
    }
    return this.#forecaster.opened;
  }
}
