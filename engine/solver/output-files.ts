import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
} from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ArchivedImage, archiveFiles } from "../store/archive-write.ts";
import type { ContentStore } from "../store/types.ts";
import { cancelled } from "./errors.ts";
import { outputFailed } from "./output-errors.ts";

/**
 * Bytes into a file: aside, synced, renamed, so that there is the old file or the whole new one. What is no plain file (a
 * pipe, `unix:` and a socket) gets them as they come. @throws EngineError that names the place
 */
export async function writeFileAside(
  dest: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (dest.startsWith("unix:")) {
      const socket = connect(dest.slice("unix:".length));
      await once(socket, "connect");
      await pipeline(Readable.from(source, { objectMode: false }), socket, { signal });
      return;
    }
    const found = await stat(dest).catch(() => undefined);
    const direct = found !== undefined && !found.isFile() && !found.isDirectory();
    await mkdir(path.dirname(dest), { recursive: true });
    const aside = direct ? dest : `${dest}.${randomBytes(6).toString("hex")}`;
    const handle = await open(aside, direct ? "w" : "wx");
    try {
      for await (const chunk of source) {
        signal.throwIfAborted();
        await handle.writeFile(chunk);
      }
      if (!direct) await handle.sync();
      await handle.close();
      if (!direct) await rename(aside, dest);
    } catch (error) {
      await handle.close().catch(() => undefined);
      if (!direct) await rm(aside, { force: true });
      throw error;
    }
  } catch (error) {
    throw placed(error, dest, signal);
  }
}

/** An OCI image layout in a folder. What others put there stays; a name moves to the new image. */
export async function writeLayout(
  content: ContentStore,
  images: readonly ArchivedImage[],
  dest: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const blobs = path.join(dest, "blobs", "sha256");
    await mkdir(blobs, { recursive: true });
    for (const { name, size, source } of await archiveFiles(content, images, { kind: "oci" })) {
      signal.throwIfAborted();
      const target = path.join(dest, name);
      if ("file" in source && (await stat(target).catch(() => undefined))?.size === size) continue;
      const aside = path.join(dest, `.${randomBytes(6).toString("hex")}`);
      try {
        if ("file" in source) {
          await copyFile(source.file, aside, constants.COPYFILE_FICLONE);
          await chmod(aside, 0o644);
        } else {
          const data = name === "index.json" ? await withOthers(target, source.data) : source.data;
          const handle = await open(aside, "wx");
          await handle.writeFile(data);
          await handle.close();
        }
        await rename(aside, target);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    }
  } catch (error) {
    throw placed(error, dest, signal);
  }
}

interface LayoutIndex {
  manifests: { digest?: string; annotations?: Record<string, string> }[];
}

async function withOthers(file: string, data: Buffer): Promise<Buffer> {
  const ours = JSON.parse(data.toString()) as LayoutIndex;
  const nameOf = ({ digest, annotations = {} }: LayoutIndex["manifests"][number]) =>
    annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"] ?? digest;
  const names = new Set(ours.manifests.map(nameOf));
  let others: LayoutIndex["manifests"] = [];
  try {
    others = (JSON.parse(await readFile(file, "utf8")) as LayoutIndex).manifests.filter(
      (one) => !names.has(nameOf(one)),
    );
  } catch {
    // There is none, or none that could be kept.
  }
  return Buffer.from(JSON.stringify({ ...ours, manifests: [...others, ...ours.manifests] }));
}

/** A root file system as a tar, entries sorted, owners as numbers. */
export async function* tarOfFolder(tar: string, root: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const names = (await readdir(root)).sort();
  if (names.length === 0) {
    // GNU tar refuses; an empty tar is two empty blocks.
    yield Buffer.alloc(1024);
    return;
  }
  const child = start(tar, [...create, "-C", root, "-cf", "-", "--", ...names]);
  const ended = endOf(child, signal);
  // Asked for below, and until then it may have failed already.
  ended.catch(() => undefined);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    await ended;
  } finally {
    // Who takes no more (its disk is full, the build was cancelled) has said why; what tar says of that is heard by nobody.
    child.kill("SIGKILL");
    await ended.catch(() => undefined);
  }
}

/**
 * The files of a root in a folder of the user's: everything belongs to the user, devices are left out. First all of it is
 * written aside, in the folder itself; then it is moved, so that a full disk leaves what was there. What the folder has
 * besides stays.
 */
export async function writeFolder(tar: string, root: string, dest: string, signal: AbortSignal): Promise<void> {
  const existed = (await stat(dest).catch(() => undefined)) !== undefined;
  const aside = path.join(dest, `.drydock-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(aside, { recursive: true });
    await copyTree(tar, root, aside, signal);
    await moveInto(aside, dest);
    await rmdir(aside);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!existed) await rmdir(dest).catch(() => undefined);
    throw placed(error, dest, signal);
  }
}

const create = [
  "--xattrs",
  "--xattrs-include=*",
  "--numeric-owner",
  "--sort=name",
  "--format=posix",
  "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
];

/** English messages, and nothing inherited that changes what a tool does (TAR_OPTIONS). */
function start(tool: string, args: readonly string[], cwd = "/"): ChildProcessWithoutNullStreams {
  return spawn(tool, args, { cwd, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" } });
}

async function copyTree(tar: string, root: string, target: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(root);
  if (names.length === 0) return;
  const devices = start("find", [".", "-xdev", "(", "-type", "b", "-o", "-type", "c", ")", "-print"], root);
  let listed = "";
  devices.stdout.setEncoding("utf8").on("data", (text: string) => {
    listed += text;
  });
  await endOf(devices, signal);
  const without = ["--anchored", "--no-wildcards", "--exclude-from=-"];
  const reader = start(tar, [...without, "-C", root, "-cf", "-", "--format=posix", "."]);
  const writer = start(tar, ["-xpf", "-", "--no-same-owner", "--delay-directory-restore", "-C", target]);
  const both = [endOf(reader, signal), endOf(writer, signal)];
  reader.stdin.end(listed);
  reader.stdout.pipe(writer.stdin);
  try {
    await Promise.all(both);
  } finally {
    // When one fails the other would wait for it for ever, in a root that is about to be taken away.
    for (const child of [reader, writer]) child.kill("SIGKILL");
    reader.stdout.destroy();
    await Promise.allSettled(both);
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    const there = await lstat(target).catch(() => undefined);
    if (entry.isDirectory() && there?.isDirectory()) {
      const { mode, atime, mtime } = await lstat(source);
      // A folder that may not be written to is moved out of, all the same.
      await chmod(source, 0o700);
      await moveInto(source, target);
      await rmdir(source);
      await chmod(target, mode & 0o7777);
      await utimes(target, atime, mtime);
    } else {
      if (there && (entry.isDirectory() || there.isDirectory())) await rm(target, { recursive: true, force: true });
      await rename(source, target);
    }
  }
}

/** Resolves when it succeeded. */
async function endOf(child: ChildProcessWithoutNullStreams, signal: AbortSignal): Promise<void> {
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < 10_000) stderr += text;
  });
  child.stdin.on("error", () => undefined);
  const abort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", abort);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (signal.aborted) throw cancelled();
    if (code !== 0) throw new ToolFailed(stderr.trim().split("\n")[0] ?? String(code));
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

class ToolFailed extends Error {}

function placed(error: unknown, dest: string, signal: AbortSignal): unknown {
  if (signal.aborted) return cancelled();
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof ToolFailed) {
    return outputFailed(dest, message, /No space left|Disk quota/.test(message), error);
  }
  return syscall === undefined || code === undefined
    ? error
    : outputFailed(dest, code, code === "ENOSPC" || code === "EDQUOT", error);
}
