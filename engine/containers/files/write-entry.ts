import { type BigIntStats, closeSync, constants, openSync } from "node:fs";
import { lstat, open, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { EngineError } from "../../base/errors.ts";
import { fileFailed, isMountPoint, missingPath, mountReadOnly, rootReadOnly } from "./errors.ts";
import { folderFlags, type Spot } from "./file-tree.ts";

/** What a mount says; the kernel says the rest. */
export function checkWritable(spot: Spot, isReadOnly: (path: string) => boolean): void {
  if (spot.readOnly) throw mountReadOnly(spot.path);
  if (isReadOnly(spot.path)) throw rootReadOnly();
}

/** Without following anything; what others put into it meanwhile is taken as well. @throws EngineError `conflict` for a mount */
export async function removeAll(
  spot: Pick<Spot, "host" | "path" | "isMount"> & { readonly stats: BigIntStats | undefined },
): Promise<void> {
  if (spot.isMount) throw isMountPoint(spot.path);
  if (!spot.stats?.isDirectory()) {
    await unlink(spot.host);
    return;
  }
  const fd = openSync(spot.host, folderFlags);
  try {
    for (const name of await readdir(`/proc/self/fd/${fd}/.`)) {
      const host = `/proc/self/fd/${fd}/${name}`;
      const stats = await lstat(host, { bigint: true }).catch(() => undefined);
      if (stats) await removeAll({ host, path: `${spot.path}/${name}`, isMount: false, stats });
    }
  } finally {
    closeSync(fd);
  }
  await rmdir(spot.host);
}

/** Takes a finished file to its place. */
export async function putInPlace(aside: string, spot: Spot): Promise<void> {
  if (!spot.isMount) {
    await rename(aside, spot.host);
    return;
  }
  // A file that is mounted into the container (/etc/hosts) can only be written in its place.
  await overwrite(aside, spot.host);
  await unlink(aside);
}

async function overwrite(from: string, to: string): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      for await (const chunk of source.createReadStream({ autoClose: false })) await target.writeFile(chunk);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Node's error about a file as one of ours. */
export function failure(error: unknown, path: string): unknown {
  if (error instanceof EngineError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "EROFS") return mountReadOnly(path);
  if (code === "EBUSY") return isMountPoint(path);
  if (code === "ENOENT") return missingPath(path);
  return syscall === undefined ? error : fileFailed(path, error);
}
