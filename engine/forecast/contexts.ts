import path from "node:path";
import { type Digest, digestOf } from "../base/digest.ts";
import { digestSelected } from "../context/digest.ts";
import { type FolderContext, loadContextOf, loadFolder } from "../context/load.ts";
import { mountSelection, nameless } from "../context/mounted.ts";
import type { Selection } from "../context/select.ts";
import type { ContextEntry, SelectedSource, StatCache } from "../context/types.ts";
import type { ForecastStats } from "./stats.ts";

/** A Dockerfile as it stands in an editor: it is what will be saved before the build. */
export interface Unsaved {
  readonly file: string;
  readonly text: string;
}

export interface Taken {
  readonly digest: Digest;
  readonly selected: readonly SelectedSource[];
  /** Knows the files of `selected`. */
  readonly stats: StatCache;
}

/**
 * One folder as a context, looked at once and then only where something is said to have changed. What a COPY takes is
 * remembered until then.
 */
export class WatchedContext {
  readonly #stats: ForecastStats;
  readonly #root: string;
  /** Undefined: a named context. */
  readonly #dockerfile: string | undefined;
  readonly #taken = new Map<string, Promise<Taken>>();
  #context: Promise<FolderContext> | undefined;
  #isNew = true;

  constructor(stats: ForecastStats, root: string, dockerfile?: string) {
    this.#stats = stats;
    this.#root = root;
    this.#dockerfile = dockerfile;
  }

  /** Absolute paths; undefined: anything. */
  invalidate(paths: readonly string[] | undefined): void {
    const own = (paths ?? [this.#root]).flatMap((file) => {
      const below = path.relative(this.#root, file);
      return below.startsWith("..") || path.isAbsolute(below) ? [] : [below.split(path.sep).join("/")];
    });
    const ignoreFile = this.#dockerfile && `${this.#dockerfile}.dockerignore`;
    if (own.length === 0 && !paths?.some((file) => file === ignoreFile)) return;
    this.#context = undefined;
    this.#taken.clear();
    this.#stats.trees.invalidate(this.#root, own);
  }

  /** @throws EngineError what a build would fail with. */
  async copied(selection: Selection, unsaved: Unsaved | undefined): Promise<Taken> {
    const { sources, excludes, parents } = selection;
    const taken = await this.#take(JSON.stringify([sources, excludes, parents]), async (context) => {
      const selected = await context.selectAll(selection);
      return { selected, digest: await context.digest(selected), stats: this.#stats };
    });
    return unsaved && this.#dockerfile !== undefined ? withUnsaved(taken, unsaved, this.#stats) : taken;
  }

  async mounted(source: string, unsaved: Unsaved | undefined): Promise<Taken> {
    const taken = await this.#take(source, async (context) => {
      const selected = (await context.selectAll(mountSelection(source))).map(nameless);
      return { selected, digest: await context.digest(selected), stats: this.#stats };
    });
    return unsaved && this.#dockerfile !== undefined ? withUnsaved(taken, unsaved, this.#stats) : taken;
  }

  #take(key: string, take: (context: FolderContext) => Promise<Taken>): Promise<Taken> {
    let taken = this.#taken.get(key);
    if (!taken) {
      this.#context ??= this.#load();
      taken = this.#read(this.#context, take);
      this.#taken.set(key, taken);
      // What cannot be read now may be readable the next time.
      taken.catch(() => this.#taken.delete(key));
    }
    return taken;
  }

  async #read(context: Promise<FolderContext>, take: (context: FolderContext) => Promise<Taken>): Promise<Taken> {
    const work = async () => take(await context);
    if (!this.#isNew) return work();
    this.#isNew = false;
    return this.#stats.borrow(work);
  }

  #load(): Promise<FolderContext> {
    const options = { contextPath: this.#root, statCache: this.#stats, isWatched: true };
    const loaded =
      this.#dockerfile === undefined
        ? loadFolder(options)
        : loadContextOf({ dockerfile: this.#dockerfile, dockerfileText: "" }, options);
    loaded.catch(() => {
      this.#context = undefined;
    });
    return loaded;
  }
}

/** A Dockerfile that a COPY takes counts as it will be saved. */
async function withUnsaved(taken: Taken, { file, text }: Unsaved, stats: StatCache): Promise<Taken> {
  const place = placeOf(taken.selected, file);
  if (!place) return taken;
  const { source, at, entry } = place;
  const digest = digestOf(text);
  const onDisk = await stats.digestOf(entry);
  // An editor's text is without the mark at the beginning of the file.
  if (digest === onDisk || digestOf(`\uFEFF${text}`) === onDisk) return taken;
  const { stamp: _, ...bare } = entry;
  const saved: ContextEntry = { ...bare, sizeBytes: Buffer.byteLength(text) };
  const selected = taken.selected.map((one, index) =>
    index === source ? { ...one, entries: one.entries.with(at, saved) } : one,
  );
  const known: StatCache = {
    filesRead: 0,
    known: (one) => (one === saved ? digest : stats.known(one)),
    digestOf: async (one, signal) => (one === saved ? digest : stats.digestOf(one, signal)),
    save: async () => undefined,
  };
  return { selected, digest: await digestSelected(selected, known), stats: known };
}

function placeOf(
  selected: readonly SelectedSource[],
  file: string,
): { readonly source: number; readonly at: number; readonly entry: ContextEntry } | undefined {
  for (const [source, { entries }] of selected.entries()) {
    const at = entries.findIndex((entry) => entry.file === file && entry.type === "file");
    const entry = entries[at];
    if (entry) return { source, at, entry };
  }
  return undefined;
}
