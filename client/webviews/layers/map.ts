/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { formatBytes } from "../../../engine/base/format.ts";
import type { LayerEntry } from "../../../engine/base/layers-api.ts";
import { el } from "../dom.ts";
import type { Page } from "./page-state.ts";
import { othersText } from "./totals.ts";
import { treemap } from "./treemap.ts";

const mostTiles = 40;
const aspect = 1.8;

/** The bytes of a folder as areas; a folder's tile leads into it. */
export async function mapOf(page: Page): Promise<Node[]> {
  const { state, words } = page;
  const { layer, view, folder } = state;
  const { entries } = await page.ask({ ask: "folder", layer, view, path: folder, order: "size", limit: 2000 });
  const sized = entries.filter(({ change, size }) => change !== "removed" && size > 0);
  const shown = sized.slice(0, mostTiles);
  const rest = sized.slice(mostTiles);
  const others = rest.reduce((sum, { size }) => sum + size, 0);
  const items: (LayerEntry | number)[] = [...shown, ...(others > 0 ? [others] : [])];
  const sizeOf = (item: LayerEntry | number) => (typeof item === "number" ? item : item.size);
  items.sort((a, b) => sizeOf(b) - sizeOf(a));
  const tiles = treemap(items, sizeOf, aspect).map(({ item, x, y, width, height }, at) => {
    const tile = typeof item === "number" ? otherTile(item) : entryTile(item);
    tile.tabIndex = at === 0 ? 0 : -1;
    Object.assign(tile.style, {
      left: `${x * 100}%`,
      top: `${y * 100}%`,
      width: `${width * 100}%`,
      height: `${height * 100}%`,
    });
    return tile;
  });

  function entryTile(entry: LayerEntry): HTMLElement {
    const path = `${folder === "/" ? "" : folder}/${entry.name}`;
    const isFolder = entry.type === "folder";
    const name = isFolder ? `${entry.name}/` : entry.name;
    const size = formatBytes(entry.size);
    const run = () => (isFolder ? page.show({ folder: path }) : page.post({ type: "open", layer, path }));
    const label = [entry.name, isFolder && words.folder, size, entry.change && words[entry.change]];
    return el(
      "button",
      {
        class: `tile ${isFolder ? "folder" : "file"} ${entry.change ?? ""}`,
        title: `${path}\n${size}`,
        "aria-label": label.filter(Boolean).join(", "),
        onclick: run,
      },
      el("span", { class: "name" }, name),
      el("span", { class: "size" }, size),
    );
  }

  function otherTile(bytes: number): HTMLElement {
    const text = othersText(words, rest.length);
    return el("button", { class: "tile other", title: formatBytes(bytes), disabled: true }, text);
  }

  const map = el("div", { class: "map", role: "group", "aria-label": `${words.map}: ${folder}` }, ...tiles);
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Backspace" && folder !== "/") return page.show({ folder: parentOf(folder) });
    if (step === undefined) return;
    event.preventDefault();
    const at = tiles.indexOf(document.activeElement as HTMLElement);
    tiles[Math.min(tiles.length - 1, Math.max(0, at + step))]?.focus();
  });
  const crumbs = ["/", ...folder.split("/").filter(Boolean)];
  const way = crumbs.map((name, at) => {
    const path = at === 0 ? "/" : `/${crumbs.slice(1, at + 1).join("/")}`;
    return at === crumbs.length - 1
      ? el("span", { "aria-current": "page" }, name)
      : el("button", { class: "link", onclick: () => page.show({ folder: path }) }, name);
  });
  const bar = el("div", { class: "crumbs" }, ...way);
  return [bar, tiles.length > 0 ? map : el("p", { class: "quiet" }, words.nothing)];
}

function parentOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf("/")) || "/";
}
