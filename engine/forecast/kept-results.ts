import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import type { KeptResult, KeyTrace } from "../cache/forecast-state.ts";
import { isCacheRecord } from "../store/cache-store.ts";
import type { CacheRecord } from "../store/types.ts";
import { StatWatch } from "./folder-watch.ts";

interface Index {
  readonly byParent: ReadonlyMap<Digest, readonly KeyTrace[]>;
  /** Texts of records that do not say what their keys are made of. */
  readonly untraced: ReadonlySet<string>;
}

interface Found {
  readonly round: number;
  readonly stamp: string | undefined;
  readonly record: CacheRecord | undefined;
}

/** `<home>/cache`, read while an engine writes to it. */
export class KeptResults {
  readonly #blobFolder: string;
  readonly #blobWatch: StatWatch;
  readonly #blobs = new Map<Digest, boolean>();
  readonly #folder: string;
  readonly #watch: StatWatch;
  readonly #found = new Map<Digest, Found>();
  readonly #traces = new Map<string, Pick<CacheRecord, "key" | "parentKey" | "content" | "text"> | undefined>();
  #index: Index | undefined;
  #names: ReadonlySet<string> = new Set();
  /** How often the folder has changed. */
  #round = 0;
  recordsRead = 0;

  constructor(home: string) {
    this.#blobFolder = path.join(home, "blobs", "sha256");
    this.#blobWatch = new StatWatch(this.#blobFolder);
    this.#folder = path.join(home, "cache");
    this.#watch = new StatWatch(this.#folder);
  }

  /** Once before a forecast: it sees one moment. */
  refresh(): void {
    if (this.#blobWatch.hasChanged()) this.#blobs.clear();
    if (!this.#watch.hasChanged()) return;
    this.#round += 1;
    this.#index = undefined;
    this.#names = new Set(this.#list());
    for (const key of this.#found.keys()) if (!this.#names.has(`${hexOf(key)}.json`)) this.#found.delete(key);
  }

  get(key: Digest): KeptResult | undefined {
    // Each key in an editor asks for keys that nobody ever had.
    const name = `${hexOf(key)}.json`;
    if (!this.#names.has(name)) return undefined;
    const record = this.#recordOf(key, name);
    if (record?.key !== key) return undefined;
    const { layer, durationMs } = record;
    if (!this.#isThere(layer.descriptor.digest)) return undefined;
    return { diffId: layer.diffId, durationMs, sizeBytes: layer.descriptor.size };
  }

  #isThere(blob: Digest): boolean {
    let isThere = this.#blobs.get(blob);
    if (isThere === undefined) {
      isThere = existsSync(path.join(this.#blobFolder, hexOf(blob)));
      this.#blobs.set(blob, isThere);
    }
    return isThere;
  }

  #recordOf(key: Digest, name: string): CacheRecord | undefined {
    const known = this.#found.get(key);
    if (known?.round === this.#round) return known.record;
    // A record that is written again is another file; that one was used is written into its times.
    const stat = statSync(path.join(this.#folder, name), { throwIfNoEntry: false });
    const stamp = stat && `${stat.ino} ${stat.birthtimeMs} ${stat.size}`;
    const record = known && known.stamp === stamp ? known.record : this.#read(name);
    this.#found.set(key, { round: this.#round, stamp, record });
    return record;
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** Needs all records, each once: a key is made of what it is traced to, so that it never changes. */
  tracesOn(parentKey: Digest): readonly KeyTrace[] {
    this.#index ??= this.#makeIndex();
    return this.#index.byParent.get(parentKey) ?? [];
  }

  /** Whether a record with this text does not say what its key is made of. */
  hasUntraced(text: string): boolean {
    this.#index ??= this.#makeIndex();
    return this.#index.untraced.has(text);
  }

  #makeIndex(): Index {
    for (const name of this.#traces.keys()) if (!this.#names.has(name)) this.#traces.delete(name);
    const byParent = new Map<Digest, KeyTrace[]>();
    const untraced = new Set<string>();
    for (const name of this.#names) {
      if (!this.#traces.has(name)) {
        const record = this.#read(name);
        const { key, parentKey, content, text } = record ?? {};
        this.#traces.set(
          name,
          key === undefined || text === undefined
            ? undefined
            : { key, text, ...(parentKey ? { parentKey } : {}), ...(content ? { content } : {}) },
        );
      }
      const trace = this.#traces.get(name);
      if (!trace) continue;
      const { key, parentKey, content, text } = trace;
      if (parentKey === undefined) {
        untraced.add(text);
        continue;
      }
      const traces = byParent.get(parentKey) ?? [];
      byParent.set(parentKey, traces);
      traces.push(content === undefined ? { key } : { key, content });
    }
    return { byParent, untraced };
  }

  #list(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => isDigest(`sha256:${name.replace(/\.json$/, "")}`));
    } catch {
      return [];
    }
  }

  #read(name: string): CacheRecord | undefined {
    try {
      const text = readFileSync(path.join(this.#folder, name), "utf8");
      this.recordsRead += 1;
      const record: unknown = JSON.parse(text);
      return isCacheRecord(record) ? record : undefined;
    } catch {
      return undefined;
    }
  }
}
