import { createHash } from "node:crypto";
import { type Digest, toDigest } from "../base/digest.ts";
import { breather } from "./breathe.ts";
import type { ContextEntry, SelectedSource, StatCache } from "./types.ts";

const chunkChars = 64 * 1024;

/**
 * Digest of what a COPY takes, over exactly what ends up in the layer: of a file its base name, mode, owner (where it
 * counts) and content; of a folder everything below it but not its own name and mode; no times, no link counts.
 */
export async function digestSelected(
  selected: readonly SelectedSource[],
  statCache: StatCache,
  signal?: AbortSignal,
): Promise<Digest> {
  const breathe = breather(signal);
  const hash = createHash("sha256");
  // Many small updates would take longer than reading the stats of the files.
  let text = "drydock-content-1\n";
  for (const { path, type, entries } of selected) {
    const named = type === "directory";
    text += `${named ? "d" : "f"} ${entries.length}\0`;
    if (!named) text += `${path.slice(path.lastIndexOf("/") + 1)}\0`;
    for (const entry of entries) {
      text += `${headerOf(entry, named)}\0`;
      if (entry.type === "file") text += `${statCache.known(entry) ?? (await statCache.digestOf(entry, signal))}\0`;
      if (text.length > chunkChars) {
        hash.update(text);
        text = "";
      }
      const pause = breathe();
      if (pause) await pause;
    }
  }
  return toDigest(hash.update(text));
}

function headerOf({ name, type, mode, uid, gid, sizeBytes, linkTarget, device }: ContextEntry, named: boolean): string {
  const owner = uid === undefined ? "" : `${uid}:${gid ?? 0}`;
  // A link's permission bits mean nothing and differ between file systems.
  const bits = type === "symlink" ? "" : mode.toString(8);
  return `${named ? name : ""}\0${type} ${bits} ${owner} ${sizeBytes} ${linkTarget ?? ""}${device ? `${device.major}:${device.minor}` : ""}`;
}
