import { readFileSync } from "node:fs";

export interface MountEntry {
  readonly mountPoint: string;
  /** Per-mount flags of field 6 that a user namespace may not take away again: nosuid, nodev, noexec, ro, atime kind. */
  readonly flags: readonly string[];
  readonly fsType: string;
}

/** proc(5), /proc/PID/mountinfo. In mount order: a later entry on the same point covers an earlier one. */
export function readMounts(pid: number | "self" = "self"): MountEntry[] {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
}

export function parseMountInfo(text: string): MountEntry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const fields = before.split(" ");
      return {
        mountPoint: unescapeOctal(fields[4] ?? ""),
        flags: (fields[5] ?? "").split(",").filter((flag) => flag !== "rw"),
        fsType: after.split(" ")[0] ?? "",
      };
    });
}

/** The mount on which an absolute path without symbolic links lies. */
export function mountOf(mounts: readonly MountEntry[], path: string): MountEntry | undefined {
  let best: MountEntry | undefined;
  for (const entry of mounts) {
    if (isWithin(path, entry.mountPoint) && entry.mountPoint.length >= (best?.mountPoint.length ?? 0)) best = entry;
  }
  return best;
}

/** Mounts strictly below a path. */
export function mountsBelow(mounts: readonly MountEntry[], path: string): MountEntry[] {
  return mounts.filter((entry) => entry.mountPoint !== path && isWithin(entry.mountPoint, path));
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
