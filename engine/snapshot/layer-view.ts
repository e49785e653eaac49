import type {
  FoundPath,
  LayerChange,
  LayerEntry,
  LayerFolder,
  LayerSearch,
  LayersSummary,
  LayerTotals,
  WastedFile,
} from "../base/layers-api.ts";
import type { LayerItem } from "./layer-contents.ts";
import { findSpot, itemAt, pathOf, type Spot, spotsBelow, type Version } from "./layer-stack.ts";

const mostWasted = 500;
const mostLinks = 40;

/** All that the layers of an image do, in numbers. */
export function summarize(root: Spot, layerCount: number): LayersSummary {
  const wasted: WastedFile[] = [];
  let smallest = 0;
  let stored = 0;
  let wastedBytes = 0;
  let fileCount = 0;
  let fileBytes = 0;
  for (const spot of spotsBelow(root)) {
    const { versions } = spot;
    const last = versions.at(-1);
    const seen = last?.item;
    if (seen && seen.type !== "folder") fileCount += 1;
    fileBytes += seen?.size ?? 0;
    let bytes = 0;
    // Removed is as small as it gets.
    let least = Number.POSITIVE_INFINITY;
    for (const { item } of versions) {
      bytes += item?.size ?? 0;
      least = Math.min(least, item?.size ?? 0);
    }
    stored += bytes;
    smallest += versions.length > 0 ? least : 0;
    const gone = bytes - (seen?.size ?? 0);
    if (gone === 0) continue;
    wastedBytes += gone;
    const layers = versions.filter(({ item }) => item !== undefined).map(({ layer }) => layer);
    wasted.push({ path: pathOf(spot), wastedBytes: gone, layers, ...(seen ? {} : { removedIn: last?.layer ?? 0 }) });
  }
  wasted.sort((a, b) => b.wastedBytes - a.wastedBytes || (a.path < b.path ? -1 : 1));
  return {
    layers: Array.from({ length: layerCount }, (_, layer) => layerTotals(root, layer)),
    fileCount,
    fileBytes,
    storedBytes: stored,
    wastedBytes,
    efficiency: stored === 0 ? 1 : smallest / stored,
    wastedCount: wasted.length,
    wasted: wasted.slice(0, mostWasted),
  };
}

function layerTotals(root: Spot, layer: number): LayerTotals {
  const { added = 0, changed = 0, removed = 0, bytes = 0, hiddenBytes = 0 } = root.totals.get(layer) ?? {};
  return { bytes, added, changed, removed, hiddenBytes };
}

export interface FolderWish {
  readonly path: string;
  readonly layer: number;
  /** What this layer does, or all that is there after it. */
  readonly view: "layer" | "image";
  readonly order: "name" | "size";
  readonly offset: number;
  readonly limit: number;
}

/** Undefined: neither the layer nor those below it have such a folder. A path that is no folder is a folder with itself in it. */
export function listFolder(root: Spot, wish: FolderWish): LayerFolder | undefined {
  const { layer, view, order, offset, limit } = wish;
  const spot = findSpot(root, wish.path);
  if (!spot || (spot.parent && spot.versions.every((version) => version.layer > layer))) return undefined;
  const path = pathOf(spot);
  const entries = [...spot.children.values()].flatMap((one) => entryOf(one, layer, view) ?? []);
  const self = spot.parent && selfOf(root, spot, path, layer);
  const folderFirst = (a: LayerEntry, b: LayerEntry) => Number(b.type === "folder") - Number(a.type === "folder");
  const byName = (a: LayerEntry, b: LayerEntry) => (a.name < b.name ? -1 : 1);
  entries.sort(
    order === "size" ? (a, b) => b.size - a.size || byName(a, b) : (a, b) => folderFirst(a, b) || byName(a, b),
  );
  return { path, ...(self ? { self } : {}), entries: entries.slice(offset, offset + limit), total: entries.length };
}

function selfOf(root: Spot, spot: Spot, path: string, layer: number): LayerEntry | undefined {
  const entry = entryOf(spot, layer, "image");
  if (entry?.type !== "link" && entry?.type !== "hard-link") return entry;
  const end = findFile(root, path, layer);
  if (entry.type === "link") {
    return end === undefined ? entry : { ...entry, targetType: end === "not-a-file" ? "folder" : "file" };
  }
  return typeof end === "object" ? { ...entry, type: "file", size: end.item.size } : entry;
}

function entryOf(spot: Spot, layer: number, view: "layer" | "image"): LayerEntry | undefined {
  const { versions, totals } = spot;
  const at = versions.findLastIndex((version) => version.layer <= layer);
  const version = versions[at];
  if (!version) return undefined;
  const isHere = version.layer === layer;
  const below = totals.get(layer);
  // What was removed by an earlier layer is not there; what this one does not touch is not of this one.
  if (!version.item && !isHere) return undefined;
  if (view === "layer" && !below && (!isHere || version.isSame)) return undefined;
  const before = at > 0 ? versions[at - 1]?.item : undefined;
  const item = version.item ?? before;
  if (!item) return undefined;
  const change = isHere ? changeOf(version, before) : undefined;
  const layers = versions.filter((one) => one.item).map((one) => one.layer);
  return {
    name: spot.name,
    ...look(item),
    size: item.type === "folder" ? folderSize(spot, layer, version.item ? view : "removed") : item.size,
    ...(change ? { change } : {}),
    ...(item.type === "folder" && below
      ? { below: { added: below.added, changed: below.changed, removed: below.removed } }
      : {}),
    ...(change === "changed" && before
      ? { before: { size: before.size, mode: before.mode, uid: before.uid, gid: before.gid } }
      : {}),
    ...(layers.length > 1 ? { layers } : {}),
  };
}

function look({ type, mode, uid, gid, mtimeMs, linkTarget }: LayerItem) {
  // Items of deletions are never versions.
  const kind = type === "whiteout" || type === "opaque" ? "file" : type;
  const target = type === "hard-link" ? `/${linkTarget ?? ""}` : linkTarget;
  return { type: kind, mode, uid, gid, mtimeMs, ...(target === undefined ? {} : { linkTarget: target }) } as const;
}

function folderSize({ totals }: Spot, layer: number, what: "layer" | "image" | "removed"): number {
  if (what === "layer") return totals.get(layer)?.bytes ?? 0;
  if (what === "removed") return totals.get(layer)?.hiddenBytes ?? 0;
  let bytes = 0;
  for (const [at, one] of totals) if (at <= layer) bytes += one.seenBytes;
  return bytes;
}

function changeOf({ item, isSame }: Version, before: LayerItem | undefined): LayerChange | undefined {
  if (!item) return "removed";
  if (!before) return "added";
  return isSame ? undefined : "changed";
}

export interface SearchWish {
  readonly text: string;
  /** Only what happens in this layer. */
  readonly layer?: number;
  readonly changes?: readonly LayerChange[];
  readonly limit: number;
}

/** Paths with the text in them, whatever the case; with `*` or `?` the whole name or path must fit. */
export function searchLayers(root: Spot, { text, layer, changes, limit }: SearchWish): LayerSearch {
  const fits = matcher(text);
  const found: FoundPath[] = [];
  const paths = new Map<Spot, string>([[root, ""]]);
  for (const spot of spotsBelow(root)) {
    const path = `${(spot.parent && paths.get(spot.parent)) ?? ""}/${spot.name}`;
    if (spot.children.size > 0) paths.set(spot, path);
    if (!fits(spot.name, path)) continue;
    const history = historyOf(spot);
    const wanted = history.some(
      (one) => (layer === undefined || one.layer === layer) && (!changes || changes.includes(one.change)),
    );
    if (!wanted) continue;
    if (found.length === limit) return { found, more: true };
    const item = spot.versions.findLast((version) => version.item)?.item;
    if (item) found.push({ path, type: look(item).type, history });
  }
  return { found, more: false };
}

function historyOf({ versions }: Spot): FoundPath["history"] {
  return versions.flatMap((version, index) => {
    const before = index > 0 ? versions[index - 1]?.item : undefined;
    const change = changeOf(version, before);
    return change ? [{ layer: version.layer, change, size: version.item?.size ?? before?.size ?? 0 }] : [];
  });
}

function matcher(text: string): (name: string, path: string) => boolean {
  const wanted = text.trim().toLowerCase();
  if (!/[*?]/.test(wanted)) return (_, path) => path.toLowerCase().includes(wanted);
  // One star for many: several in a row would be tried in all combinations.
  const pattern = wanted
    .replace(/\*+/g, "*")
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${pattern}$`, "s");
  return (name, path) => expression.test(name.toLowerCase()) || expression.test(path.toLowerCase());
}

/** A plain file as the image has it after a layer, after all links; in which layer its bytes are. */
export function findFile(
  root: Spot,
  path: string,
  layer: number,
): { readonly layer: number; readonly item: LayerItem } | "not-a-file" | undefined {
  const pending = path.split("/").reverse();
  let spot: Spot = root;
  let followed = 0;
  while (pending.length > 0) {
    const name = pending.pop() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      spot = spot.parent ?? root;
      continue;
    }
    const next = spot.children.get(name);
    const item = next && itemAt(next, layer);
    if (!next || !item) return undefined;
    spot = next;
    if (item.type !== "link" && item.type !== "hard-link") continue;
    if (++followed > mostLinks) return undefined;
    const target = item.linkTarget ?? "";
    // A hard link names the file from the root.
    spot = item.type === "hard-link" || target.startsWith("/") ? root : (next.parent ?? root);
    pending.push(...target.split("/").reverse());
  }
  const version = spot.versions.findLast((one) => one.layer <= layer);
  if (!version?.item) return spot.parent ? undefined : "not-a-file";
  return version.item.type === "file" ? { layer: version.layer, item: version.item } : "not-a-file";
}
