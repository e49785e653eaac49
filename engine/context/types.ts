import type { Digest } from "../base/digest.ts";
import type { TreeMemory } from "./tree-memory.ts";

/** A build context that is a folder, seen through its .dockerignore. Immutable view of the moment `load` was called lazily filled. */
export interface BuildContext {
  /** Absolute path of the folder. */
  readonly root: string;
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** Text of the Dockerfile. */
  readonly dockerfileText: string;
  /**
   * What one COPY source stands for, in sorted order. Rules: leading `/`, `./`, `../` collapse into the root, a top-level
   * symlink is followed inside the root, Go filepath.Match wildcards, ignored paths are not there.
   * @throws EngineError `copy-source-not-found` for a plain name that does not exist (a wildcard may match nothing).
   */
  select(source: string, excludes?: readonly string[]): Promise<readonly SelectedSource[]>;
  /**
   * Digest of what is selected, by the rules of ENGINE b.3 (type, permissions, size, link target, content; not times, not
   * owner). Files whose stat is known are not read again.
   */
  digest(selected: readonly SelectedSource[], signal?: AbortSignal): Promise<Digest>;
}

/** One matched source and everything below it. */
export interface SelectedSource {
  /** Relative to the root, `/`-separated, without a leading slash; `` for the root itself. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** For a directory: all entries below, parents first, sorted by path. For a file: itself. */
  readonly entries: readonly ContextEntry[];
}

export interface ContextEntry {
  /** Relative to the source (a file: its base name). */
  readonly name: string;
  /** Absolute path on disk. */
  readonly file: string;
  /** Pipes and devices only in stages and images. */
  readonly type: "file" | "directory" | "symlink" | "fifo" | "character-device" | "block-device";
  readonly device?: { readonly major: number; readonly minor: number };
  /** Permission bits, 0–0o7777. */
  readonly mode: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly linkTarget?: string;
  /** Of a file: changes whenever its content may have changed (device, inode, size, mtime, ctime). */
  readonly stamp?: string;
  /** Of a file with several names: equal for all of them. */
  readonly hardLink?: string;
  /** Set when the owner counts: in stages and images, not in a context. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Remembers content digests by (path, dev, ino, size, mtime, ctime) in a file, so that a warm build reads no file. */
export interface StatCache {
  /** The digest, when it is known without reading the file. */
  known(entry: Pick<ContextEntry, "file" | "stamp">): Digest | undefined;
  digestOf(entry: ContextEntry, signal?: AbortSignal): Promise<Digest>;
  /** Files that had to be read since the start: what tests count. */
  readonly filesRead: number;
  /** Folders as builds have seen them; absent when nothing is to be remembered. */
  readonly trees?: TreeMemory;
  save(): Promise<void>;
}
