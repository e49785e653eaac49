import { accessSync, constants, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A new folder for what lives some milliseconds: in memory where there is such a place, because a slow disk would take longer than the rest of a start. */
export function makeScratch(): string {
  return mkdtempSync(path.join(isWritable("/dev/shm") ? "/dev/shm" : tmpdir(), "drydock-"));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
