import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import type { FolderContext } from "../context/load.ts";
import type { ContextEntry, SelectedSource, StatCache } from "../context/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import { writeLayer } from "./layer-writer.ts";
import type { MountSource } from "./mounts.ts";
import type { LayerEntry } from "./target-tree.ts";

/** Of the files of a folder that was mounted before, at most so many may have changed for a layer with the changes alone. */
const mostChanged = 1 / 4;
const keptBases = 16;

/** Where in its layer the folder is, or below which the file. */
const top = "/context";
const fileName = "file";

interface Deps {
  readonly home: string;
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly statCache: StatCache;
  readonly now: () => number;
  /** Does once what several builds want at once. */
  readonly shareWork: (
    key: Digest,
    signal: AbortSignal,
    make: (signal: AbortSignal) => Promise<CacheRecord>,
  ) => Promise<CacheRecord>;
}

/** What of a context's folder was written whole: by name, everything that a layer has of an entry but its times. */
interface Base {
  readonly key: Digest;
  readonly entries: Readonly<Record<string, string>>;
}

/**
 * Layers with exactly what a mount takes of the context. As in the reference the files become root's, and what .dockerignore
 * hides is not there; the folder on this machine itself is never mounted. After a change only what changed is written, as a
 * layer over the one that the folder had before. `content`: digest of what is selected.
 */
export async function contextLayers(
  deps: Deps,
  context: FolderContext,
  selected: SelectedSource,
  content: Digest,
  signal: AbortSignal,
): Promise<MountSource> {
  const { cache } = deps;
  if (selected.type === "file") {
    const key = keyOf("file", content);
    const record = (await cache.get(key)) ?? (await write(deps, key, selected, () => wholeFile(selected), signal));
    return { layers: [record.layer], path: `${top}/${fileName}` };
  }
  const key = keyOf("folder", content);
  const whole = await cache.get(key);
  if (whole) return { layers: [whole.layer], path: top };

  const file = path.join(
    deps.home,
    "mounted",
    `${hexOf(digestOf(`${context.root}\0${selected.path}`)).slice(0, 24)}.json`,
  );
  const base = await readBase(file);
  const below = base && (await cache.get(base.key));
  if (base && below) {
    const changesKey = keyOf("changes", content, base.key);
    const known = await cache.get(changesKey);
    if (known) return { layers: [below.layer, known.layer], path: top };
    const changes = changesFrom(base, selected, await looksOf(selected, deps.statCache, signal));
    if (changes) {
      const record = await write(deps, changesKey, selected, () => changes, signal);
      return { layers: [below.layer, record.layer], path: top };
    }
  }
  const record = await write(deps, key, selected, () => [folder(top), ...selected.entries.map(layerEntry)], signal);
  await writeBase(file, { key, entries: Object.fromEntries(await looksOf(selected, deps.statCache, signal)) });
  return { layers: [record.layer], path: top };
}

function keyOf(...parts: readonly string[]): Digest {
  return digestOf(JSON.stringify(["drydock-mounted-context", ...parts]));
}

function write(
  { content, cache, now, shareWork }: Deps,
  key: Digest,
  { path: source }: SelectedSource,
  entries: () => readonly LayerEntry[],
  signal: AbortSignal,
): Promise<CacheRecord> {
  return shareWork(key, signal, async (ownSignal) => {
    const startedAt = now();
    const layer: Layer = await writeLayer(content, entries(), { signal: ownSignal });
    const createdAt = now();
    const text = `RUN --mount=source=/${source}`;
    const record = { key, layer, createdAt, durationMs: createdAt - startedAt, text };
    await cache.put(record);
    return record;
  });
}

function wholeFile({ entries }: SelectedSource): LayerEntry[] {
  return [folder(top), ...entries.map((entry) => layerEntry({ ...entry, name: fileName }))];
}

/** Undefined when so much is new that the whole is as good. */
function changesFrom(
  base: Base,
  { entries }: SelectedSource,
  looks: ReadonlyMap<string, string>,
): LayerEntry[] | undefined {
  const before = new Map(Object.entries(base.entries));
  const written = new Set<string>();
  const changed = entries.filter(({ name }) => before.get(name) !== looks.get(name));
  const gone = [...before.keys()].filter((name) => !looks.has(name));
  if (changed.length + gone.length > Math.max(16, entries.length * mostChanged)) return undefined;
  // Folders above a change are in the layer as they are, or they would get other modes than they have below.
  for (const name of [...changed.map((entry) => entry.name), ...gone]) {
    for (let at = name; at !== ""; at = parentOf(at)) written.add(at);
  }
  const whiteouts = gone
    // What is below a folder that went went with it, and so did what a file or link took the place of.
    .filter((name) => isFolderNow(parentOf(name), looks))
    .map((name) => `${parentOf(name) === "" ? "" : `${parentOf(name)}/`}.wh.${name.slice(name.lastIndexOf("/") + 1)}`);
  return [
    folder(top),
    ...entries.filter(({ name }) => written.has(name)).map(layerEntry),
    ...whiteouts.map(
      (name): LayerEntry => ({
        ...{ path: `${top}/${name}`, type: "file", mode: 0o600, uid: 0, gid: 0, mtimeMs: 0 },
        content: { kind: "text", text: "" },
      }),
    ),
  ];
}

function isFolderNow(name: string, looks: ReadonlyMap<string, string>): boolean {
  return name === "" || looks.get(name)?.startsWith("directory ") === true;
}

async function looksOf(
  { entries }: SelectedSource,
  statCache: StatCache,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const looks = new Map<string, string>();
  for (const entry of entries) {
    const { name, type, mode, uid = 0, gid = 0, linkTarget = "" } = entry;
    const content = type === "file" ? (statCache.known(entry) ?? (await statCache.digestOf(entry, signal))) : "";
    looks.set(name, `${type} ${type === "symlink" ? "" : mode.toString(8)} ${uid}:${gid} ${linkTarget}${content}`);
  }
  return looks;
}

function layerEntry(entry: ContextEntry): LayerEntry {
  const { name, type, mode, uid = 0, gid = 0, mtimeMs, linkTarget, file, sizeBytes, stamp, hardLink } = entry;
  return {
    path: `${top}/${name}`,
    type,
    mode: type === "symlink" ? 0o777 : mode,
    uid,
    gid,
    mtimeMs,
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(type === "file"
      ? {
          content: {
            kind: "file",
            file,
            sizeBytes,
            ...(stamp === undefined ? {} : { stamp }),
            ...(hardLink === undefined ? {} : { hardLink }),
          },
        }
      : {}),
  };
}

function folder(path: string): LayerEntry {
  return { path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 };
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

async function readBase(file: string): Promise<Base | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Base;
  } catch {
    return undefined;
  }
}

/** A base that cannot be kept costs the next build some time, and must not fail this one. */
async function writeBase(file: string, base: Base): Promise<void> {
  const dir = path.dirname(file);
  const aside = `${file}.${process.pid}.new`;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(aside, JSON.stringify(base), { mode: 0o600 });
    await rename(aside, file);
    const known = await readdir(dir);
    if (known.length <= keptBases) return;
    const ages = await Promise.all(
      known.map(async (name) => ({
        name,
        age: (await stat(path.join(dir, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    for (const { name } of ages.sort((a, b) => b.age - a.age).slice(keptBases))
      await rm(path.join(dir, name), { force: true });
  } catch {
    await rm(aside, { force: true });
  }
}
