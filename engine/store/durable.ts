import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { diskFull } from "./errors.ts";

/** A new file in `folder` that nobody else has, for writing aside. */
export async function openAside(folder: string): Promise<{ readonly file: string; readonly handle: FileHandle }> {
  const file = path.join(folder, randomBytes(12).toString("hex"));
  try {
    return { file, handle: await open(file, "wx", 0o600) };
  } catch (error) {
    throw asDiskFull(error, folder);
  }
}

/** Makes the content of an open file last, closes it and gives it its name. After this a crash loses nothing. */
export async function publish(handle: FileHandle, file: string, target: string): Promise<void> {
  await handle.sync();
  await handle.close();
  await rename(file, target);
  await syncFolder(path.dirname(target));
}

/** Replaces a small file: at any instant there is the old content or the new. `aside` is on the same file system. */
export async function writeDurably(aside: string, target: string, data: string | Uint8Array): Promise<void> {
  const { file, handle } = await openAside(aside);
  try {
    await handle.writeFile(data);
    await publish(handle, file, target);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file, { force: true });
    throw asDiskFull(error, path.dirname(target));
  }
}

/** ENOSPC and EDQUOT are told to people; everything else passes unchanged. */
export function asDiskFull(error: unknown, folder: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT" ? diskFull(folder, error) : error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some FUSE and network file systems cannot sync a folder; the rename itself is still atomic there.
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}
