/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { formatBytes } from "../../../engine/base/format.ts";
import type { LayersSummary, WastedFile } from "../../../engine/base/layers-api.ts";
import { el, fill } from "../dom.ts";
import type { Page } from "./page-state.ts";
import { reveal } from "./tree.ts";

/** Files that the image carries in vain, the largest first. */
export async function wastedOf(page: Page, known: LayersSummary | undefined): Promise<Node[]> {
  const { words } = page;
  const { wasted, wastedCount } = known ?? (await page.ask({ ask: "summary" }));
  if (wasted.length === 0) return [el("p", { class: "quiet" }, words.nothingWasted)];
  const heads = [words.path, words.size, words.where].map((text) => el("th", { scope: "col" }, text));
  return [
    el("p", { class: "quiet" }, words.wastedWhy),
    el(
      "table",
      { class: "wasted" },
      el("thead", {}, el("tr", {}, ...heads, el("th", {}))),
      el("tbody", {}, ...wasted.map((file) => row(page, file))),
    ),
    ...(wastedCount > wasted.length
      ? [el("p", { class: "quiet" }, fill(words.listed, { count: wasted.length, total: wastedCount }))]
      : []),
  ];
}

function row(page: Page, { path, wastedBytes, layers, removedIn }: WastedFile): HTMLElement {
  const { words } = page;
  const last = layers.at(-1) ?? 0;
  const numbers = layers.map((layer) => layer + 1).join(", ");
  const where = [
    layers.length === 1 ? fill(words.layerNumber, { number: numbers }) : fill(words.inLayers, { layers: numbers }),
    ...(removedIn === undefined ? [] : [fill(words.removedIn, { layer: removedIn + 1 })]),
  ];
  const open = () => page.post({ type: "open", layer: last, path });
  const compare = () => page.post({ type: "compare", layer: last, path, layers });
  return el(
    "tr",
    {},
    el(
      "td",
      {},
      el(
        "button",
        { class: "link path", title: words.reveal, onclick: () => reveal(page, path, removedIn ?? last) },
        path,
      ),
    ),
    el("td", { class: "size" }, formatBytes(wastedBytes)),
    el("td", { class: "quiet" }, where.join(", ")),
    el(
      "td",
      { class: "actions" },
      el("button", { class: "link", onclick: open }, words.open),
      layers.length > 1 && el("button", { class: "link", onclick: compare }, words.compare),
    ),
  );
}
