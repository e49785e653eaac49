import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { breather } from "../../engine/context/breathe.ts";
import type { Ignore, IgnoreState } from "../../engine/context/ignore.ts";

export interface ListedEntry {
  /** Relative to the context, `/`-separated. */
  readonly path: string;
  readonly isFolder: boolean;
  /** 0 for folders. */
  readonly sizeBytes: number;
}

/** What lies in a context's folder, whether it is ignored or not. A folder stands before what is in it. */
export interface ContextListing {
  readonly entries: readonly ListedEntry[];
  /** All that is not ignored is listed. */
  readonly isWhole: boolean;
  /** What is ignored is listed too. */
  readonly hasIgnored: boolean;
}

export interface ListingOptions {
  /** What it hides is listed last, so that a large node_modules does not keep the rest from being seen. */
  readonly ignore: Ignore;
  readonly signal?: AbortSignal;
  readonly mostEntries?: number;
}

const defaultMost = 40_000;

interface Waiting {
  readonly path: string;
  readonly state: IgnoreState | undefined;
}

/** Walks a folder level by level, links not followed, up to a number of entries; lets other work in between. */
export async function listContext(
  root: string,
  { ignore, signal, mostEntries = defaultMost }: ListingOptions,
): Promise<ContextListing> {
  const breathe = breather(signal);
  const entries: ListedEntry[] = [];
  const wanted: Waiting[] = [{ path: "", state: undefined }];
  const ignored: Waiting[] = [];

  const list = async (folder: Waiting): Promise<boolean> => {
    for (const dirent of direntsOf(folder.path === "" ? root : `${root}/${folder.path}`)) {
      if (entries.length >= mostEntries) return false;
      const pause = breathe();
      if (pause) await pause;
      const path = folder.path === "" ? dirent.name : `${folder.path}/${dirent.name}`;
      const isFolder = dirent.isDirectory();
      if (!isFolder && !dirent.isFile() && !dirent.isSymbolicLink()) continue;
      entries.push({ path, isFolder, sizeBytes: dirent.isFile() ? sizeOf(`${root}/${path}`) : 0 });
      if (!isFolder) continue;
      const state = ignore.step(path, folder.state);
      const isHidden = state.ignored && !ignore.mayReinclude(path);
      (isHidden ? ignored : wanted).push({ path, state });
    }
    return true;
  };
  const listAll = async (queue: readonly Waiting[]) => {
    // The queue grows while it is read.
    for (let at = 0; at < queue.length; at += 1) if (!(await list(queue[at] as Waiting))) return false;
    return true;
  };

  const isWhole = await listAll(wanted);
  // What is below an ignored folder is ignored: it joins the same queue.
  const hasIgnored = isWhole && (await listAll(ignored));
  return { entries, isWhole, hasIgnored };
}

function direntsOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It went away, or may not be read.
    return [];
  }
}

function sizeOf(file: string): number {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}
