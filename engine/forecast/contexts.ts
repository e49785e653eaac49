import path from "node:path";
import { type Digest, digestOf } from "../base/digest.ts";
import { digestWithout } from "../context/digest.ts";
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
  /** All but one file is as on disk: the digest of what is there, and the content of the one in an editor. */
  readonly unsaved?: { readonly onDisk: Digest; readonly path: string; readonly content: Digest };
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
    return unsaved && this.#dockerfile !== undefined ? withUnsaved(taken, unsaved) : taken;
  }

  async mounted(source: string, unsaved: Unsaved | undefined): Promise<Taken> {
    const taken = await this.#take(source, async (context) => {
      const selected = (await context.selectAll(mountSelection(source))).map(nameless);
      return { selected, digest: await context.digest(selected), stats: this.#stats };
    });
    return unsaved && this.#dockerfile !== undefined ? withUnsaved(taken, unsaved) : taken;
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

/** Of what is on disk: where the Dockerfile is in it, and what is made of all else. */
interface Rest {
  readonly place: Place | undefined;
  readonly onDisk?: Digest;
  readonly digestOf?: (sizeBytes: number, content: Digest) => Digest;
}

const rests = new WeakMap<Taken, Promise<Rest>>();

/** A Dockerfile that a COPY takes counts as it will be saved. */
async function withUnsaved(taken: Taken, { file, text }: Unsaved): Promise<Taken> {
  let known = rests.get(taken);
  if (!known) {
    known = restOf(taken, file);
    rests.set(taken, known);
  }
  const { place, onDisk, digestOf: digestWith } = await known;
  if (!place || !digestWith) return taken;
  const content = digestOf(text);
  // An editor's text is without the mark at the beginning of the file.
  if (content === onDisk || digestOf(`\uFEFF${text}`) === onDisk) return taken;
  const digest = digestWith(Buffer.byteLength(text), content);
  return { ...taken, digest, unsaved: { onDisk: taken.digest, path: place.path, content } };
}

async function restOf({ selected, stats }: Taken, file: string): Promise<Rest> {
  const place = placeOf(selected, file);
  if (!place) return { place };
  const digestWith = await digestWithout(selected, place, stats);
  return { place, onDisk: await stats.digestOf(place.entry), digestOf: digestWith };
}

interface Place {
  readonly source: number;
  readonly at: number;
  readonly entry: ContextEntry;
  /** As a listing names it. */
  readonly path: string;
}

function placeOf(selected: readonly SelectedSource[], file: string): Place | undefined {
  for (const [source, { path: folder, type, entries }] of selected.entries()) {
    const at = entries.findIndex((entry) => entry.file === file && entry.type === "file");
    const entry = entries[at];
    if (!entry) continue;
    return {
      source,
      at,
      entry,
      path: type === "file" ? folder : folder === "" ? entry.name : `${folder}/${entry.name}`,
    };
  }
  return undefined;
}
