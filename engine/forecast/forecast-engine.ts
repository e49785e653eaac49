import path from "node:path";
import { EngineError } from "../base/errors.ts";
import type { Forecast, ForecastWork } from "../base/forecast.ts";
import { type Message, msg } from "../base/message.ts";
import type { Replay, ReplayRequest } from "../base/replay.ts";
import { type ForecastSteps, forecast } from "../cache/forecast.ts";
import { totalsOf } from "../cache/forecast-cost.ts";
import type { ForecastState } from "../cache/forecast-state.ts";
import { parse } from "../dockerfile/parse.ts";
import { reachable } from "../graph/vertices.ts";
import type { Platform } from "../oci/types.ts";
import { listingOf } from "../solver/listings.ts";
import { BuildRecords, type PastBuilds } from "./build-records.ts";
import { type Taken, WatchedContext } from "./contexts.ts";
import { FileChanges } from "./file-changes.ts";
import { certainCause, type ForeignBuild, writeForeignRecord } from "./foreign-record.ts";
import { graphOf, type LoweredRequest } from "./graph-of.ts";
import { StoredImages } from "./images.ts";
import { KeptResults } from "./kept-results.ts";
import { originsOf } from "./origins.ts";
import { cannotReplay } from "./replay/errors.ts";
import { readGitLog } from "./replay/git-log.ts";
import { ignoreOf, type ReplayGraph, replay } from "./replay/replay.ts";
import { openForecastStats } from "./stats.ts";
import { namedFolder, takenBy } from "./taken.ts";
import type { AskedForecast, Forecaster, ForeignBegun } from "./types.ts";

const mostContexts = 32;
const saveAfterMs = 3000;

/** Everything that a forecast looks at, put together for one question at a time. */
export class ForecastEngine implements Forecaster {
  readonly #home: string;
  readonly #platform: Platform;
  readonly #now: () => number;
  readonly #stats: ReturnType<typeof openForecastStats>;
  readonly #records: BuildRecords;
  readonly #kept: KeptResults;
  readonly #images: StoredImages;
  readonly #contexts = new Map<string, WatchedContext>();
  readonly #changes: FileChanges;
  #saving: NodeJS.Timeout | undefined;

  constructor(home: string, platform: Platform, now: () => number) {
    this.#home = home;
    this.#platform = platform;
    this.#now = now;
    this.#stats = openForecastStats(home, now);
    this.#records = new BuildRecords(home);
    this.#kept = new KeptResults(home);
    this.#images = new StoredImages(home);
    this.#changes = new FileChanges(home);
  }

  get work(): ForecastWork {
    const { stats, folders } = this.#stats.trees.looks;
    return {
      filesHashed: this.#stats.filesRead,
      stats,
      foldersRead: folders,
      recordsRead: this.#records.recordsRead + this.#kept.recordsRead + this.#changes.listingsRead,
    };
  }

  async forecast(request: AskedForecast): Promise<Forecast> {
    const isEstimate = request.engine !== undefined;
    try {
      const lowered = await this.#lower(request);
      if ("problem" in lowered) return { ...nothing, isEstimate, problem: lowered.problem };
      const { steps, totals } = (await this.#foresee(lowered, request)).foreseen;
      return { steps, totals, isEstimate };
    } catch (error) {
      return { ...nothing, isEstimate, problem: { message: messageOf(error) } };
    }
  }

  invalidate(paths?: readonly string[]): void {
    this.#stats.forget(paths);
    for (const context of this.#contexts.values()) context.invalidate(paths);
  }

  async recordForeignBuild(request: AskedForecast): Promise<ForeignBegun> {
    const startedAt = this.#now();
    const build: ForeignBuild | undefined = await this.#noteForeign(request).catch(() => undefined);
    return {
      causes: (build?.foreseen.steps ?? []).flatMap((step) => {
        const cause = certainCause(step);
        return cause ? [{ line: step.line, cause }] : [];
      }),
      finish: async (outcome) => {
        if (build) await writeForeignRecord(this.#home, request, build, { startedAt, endedAt: this.#now(), outcome });
      },
    };
  }

  async replay(request: ReplayRequest, signal?: AbortSignal): Promise<Replay> {
    const { variants, commits, contextDir, dockerfilePath } = request;
    const graphs: ReplayGraph[] = [];
    for (const { id, text } of variants) {
      const lowered = await this.#lower({ ...request, text });
      if ("problem" in lowered) throw cannotReplay(lowered.problem.message, lowered.problem.range);
      const { graph } = lowered;
      const { foreseen } = await this.#foresee(lowered, { ...request, text });
      const needed = reachable(graph, graph.result);
      const ids = graph.vertices.map((vertex) => vertex.id).filter((vertex) => needed.has(vertex));
      const durations = foreseen.steps.flatMap(({ durationMs }, at): [number, number][] => {
        const vertex = ids[at];
        return vertex === undefined || durationMs === undefined ? [] : [[vertex, durationMs]];
      });
      graphs.push({ id, graph, durations: new Map(durations) });
    }
    return replay(graphs, readGitLog(contextDir, commits, signal), ignoreOf(contextDir, dockerfilePath));
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#saving);
    await this.#stats.save();
  }

  async #noteForeign(request: AskedForecast): Promise<ForeignBuild | undefined> {
    const lowered = await this.#lower(request);
    if ("problem" in lowered) return undefined;
    const { foreseen, past, copied } = await this.#foresee(lowered, request);
    const listings = [...copied.values()].map(async ({ digest, selected, stats }) => ({
      content: digest,
      listing: await listingOf(selected, stats),
    }));
    return { foreseen, past, listings: await Promise.all(listings) };
  }

  #lower(request: AskedForecast): Promise<LoweredRequest> {
    this.#images.refresh();
    return graphOf(request.model ?? parse(request.text), request, this.#platform, this.#images);
  }

  async #foresee(
    { graph, missingImages }: Exclude<LoweredRequest, { problem: unknown }>,
    request: AskedForecast,
  ): Promise<{
    readonly foreseen: ForecastSteps;
    readonly past: PastBuilds;
    readonly copied: ReadonlyMap<number, Taken>;
  }> {
    const { contextDir, dockerfilePath, text, buildContexts = {}, engine } = request;
    const read = this.#stats.filesRead;
    const { contents, copied } = await takenBy(graph, {
      unsaved: { file: dockerfilePath, text },
      downloads: path.join(this.#home, "downloads"),
      contextOf: (name) => {
        if (name === undefined) return this.#context(contextDir, dockerfilePath);
        const where = Object.hasOwn(buildContexts, name) ? buildContexts[name] : undefined;
        const folder = where === undefined ? undefined : namedFolder(where);
        return folder === undefined ? undefined : this.#context(folder, undefined);
      },
    });
    if (this.#stats.filesRead > read) this.#saveLater();
    const past = this.#records.of(originsOf(request));
    this.#kept.refresh();
    const state: ForecastState = {
      ...(request.noCache === undefined ? {} : { noCache: request.noCache }),
      ...(request.noCacheFilter === undefined ? {} : { noCacheFilter: request.noCacheFilter }),
      ...(request.pull === undefined ? {} : { pull: request.pull }),
      taken: contents,
      missingImages,
      stepsBefore: past.recent,
      pastSteps: past.all,
      pastOf: past.pastOf,
      changes: await this.#changes.of(graph, past.recent, copied),
      ...(engine ? foreignCache(past) : this.#ownCache(past)),
    };
    return { foreseen: forecast(graph, state), past, copied };
  }

  #ownCache(past: PastBuilds): CacheState {
    const kept = this.#kept;
    return {
      isForeign: false,
      keys: () => [],
      isEmpty: kept.isEmpty,
      kept: (key) => kept.get(key),
      tracesOn: (key) => [...kept.tracesOn(key), ...(past.byParent.get(key) ?? [])],
      hasUntraced: (text) => kept.hasUntraced(text),
      selection: (key) => this.#images.selection(key),
    };
  }

  #context(folder: string, dockerfile: string | undefined): WatchedContext {
    const key = `${folder}\0${dockerfile ?? ""}`;
    const context = this.#contexts.get(key) ?? new WatchedContext(this.#stats, path.resolve(folder), dockerfile);
    // Taken out first, so that the order of the map is from long unused to new.
    this.#contexts.delete(key);
    this.#contexts.set(key, context);
    const [oldest] = this.#contexts.keys();
    if (this.#contexts.size > mostContexts && oldest !== undefined) this.#contexts.delete(oldest);
    return context;
  }

  #saveLater(): void {
    this.#saving ??= setTimeout(() => {
      this.#saving = undefined;
      void this.#stats.save();
    }, saveAfterMs).unref();
  }
}

type CacheState = Pick<
  ForecastState,
  "isForeign" | "keys" | "isEmpty" | "kept" | "tracesOn" | "hasUntraced" | "selection"
>;

/** Whatever that engine was seen to build it is taken to have still. */
function foreignCache({ byKey, byParent }: PastBuilds): CacheState {
  return {
    isForeign: true,
    keys: () => [...byKey.keys()],
    isEmpty: byKey.size === 0,
    kept(key) {
      const step = byKey.get(key);
      if (!step) return undefined;
      const { ranMs = 0, sizeBytes } = step;
      return { durationMs: ranMs, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
    },
    tracesOn: (key) => byParent.get(key) ?? [],
    hasUntraced: () => false,
    selection: () => undefined,
  };
}

const nothing = { steps: [], totals: totalsOf([], []) };

function messageOf(error: unknown): Message {
  if (error instanceof EngineError) return error.details.message;
  return msg("{text}", { text: error instanceof Error ? error.message : String(error) });
}
