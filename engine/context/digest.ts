import { createHash } from "node:crypto";
import { type Digest, toDigest } from "../base/digest.ts";
import { breather } from "./breathe.ts";
import type { ContextEntry, SelectedSource, StatCache } from "./types.ts";

const chunkChars = 64 * 1024;

interface Told {
  readonly statCache: StatCache;
  readonly selected: readonly SelectedSource[];
  readonly digest: Digest;
}

/** By the entries of the first source: a selection of which nothing has changed is made of the same objects. */
const told = new WeakMap<readonly ContextEntry[], Told>();

/**
 * Digest of what a COPY takes, over exactly what ends up in the layer: of a file its base name, mode, owner (where it
 * counts) and content; of a folder everything below it but not its own name and mode; no times, no link counts.
 */
export async function digestSelected(
  selected: readonly SelectedSource[],
  statCache: StatCache,
  signal?: AbortSignal,
): Promise<Digest> {
  const key = selected[0]?.type === "directory" ? selected[0].entries : undefined;
  const before = key && told.get(key);
  if (before?.statCache === statCache && isSame(before.selected, selected)) return before.digest;
  let read = 0;
  const breathe = breather(signal);
  const hash = createHash("sha256");
  // Many small updates would take longer than reading the stats of the files.
  let text = "drydock-content-1\n";
  for (const { path, type, entries } of selected) {
    const named = type === "directory";
    text += beginningOf(path, named, entries.length);
    for (const entry of entries) {
      text += `${headerOf(entry, named)}\0`;
      if (entry.type === "file") {
        const known = statCache.known(entry);
        if (known === undefined) read += 1;
        text += `${known ?? (await statCache.digestOf(entry, signal))}\0`;
      }
      if (text.length > chunkChars) {
        hash.update(text);
        text = "";
      }
      const pause = breathe();
      if (pause) await pause;
    }
  }
  const digest = toDigest(hash.update(text));
  // Only what the stats vouch for: the content of what had to be read may change under the same stat.
  if (key && read === 0) told.set(key, { statCache, selected, digest });
  return digest;
}

/**
 * The digest of a selection in which one file has another size and content, as often as it is asked for: all the rest is
 * gathered once. `at`: place of the file in the entries of the source.
 */
export async function digestWithout(
  selected: readonly SelectedSource[],
  place: { readonly source: number; readonly at: number },
  statCache: StatCache,
): Promise<(sizeBytes: number, content: Digest) => Digest> {
  const parts = ["drydock-content-1\n", ""];
  let part = 0;
  let own: { readonly entry: ContextEntry; readonly named: boolean } | undefined;
  for (const [source, { path, type, entries }] of selected.entries()) {
    const named = type === "directory";
    parts[part] += beginningOf(path, named, entries.length);
    for (const [at, entry] of entries.entries()) {
      if (source === place.source && at === place.at) {
        own = { entry, named };
        part = 1;
      } else parts[part] += await textOf(entry, named, statCache);
    }
  }
  const before = createHash("sha256").update(parts[0] ?? "");
  const after = Buffer.from(parts[1] ?? "");
  const { entry, named } = own ?? {};
  if (!entry || named === undefined) throw new Error("there is no such file in the selection");
  return (sizeBytes, content) =>
    toDigest(
      before
        .copy()
        .update(`${headerOf({ ...entry, sizeBytes }, named)}\0${content}\0`)
        .update(after),
    );
}

function beginningOf(path: string, named: boolean, entries: number): string {
  const name = named ? "" : `${path.slice(path.lastIndexOf("/") + 1)}\0`;
  return `${named ? "d" : "f"} ${entries}\0${name}`;
}

async function textOf(entry: ContextEntry, named: boolean, statCache: StatCache): Promise<string> {
  const content = entry.type === "file" ? `${statCache.known(entry) ?? (await statCache.digestOf(entry))}\0` : "";
  return `${headerOf(entry, named)}\0${content}`;
}

function isSame(before: readonly SelectedSource[], now: readonly SelectedSource[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ path, type, entries }, at) => {
      const other = now[at];
      if (path !== other?.path || type !== other.type) return false;
      return entries === other.entries || (type === "file" && entries[0] === other.entries[0]);
    })
  );
}

function headerOf({ name, type, mode, uid, gid, sizeBytes, linkTarget, device }: ContextEntry, named: boolean): string {
  const owner = uid === undefined ? "" : `${uid}:${gid ?? 0}`;
  // A link's permission bits mean nothing and differ between file systems.
  const bits = type === "symlink" ? "" : mode.toString(8);
  return `${named ? name : ""}\0${type} ${bits} ${owner} ${sizeBytes} ${linkTarget ?? ""}${device ? `${device.major}:${device.minor}` : ""}`;
}
