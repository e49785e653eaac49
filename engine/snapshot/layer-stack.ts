import type { LayerItem } from "./layer-contents.ts";

/** What a layer did to a path. Without an item: removed. */
export interface Version {
  readonly layer: number;
  readonly item?: LayerItem;
  /** The layer says it again, and nothing about it is other than before (folders and links). */
  readonly isSame?: boolean;
}

/** What happens in one layer below a folder. */
export interface Totals {
  added: number;
  changed: number;
  removed: number;
  /** Of the files that the layer has. */
  bytes: number;
  /** Of files of layers below that it replaces or removes. */
  hiddenBytes: number;
  /** By how much what can be seen grows. */
  seenFiles: number;
  seenBytes: number;
}

/** One path of an image, through all its layers. */
export interface Spot {
  readonly name: string;
  readonly parent: Spot | undefined;
  readonly children: Map<string, Spot>;
  /** Bottom first; at most one a layer. */
  readonly versions: Version[];
  /** Of folders, by layer. */
  readonly totals: Map<number, Totals>;
}

const atOnce = 1000;
const noChildren: Map<string, Spot> = new Map();
const noTotals: Map<number, Totals> = new Map();

/**
 * Lays the layers of an image one over the other (bottom first), and remembers what each did to each path. OCI image spec 1.1,
 * "Applying Changesets": a deletion is about the layers below only, wherever it stands in its own layer.
 */
export async function stackLayers(layers: readonly (readonly LayerItem[])[]): Promise<Spot> {
  const root = newSpot("", undefined);
  // Others get their turn: a large image takes a second.
  let work = 0;
  const breath = () => new Promise((resolve) => setImmediate(resolve));
  for (const [layer, items] of layers.entries()) {
    const touched = new Set<Spot>();
    for (const item of items) {
      if (item.type !== "whiteout" && item.type !== "opaque") continue;
      const spot = findSpot(root, item.path);
      if (!spot) continue;
      if (item.type === "whiteout") removeTree(spot, layer, touched);
      else for (const child of spot.children.values()) removeTree(child, layer, touched);
    }
    for (const item of items) {
      if (item.type !== "whiteout" && item.type !== "opaque") put(root, item, layer, touched);
      if (++work % atOnce === 0) await breath();
    }
    for (const spot of touched) {
      count(spot, layer);
      if (++work % atOnce === 0) await breath();
    }
  }
  return root;
}

export function findSpot(root: Spot, path: string): Spot | undefined {
  let spot: Spot | undefined = root;
  for (const name of path.split("/")) if (name !== "" && spot) spot = spot.children.get(name);
  return spot;
}

export function pathOf(spot: Spot): string {
  const names: string[] = [];
  for (let at = spot; at.parent; at = at.parent) names.push(at.name);
  return `/${names.reverse().join("/")}`;
}

/** What is there after a layer; undefined: nothing. */
export function itemAt({ versions }: Spot, layer: number): LayerItem | undefined {
  for (let index = versions.length - 1; index >= 0; index--) {
    const version = versions[index];
    if (version && version.layer <= layer) return version.item;
  }
  return undefined;
}

/** Everything below, depth first, folders before what is in them. */
export function* spotsBelow(spot: Spot): Generator<Spot> {
  const pending = [...spot.children.values()].reverse();
  for (let next = pending.pop(); next; next = pending.pop()) {
    yield next;
    const inside = [...next.children.values()];
    for (let index = inside.length - 1; index >= 0; index--) pending.push(inside[index] as Spot);
  }
}

function newSpot(name: string, parent: Spot | undefined): Spot {
  return { name, parent, children: noChildren, versions: [], totals: noTotals };
}

function child(parent: Spot, name: string): Spot {
  const known = parent.children.get(name);
  if (known) return known;
  const made = newSpot(name, parent);
  // Most paths are files: only folders get maps of their own.
  if (parent.children === noChildren) (parent as { children: Map<string, Spot> }).children = new Map();
  parent.children.set(name, made);
  return made;
}

function put(root: Spot, item: LayerItem, layer: number, touched: Set<Spot>): void {
  let spot = root;
  for (const name of item.path.split("/")) {
    if (name === "") continue;
    // Not every archive names the folders of what it has.
    if (spot.parent && spot.versions.at(-1)?.item?.type !== "folder") set(spot, impliedFolder(item), layer, touched);
    spot = child(spot, name);
  }
  set(spot, item, layer, touched);
  if (item.type !== "folder") for (const one of spot.children.values()) removeTree(one, layer, touched);
}

function set(spot: Spot, item: LayerItem, layer: number, touched: Set<Spot>): void {
  const before = itemAt(spot, layer - 1);
  const version = { layer, item, ...(before && isSame(before, item) ? { isSame: true } : {}) };
  if (spot.versions.at(-1)?.layer === layer) spot.versions.pop();
  spot.versions.push(version);
  touched.add(spot);
}

function impliedFolder({ mtimeMs, offset }: LayerItem): LayerItem {
  return { path: "", type: "folder", size: 0, mode: 0o755, uid: 0, gid: 0, mtimeMs, offset };
}

/** What layers below have here is gone. What was gone already is not looked at again: many deletions cost no more than one. */
function removeTree(spot: Spot, layer: number, touched: Set<Spot>): void {
  const pending = [spot];
  for (let one = pending.pop(); one; one = pending.pop()) {
    const last = one.versions.at(-1);
    if (!last?.item || last.layer === layer) continue;
    one.versions.push({ layer });
    touched.add(one);
    pending.push(...one.children.values());
  }
}

function isSame(a: LayerItem, b: LayerItem): boolean {
  const isPlain = b.type === "folder" || b.type === "link";
  return (
    isPlain &&
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.linkTarget === b.linkTarget
  );
}

/** What has happened to a path goes into the totals of all folders above it. */
function count(spot: Spot, layer: number): void {
  const { item, isSame: same } = spot.versions.at(-1) ?? { layer };
  const before = itemAt(spot, layer - 1);
  if (same || (!item && !before)) return;
  const isFile = (one: LayerItem | undefined) => Number(one !== undefined && one.type !== "folder");
  const bytes = item?.size ?? 0;
  const hidden = before?.size ?? 0;
  for (let folder = spot.parent; folder; folder = folder.parent) {
    if (folder.totals === noTotals) (folder as { totals: Map<number, Totals> }).totals = new Map();
    let totals = folder.totals.get(layer);
    if (!totals) {
      totals = { added: 0, changed: 0, removed: 0, bytes: 0, hiddenBytes: 0, seenFiles: 0, seenBytes: 0 };
      folder.totals.set(layer, totals);
    }
    if (!item) totals.removed += 1;
    else if (before) totals.changed += 1;
    else totals.added += 1;
    totals.bytes += bytes;
    totals.hiddenBytes += hidden;
    totals.seenBytes += bytes - hidden;
    totals.seenFiles += isFile(item) - isFile(before);
  }
}
