import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Replaces a file's text as a whole: a reader sees the old one or the new one. Its mode stays, and a link stays a link. */
export function replaceFile(file: string, text: string): void {
  const target = realOf(file);
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  const aside = path.join(path.dirname(target), `.${path.basename(target)}.drydock-${process.pid}`);
  try {
    const handle = openSync(aside, "wx", mode === undefined ? 0o666 : mode & 0o7777);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
