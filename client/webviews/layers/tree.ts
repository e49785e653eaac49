/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { formatBytes } from "../../../engine/base/format.ts";
import type { FoundPath, LayerChange, LayerEntry } from "../../../engine/base/layers-api.ts";
import { el, fill } from "../dom.ts";
import type { Page, State } from "./page-state.ts";

const atOnce = 500;
const letters: Readonly<Record<LayerChange, string>> = { added: "A", changed: "M", removed: "D" };

interface Row {
  readonly path: string;
  readonly level: number;
  readonly entry: LayerEntry;
  readonly place: { readonly at: number; readonly of: number };
}

/** The rest of a long folder. */
interface Rest {
  readonly folder: string;
  readonly level: number;
  readonly missing: number;
}

/** The files of the chosen layer, folder by folder; with a filter the paths that fit. */
export async function treeOf(page: Page): Promise<Node[]> {
  const { state } = page;
  if (state.filter.trim() !== "") return [await foundOf(page)];
  const { layer, view } = state;
  const limits = new Map<string, number>();

  const isOpen = (path: string) => state.expanded.includes(path);

  async function rowsOf(folder: string, level: number): Promise<(Row | Rest)[]> {
    const limit = limits.get(folder) ?? atOnce;
    const { entries, total } = await page.ask({ ask: "folder", layer, view, path: folder, limit });
    const fitting = entries.filter((entry) => fits(entry, state.changes));
    const rows = await Promise.all(
      fitting.map(async (entry, at): Promise<(Row | Rest)[]> => {
        const path = `${folder === "/" ? "" : folder}/${entry.name}`;
        const row = { path, level, entry, place: { at: at + 1, of: fitting.length } };
        return [row, ...(entry.type === "folder" && isOpen(path) ? await rowsOf(path, level + 1) : [])];
      }),
    );
    const missing = total - entries.length;
    return [...rows.flat(), ...(missing > 0 ? [{ folder, level, missing }] : [])];
  }

  const tree = el("div", { role: "tree", "aria-label": page.words.files, class: "tree" });
  async function draw(focus?: string): Promise<void> {
    let rows: (Row | Rest)[];
    let expanded: State["expanded"];
    do {
      expanded = state.expanded;
      rows = await rowsOf("/", 1);
      // A folder was opened meanwhile, perhaps in the tree that this one takes the place of.
    } while (expanded !== state.expanded);
    tree.replaceChildren(
      ...(rows.length === 0
        ? [el("p", { class: "quiet" }, page.words.nothing)]
        : rows.map((row) => ("missing" in row ? restRow(row) : fileRow(row)))),
    );
    const kept = items().find((item) => item.dataset.path === (focus ?? state.focused)) ?? items()[0];
    if (kept) kept.tabIndex = 0;
    if (focus !== undefined) kept?.focus();
  }

  const items = () => [...tree.querySelectorAll<HTMLElement>('[role="treeitem"]')];

  function restRow({ folder, level, missing }: Rest): HTMLElement {
    const text = fill(page.words.more, { count: Math.min(missing, atOnce) });
    const row = el("div", { role: "treeitem", "aria-level": level, class: "entry rest", tabindex: -1 }, text);
    const more = () => {
      limits.set(folder, (limits.get(folder) ?? atOnce) + atOnce);
      void draw();
    };
    row.addEventListener("click", more);
    row.addEventListener("keydown", ({ key }) => key === "Enter" && more());
    row.style.paddingLeft = indent(level);
    return row;
  }

  function fileRow({ path, level, entry, place }: Row): HTMLElement {
    const isFolder = entry.type === "folder";
    const isUnfolded = isOpen(path);
    const row = el(
      "div",
      {
        role: "treeitem",
        "aria-level": level,
        "aria-posinset": place.at,
        "aria-setsize": place.of,
        "aria-expanded": isFolder ? String(isUnfolded) : undefined,
        "aria-label": spoken(page, entry),
        "data-path": path,
        class: `entry ${entry.change ?? ""}`,
        tabindex: -1,
        title: details(page, path, entry),
      },
      el("span", { class: "twist", "aria-hidden": "true" }, isFolder ? twist(isUnfolded) : ""),
      el("span", { class: "letter", "aria-hidden": "true" }, entry.change ? letters[entry.change] : ""),
      el("span", { class: "name" }, isFolder ? `${entry.name}/` : entry.name),
      entry.linkTarget !== undefined && el("span", { class: "quiet target" }, `→ ${entry.linkTarget}`),
      el("span", { class: "actions" }, ...actions(page, path, entry)),
      el("span", { class: "quiet mode" }, modeOf(entry)),
      el("span", { class: "size" }, isFolder || entry.type === "file" ? formatBytes(entry.size) : ""),
    );
    row.style.paddingLeft = indent(level);
    row.addEventListener("click", (event) => {
      if (event.target instanceof HTMLButtonElement) return;
      if (isFolder) void toggle(path);
      else focus(row);
    });
    row.addEventListener("dblclick", () => !isFolder && openFile(page, path, entry));
    row.addEventListener("keydown", (event) => {
      if (event.target !== row) return;
      if (event.key === "Enter" && !isFolder) openFile(page, path, entry);
      else if (event.key === "c" && entry.layers) compareFile(page, path, entry);
      else if ((event.key === "Enter" || event.key === " ") && isFolder) void toggle(path);
      else if (event.key === "ArrowRight" && isFolder && !isOpen(path)) void toggle(path);
      else if (event.key === "ArrowLeft" && isFolder && isOpen(path)) void toggle(path);
      else if (event.key === "ArrowLeft") focus(parentOf(path));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return row;
  }

  const parentOf = (path: string) => items().find((item) => item.dataset.path === path.slice(0, path.lastIndexOf("/")));

  function focus(row: HTMLElement | undefined): void {
    if (!row) return;
    for (const item of items()) item.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
    const { path } = row.dataset;
    if (path === undefined) return;
    state.focused = path;
    page.save();
  }

  async function toggle(path: string): Promise<void> {
    const without = state.expanded.filter((one) => one !== path);
    state.expanded = without.length < state.expanded.length ? without : [...without, path];
    state.focused = path;
    page.save();
    // At once: its files may take a while, and who sees nothing happen clicks again, which would close it.
    const row = items().find((item) => item.dataset.path === path);
    row?.setAttribute("aria-expanded", String(isOpen(path)));
    row?.querySelector(".twist")?.replaceChildren(twist(isOpen(path)));
    await draw(path);
  }

  tree.addEventListener("keydown", (event) => {
    const rows = items();
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    focus(rows[Math.min(rows.length - 1, Math.max(0, to))]);
  });
  await draw();
  return [tree];
}

function twist(isOpen: boolean): string {
  return isOpen ? "▾" : "▸";
}

async function foundOf(page: Page): Promise<HTMLElement> {
  const { state, words } = page;
  const { layer, view, filter, changes } = state;
  const { found, more } = await page.ask({
    ask: "search",
    text: filter,
    ...(view === "layer" ? { layer } : {}),
    ...(changes.length > 0 ? { changes } : {}),
  });
  if (found.length === 0) return el("p", { class: "quiet" }, words.nothingFound);
  const rows = found.map((one) => foundRow(page, one));
  return el("div", {}, el("ul", { class: "found" }, ...rows), more && el("p", { class: "quiet" }, words.moreFound));
}

function foundRow(page: Page, { path, type, history }: FoundPath): HTMLElement {
  const { words } = page;
  const chips = history.map(({ layer, change, size }) =>
    el(
      "button",
      {
        class: `chip ${change}`,
        title: `${fill(words.layerNumber, { number: layer + 1 })}: ${words[change]}, ${formatBytes(size)}. ${words.reveal}`,
        "aria-label": `${fill(words.layerNumber, { number: layer + 1 })}, ${words[change]}, ${formatBytes(size)}`,
        onclick: () => reveal(page, path, layer),
      },
      `${letters[change]} ${layer + 1}`,
    ),
  );
  const stored = history.filter(({ change }) => change !== "removed").map(({ layer }) => layer);
  const last = stored.at(-1) ?? 0;
  const isFile = type === "file" || type === "hard-link" || type === "link";
  const open = () => page.post({ type: "open", layer: last, path });
  const compare = () => page.post({ type: "compare", layer: last, path, layers: stored });
  return el(
    "li",
    {},
    isFile
      ? el("button", { class: "link path", title: words.open, onclick: open }, path)
      : el("span", { class: "path" }, `${path}/`),
    ...chips,
    isFile && stored.length > 1 && el("button", { class: "link", onclick: compare }, words.compare),
    el("span", { class: "size" }, type === "file" ? formatBytes(history.at(-1)?.size ?? 0) : ""),
  );
}

/** Shows a path in what a layer does. */
export async function reveal(page: Page, path: string, layer: number): Promise<void> {
  const parts = path.split("/").slice(1, -1);
  const parents = parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`);
  const expanded = [...new Set([...page.state.expanded, ...parents])];
  await page.show({
    layer,
    view: "layer",
    tab: "files",
    filter: "",
    changes: [],
    folder: "/",
    expanded,
    focused: path,
  });
  const rows = [...document.querySelectorAll<HTMLElement>(".tree [data-path]")];
  const row = rows.find((one) => one.dataset.path === path);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function fits({ change, below, type }: LayerEntry, wanted: readonly LayerChange[]): boolean {
  if (wanted.length === 0) return true;
  if (change && wanted.includes(change)) return true;
  return type === "folder" && wanted.some((one) => (below?.[one] ?? 0) > 0);
}

function actions(page: Page, path: string, entry: LayerEntry): HTMLElement[] {
  if (entry.type === "folder") return [];
  const button = (label: string, run: () => void) => el("button", { class: "link", tabindex: -1, onclick: run }, label);
  return [
    button(page.words.open, () => openFile(page, path, entry)),
    ...(entry.layers ? [button(page.words.compare, () => compareFile(page, path, entry))] : []),
  ];
}

/** What was removed is shown as it was. */
function openFile({ post, state }: Page, path: string, { change }: LayerEntry): void {
  post({ type: "open", path, layer: change === "removed" ? Math.max(0, state.layer - 1) : state.layer });
}

function compareFile({ post, state }: Page, path: string, { layers = [] }: LayerEntry): void {
  const here = layers.filter((layer) => layer <= state.layer).at(-1) ?? state.layer;
  post({ type: "compare", path, layer: here, layers });
}

function spoken({ words }: Page, { name, type, size, change, before, below }: LayerEntry): string {
  return [
    name,
    type === "folder" ? words.folder : undefined,
    change && words[change],
    formatBytes(size),
    before && fill(words.was, { before: formatBytes(before.size) }),
    below && fill(words.counts, { ...below }),
  ]
    .filter(Boolean)
    .join(", ");
}

function details({ words }: Page, path: string, entry: LayerEntry): string {
  const { mode, uid, gid, size, change, before, below, layers, linkTarget } = entry;
  const was =
    before &&
    fill(words.was, { before: `${formatBytes(before.size)} ${octal(before.mode)} ${before.uid}:${before.gid}` });
  return [
    linkTarget === undefined ? path : `${path} → ${linkTarget}`,
    `${formatBytes(size)} ${octal(mode)} ${uid}:${gid}`,
    change && words[change],
    was,
    below && fill(words.counts, { ...below }),
    layers && fill(words.inLayers, { layers: layers.map((layer) => layer + 1).join(", ") }),
  ]
    .filter(Boolean)
    .join("\n");
}

function modeOf({ mode, uid, gid }: LayerEntry): string {
  return uid === 0 && gid === 0 ? octal(mode) : `${octal(mode)} ${uid}:${gid}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function indent(level: number): string {
  return `${(level - 1) * 16 + 4}px`;
}
