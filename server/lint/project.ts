import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { compileIgnore, type Ignore, readIgnoreFile } from "../../engine/context/ignore.ts";
import type { ProjectEntry, ProjectView } from "./views.ts";

const largestText = 256 * 1024;
/** Folders and files that are remembered; beyond that everything is forgotten and asked again. */
const mostKept = 50;
/** Of a folder with more entries than a person reads, the first ones. */
const mostListed = 5000;

/**
 * What is known of build contexts on this machine's disk. A view stays the same object as long as nothing has changed
 * that was asked of it, so that answers of rules can be kept by it.
 */
export class Projects {
  readonly #views = new Map<string, FolderView>();
  readonly #listings = new Listings();

  /** `dockerfile` is a full path; the context is its folder unless another one is given. */
  viewOf(dockerfile: string, context: string = path.dirname(dockerfile)): ProjectView {
    const key = `${context}\0${dockerfile}`;
    const known = this.#views.get(key);
    if (known?.isCurrent()) return known;
    const view = new FolderView(context, dockerfile, this.#listings);
    if (this.#views.size >= mostKept) this.#views.clear();
    this.#views.set(key, view);
    return view;
  }

  /** Files came, went or changed. */
  forget(): void {
    this.#views.clear();
    this.#listings.forget();
  }
}

type Stamp = string | undefined;

/** Names in folders: a folder with thousands of Dockerfiles is read once, and what is said of its names is kept by the list. */
class Listings {
  readonly #known = new Map<string, { readonly stamp: Stamp; readonly names: readonly string[] | undefined }>();

  of(folder: string, stamp: Stamp): readonly string[] | undefined {
    const known = this.#known.get(folder);
    if (known && stamp !== undefined && known.stamp === stamp) return known.names;
    const names = namesIn(folder);
    if (this.#known.size >= mostKept) this.#known.clear();
    this.#known.set(folder, { stamp, names });
    return names;
  }

  forget(): void {
    this.#known.clear();
  }
}

/** Remembers each answer with the stamp of the file that it was read from. */
class FolderView implements ProjectView {
  readonly known: boolean;
  readonly names: readonly string[];
  readonly ignore?: { readonly name: string; readonly text: string };
  readonly folder: string;
  readonly #stamps = new Map<string, Stamp>();
  readonly #texts = new Map<string, string | undefined>();
  #compiled: Ignore | undefined;

  constructor(folder: string, dockerfile: string, listings: Listings) {
    this.folder = folder;
    const names = listings.of(folder, this.#note(folder));
    this.known = names !== undefined;
    this.names = names ?? [];
    const own = `${path.basename(dockerfile)}.dockerignore`;
    const beside = path.join(path.dirname(dockerfile), own);
    // The builder looks beside the Dockerfile first, then at the context's root.
    const text = this.#read(beside);
    const common = text === undefined ? this.#read(path.join(folder, ".dockerignore")) : undefined;
    if (text !== undefined) this.ignore = { name: path.relative(folder, beside) || own, text };
    else if (common !== undefined) this.ignore = { name: ".dockerignore", text: common };
  }

  /** Read anew each time: no rule asks for it. */
  list(asked: string): readonly ProjectEntry[] | undefined {
    const folder = this.#inside(asked);
    if (!this.known || folder === undefined) return undefined;
    const start = path.relative(this.folder, folder).split(path.sep).join("/");
    const entries = entriesIn(folder);
    return entries?.filter(({ name, isFolder }) => {
      const own = start === "" ? name : `${start}/${name}`;
      return !this.#ignore.ignores(own) || (isFolder && this.#ignore.mayReinclude(own));
    });
  }

  exists(asked: string): boolean | undefined {
    if (!this.known) return undefined;
    const file = this.#inside(asked);
    return file !== undefined && this.#note(file) !== undefined;
  }

  text(asked: string): string | undefined {
    const file = this.#inside(asked);
    if (!this.known || file === undefined) return undefined;
    if (!this.#texts.has(file)) this.#texts.set(file, this.#read(file));
    return this.#texts.get(file);
  }

  ignores(asked: string): boolean {
    const relative = path.posix.normalize(asked).replace(/^(?:\/|\.\/)+|\/$/g, "");
    return relative !== "" && relative !== "." && this.#ignore.ignores(relative);
  }

  get #ignore(): Ignore {
    this.#compiled ??= matcherOf(this.ignore);
    return this.#compiled;
  }

  /** One stat for each file that was asked for. */
  isCurrent(): boolean {
    return [...this.#stamps].every(([file, stamp]) => stampOf(stat(file)) === stamp);
  }

  /** As in the builder nothing leads out: `..` and `/` stop at the root. */
  #inside(asked: string): string | undefined {
    const relative = path.posix.normalize(`/${asked}`);
    return relative.includes("\0") ? undefined : path.join(this.folder, relative);
  }

  #note(file: string): Stamp {
    if (!this.#stamps.has(file)) this.#stamps.set(file, stampOf(stat(file)));
    return this.#stamps.get(file);
  }

  #read(file: string): string | undefined {
    this.#note(file);
    const stats = stat(file);
    if (!stats?.isFile() || stats.size > largestText) return undefined;
    try {
      const text = readFileSync(file, "utf8");
      return text.includes("\0") ? undefined : text;
    } catch {
      return undefined;
    }
  }
}

function matcherOf(ignore: ProjectView["ignore"]): Ignore {
  try {
    return compileIgnore(readIgnoreFile(ignore?.text ?? ""), ignore?.name);
  } catch {
    // A pattern that the builder refuses: a build says so.
    return compileIgnore([]);
  }
}

function entriesIn(folder: string): readonly ProjectEntry[] | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).slice(0, mostListed);
    return entries
      .map((entry) => ({ name: entry.name, isFolder: isFolder(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

function isFolder(entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path.join(entry.parentPath, entry.name))?.isDirectory() ?? false;
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder).sort();
  } catch {
    return undefined;
  }
}

function stampOf(stats: Stats | undefined): Stamp {
  return stats && `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
