import { existsSync, lstatSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import { gitContent } from "../cache/keys.ts";
import { digestSelected } from "../context/digest.ts";
import { selectFrom } from "../context/select.ts";
import { withoutMemory } from "../context/stat-cache.ts";
import { FileTree } from "../context/tree.ts";
import type { SelectedSource } from "../context/types.ts";
import { fileNameOf, withoutCredentials } from "../graph/add.ts";
import type { RemoteSource } from "../graph/graph.ts";
import type { FetchedFile } from "./fetch.ts";
import { gitFolderMissing } from "./fetch-errors.ts";
import { checkOut, checkoutName, folderIn, type GitAccess, resolveCommit } from "./git.ts";
import { SharedWork } from "./shared-work.ts";

/** What ADD and contexts fetch, kept below `<home>/downloads` for the next time. */
export interface Remotes {
  /** Downloads, or asks whether what is here is still right. */
  file(source: RemoteSource & { readonly kind: "url" }, options: FetchingOptions): Promise<FetchedFile>;
  /** The commit a repository's source means now; its files are fetched by `folder`. */
  commit(source: RemoteSource & { readonly kind: "git" }, options: FetchingOptions): Promise<string>;
  folder(source: RemoteSource & { readonly kind: "git" }, commit: string, options: FetchingOptions): Promise<string>;
  /** Removes what was not used for the longest time, beyond 2 GiB. Call it while nothing is built. */
  prune(): void;
}

interface FetchingOptions extends GitAccess {
  readonly signal: AbortSignal;
  readonly onBytes?: (currentBytes: number, totalBytes?: number) => void;
}

const keptBytes = 2 * 1024 ** 3;

export function openRemotes(home: string): Remotes {
  const folder = path.join(home, "downloads");
  const repositories = path.join(folder, "git");
  const files = new SharedWork<FetchedFile, { readonly current: number; readonly total: number | undefined }>();
  const folders = new SharedWork<string, never>();
  let grown = false;
  for (const place of [folder, repositories]) sweepParts(place);
  return {
    file: ({ url, checksum }, { signal, onBytes }) =>
      files.join(
        JSON.stringify([url, checksum]),
        signal,
        ({ current, total }) => onBytes?.(current, total),
        async (emit, jobSignal) => {
          // The HTTP client takes long to load, and most builds download nothing.
          const { fetchUrl } = await import("./fetch.ts");
          grown = true;
          return fetchUrl(url, folder, {
            signal: jobSignal,
            onBytes: (current, total) => emit({ current, total }),
            ...(checksum === undefined ? {} : { checksum }),
          });
        },
      ),
    commit: (source, options) => resolveCommit(source, options),
    folder: (source, commit, { signal, ...access }) =>
      folders.join(
        JSON.stringify([source, commit]),
        signal,
        () => undefined,
        async (_emit, jobSignal) => {
          grown ||= !existsSync(path.join(repositories, checkoutName(source, commit)));
          const checkout = await checkOut(source, commit, repositories, { ...access, signal: jobSignal });
          return folderIn(checkout, source);
        },
      ),
    prune() {
      if (grown) prune([path.join(folder, "bodies"), repositories], keptBytes);
      grown = false;
    },
  };
}

/** What one ADD fetches: its digest is known before its files are here, where a repository's are cached. */
export interface Fetched {
  readonly digest: Digest;
  select(excludes: readonly string[], signal: AbortSignal): Promise<readonly SelectedSource[]>;
}

export async function fetchForAdd(remotes: Remotes, source: RemoteSource, options: FetchingOptions): Promise<Fetched> {
  if (source.kind === "git") {
    const commit = await remotes.commit(source, options);
    return {
      digest: gitContent(source, commit),
      async select(excludes, signal) {
        const folder = await remotes.folder(source, commit, { ...options, signal });
        const missing = () => gitFolderMissing(withoutCredentials(source.url), source.subdir ?? "/");
        return selectFrom(new FileTree(folder, { signal }), "/", excludes, missing);
      },
    };
  }
  const { file, sizeBytes, mtimeMs } = await remotes.file(source, options);
  const name = fileNameOf(source.url);
  // As in the reference: nobody but root reads a download until a later step says so.
  const entry = { name, file, type: "file" as const, mode: 0o600, sizeBytes, mtimeMs };
  const selected: SelectedSource[] = [{ path: name, type: "file", entries: [entry] }];
  return { digest: await digestSelected(selected, withoutMemory), select: async () => selected };
}

/** What an engine that was killed was about to fetch. */
function sweepParts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".part")) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function prune(folders: readonly string[], maxBytes: number): void {
  const items = folders.flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => {
        const item = path.join(folder, name);
        return { item, usedAt: statSync(item).atimeMs, bytes: sizeOf(item) };
      });
    } catch {
      return [];
    }
  });
  let total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { item, bytes } of items.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes) return;
    rmSync(item, { recursive: true, force: true });
    total -= bytes;
  }
}

function sizeOf(item: string): number {
  const stat = lstatSync(item);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(item).reduce((sum, name) => sum + sizeOf(path.join(item, name)), 0);
}
