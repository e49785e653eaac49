import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { toolEnvironment } from "../../snapshot/machine.ts";
import { TarRewriter, type TarVisitor } from "../../snapshot/tar-rewriter.ts";
import { archiveFailed, throwIfAborted } from "./errors.ts";
import { type FileTree, folderFlags, type Spot } from "./file-tree.ts";

/** What of a tree is packed, and under which name. */
export interface ArchiveWish {
  readonly path: string;
  /**
   * What stands in the archive for the folder or file: `name`, `.` (names begin with `./`), `/` (names begin with a slash), or
   * nothing: then a folder's own entry is left out.
   */
  readonly name: string;
  /** Kernel file systems of a running container are empty folders. */
  readonly withoutKernelFiles?: boolean;
}

/** GNU tar goes from folder to folder without following links, so it may read what somebody else is changing. */
const readerArguments = [
  "--xattrs",
  "--xattrs-include=security.capability",
  "--xattrs-include=user.*",
  "--numeric-owner",
  "--format=posix",
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
  "--warning=no-file-ignored",
];

/** Mounts below the path that the kernel does not show there are put behind the rest. @throws EngineError `not-found`, `runtime-failed` */
export async function* readArchive(
  tar: string,
  tree: FileTree,
  wish: ArchiveWish,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { below, ...first } = await startReader(tar, tree, wish, signal);
  yield* packed(first, below, wish.name, signal);
  const start = first.path === "/" ? 1 : first.path.length + 1;
  for (const target of below) {
    const name = joinName(wish.name, target.slice(start));
    const part = await startReader(tar, tree, { path: target, name }, signal);
    yield* packed(part, part.below, name, signal);
  }
  yield Buffer.alloc(1024);
}

interface Reader {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** In the tree, without links. */
  readonly path: string;
  readonly isFolder: boolean;
}

function startReader(
  tar: string,
  tree: FileTree,
  wish: ArchiveWish,
  signal: AbortSignal,
): Promise<Reader & { readonly below: readonly string[] }> {
  throwIfAborted(signal);
  return tree.at(wish.path, false, (spot) => {
    const isFolder = spot.stats?.isDirectory() ?? true;
    const kernelFiles = ["proc", "sys", "dev"].map((name) => `--exclude=./${name}/?*`);
    const excludes = wish.withoutKernelFiles && spot.path === "/" ? ["--anchored", ...kernelFiles] : [];
    const target = isFolder ? "." : `./${path.basename(spot.host)}`;
    const fd = openSync(isFolder ? spot.host : `${path.dirname(spot.host)}/.`, folderFlags);
    try {
      const child = spawn(tar, [...readerArguments, ...excludes, "-C", "/proc/self/fd/3", "-cf", "-", "--", target], {
        stdio: ["ignore", "pipe", "pipe", fd],
        env: { ...toolEnvironment },
      });
      const below = isFolder ? tree.mountsBelow(spot.path).map((mount) => mount.target) : [];
      return { child, ended: endOf(child), path: spot.path, isFolder, below };
    } finally {
      closeSync(fd);
    }
  });
}

/** One program's output with other names, without the end of an archive. */
async function* packed(
  { child, ended, path: from, isFolder }: Reader,
  below: readonly string[],
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hidden = new Set(below.map((target) => bytes(target.slice(from === "/" ? 1 : from.length + 1))));
  const rewriter = new TarRewriter(renamed(bytes(name), isFolder, hidden));
  const abort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", abort);
  try {
    for await (const chunk of child.stdout as Readable as AsyncIterable<Uint8Array>) {
      const output = rewriter.push(chunk);
      if (output.length > 0) yield Buffer.concat(output);
    }
    const { code, stderr } = await ended;
    throwIfAborted(signal);
    // 1: something changed while it was read.
    if (code !== 0 && code !== 1) throw archiveFailed(stderr.trim().split("\n")[0] ?? "");
    rewriter.end();
  } finally {
    signal.removeEventListener("abort", abort);
    child.kill("SIGKILL");
  }
}

function renamed(name: string, isFolder: boolean, hidden: ReadonlySet<string>): TarVisitor {
  const rename = (given: string) => (isFolder ? joinName(name, given.replace(/^\.\/?/, "")) : name);
  return (entry) => {
    const inside = entry.name.replace(/^\.\/?/, "").replace(/\/$/, "");
    if (inside === "" && name === "") return [];
    if (hidden.size > 0 && [...hidden].some((path) => inside === path || inside.startsWith(`${path}/`))) return [];
    const linkName = entry.type === "1" ? rename(entry.linkName) : entry.linkName;
    return [{ header: entry.header, name: rename(entry.name), linkName, records: entry.records }];
  };
}

/** `a` and `b/c` → `a/b/c`; `/` and `b` → `/b`; nothing and `b` → `b`; a folder's own name ends with a slash. */
export function joinName(name: string, rest: string): string {
  if (name === "") return rest;
  return name === "/" ? `/${rest}` : `${name}/${rest}`;
}

/** Names in archives are bytes. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function endOf(child: ChildProcess): Reader["ended"] {
  return new Promise((resolve) => {
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < 10_000) stderr += text;
    });
    child.on("error", (error) => resolve({ code: 127, stderr: error.message }));
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

/** The name that an archive of a path begins with, as `docker cp` expects it. */
export function archiveName(wanted: string, { path: found }: Pick<Spot, "path">): string {
  if (/(^|\/)\.$/.test(wanted)) return ".";
  return path.posix.basename(path.posix.join("/", wanted)) || (found === "/" ? "/" : path.posix.basename(found));
}
