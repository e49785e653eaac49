/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Runs in the page: the layers at the left, what the chosen one holds at the right.
import { formatBytes } from "../../../engine/base/format.ts";
import type { LayersSummary } from "../../../engine/base/layers-api.ts";
import { el, fill } from "../dom.ts";
import { latestOnly } from "./latest.ts";
import { mapOf } from "./map.ts";
import type { Answers, FromPage, Question, Start, ToPage } from "./messages.ts";
import type { Page, State, Tab } from "./page-state.ts";
import { totalsText } from "./totals.ts";
import { treeOf } from "./tree.ts";
import { wastedOf } from "./wasted.ts";
import type { LayerWords } from "./words.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

/** What a later window needs to show the same again. */
type Kept = State & Pick<Start, "imageId" | "name">;

const api = acquireVsCodeApi();
const app = document.getElementById("app") as HTMLElement;
const words = JSON.parse(app.dataset.words ?? "{}") as LayerWords;
const waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
let asked = 0;

function ask<Q extends Question>(question: Q): Promise<Answers[Q["ask"]]> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    api.postMessage({ type: "question", id, question });
  });
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "start":
      return build(data.start);
    case "show":
      return shown?.choose(data.layer);
    case "answer":
      waiting.get(data.id)?.resolve(data.answer as never);
      return waiting.delete(data.id);
    case "failed":
      waiting.get(data.id)?.reject(new Error(data.text));
      return waiting.delete(data.id);
  }
});

let shown: { choose(layer: number): void } | undefined;

function build(start: Start): void {
  const { image, imageId, name, hasContents } = start;
  const last = Math.max(0, image.layers.length - 1);
  const kept = api.getState();
  const state: State = {
    layer: last,
    view: "layer",
    tab: "files",
    expanded: [],
    folder: "/",
    filter: "",
    changes: [],
    ...kept,
    // Asked for once: after that it is what the person chose.
    ...(kept === undefined && start.layer !== undefined ? { layer: start.layer } : {}),
  };
  let summary: LayersSummary | undefined;

  const listbox = el("div", { role: "listbox", class: "layers", tabindex: 0, "aria-label": words.layers });
  const title = el("div", { class: "instruction", id: "instruction" });
  const facts = el("div", { class: "facts" });
  const lineButton = el("button", {
    class: "link",
    onclick: () => api.postMessage({ type: "line", layer: state.layer }),
  });
  const content = el("div", { class: "content", id: "content", role: "tabpanel" });
  const totals = el("span", { class: "quiet" });
  const efficiency = el("span", { class: "efficiency", title: words.efficiencyWhy });
  const page: Page = {
    state,
    words,
    ask,
    post: (message) => api.postMessage(message),
    save: () => api.setState({ ...state, imageId, name }),
    show,
    choose,
  };

  const tabs = (["files", "map", "wasted"] as const).map((tab: Tab) =>
    el(
      "button",
      { role: "tab", "aria-controls": "content", "data-tab": tab, onclick: () => show({ tab }) },
      words[tab],
    ),
  );
  const tablist = el("div", { role: "tablist", onkeydown: walkTabs }, ...tabs);
  const views = (["layer", "image"] as const).map((view) =>
    el(
      "button",
      { role: "radio", "data-view": view, onclick: () => show({ view }) },
      view === "layer" ? words.thisLayer : words.upToHere,
    ),
  );
  const viewGroup = el("div", { role: "radiogroup", "aria-label": words.view, class: "switch" }, ...views);
  const filter = el("input", {
    type: "search",
    placeholder: words.filter,
    "aria-label": words.filter,
    value: state.filter,
  });
  let typed: ReturnType<typeof setTimeout> | undefined;
  filter.addEventListener("input", () => {
    // At once, so that whatever else is pressed meanwhile goes by it; drawn when the typing pauses.
    state.filter = filter.value;
    clearTimeout(typed);
    typed = setTimeout(() => void show({}), 150);
  });
  const changes = (["added", "changed", "removed"] as const).map((change) =>
    el(
      "button",
      {
        class: `change ${change}`,
        "data-change": change,
        title: fill(words.onlyChanges, { change: words[change] }),
        onclick: () => {
          const without = state.changes.filter((one) => one !== change);
          show({ changes: without.length < state.changes.length ? without : [...without, change] });
        },
      },
      words[change],
    ),
  );
  const tools = el("div", { class: "tools" }, viewGroup, filter, el("div", { class: "changes" }, ...changes));

  app.replaceChildren(
    el("header", {}, el("h1", {}, name), totals, efficiency),
    el(
      "div",
      { class: "columns" },
      el("nav", {}, listbox),
      el(
        "section",
        { "aria-labelledby": "instruction" },
        el("div", { class: "head" }, title, el("div", { class: "row" }, facts, lineButton)),
        ...(hasContents ? [tablist, tools] : []),
        content,
      ),
    ),
  );

  listbox.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -last, End: last }[event.key];
    if (event.key === "Enter" && start.lines[state.layer]) api.postMessage({ type: "line", layer: state.layer });
    if (step === undefined) return;
    event.preventDefault();
    choose(Math.min(last, Math.max(0, state.layer + step)));
  });

  // Made once: an option that is pressed while its size comes would not be there to be let go.
  const options = image.layers.map(({ index, instruction }) => {
    const label = instruction || fill(words.layerNumber, { number: index + 1 });
    const size = el("span", { class: "size" });
    const bar = el("div", { class: "fill" });
    const line = start.lines[index];
    const option = el(
      "div",
      { role: "option", id: `layer-${index}`, title: label, onclick: () => choose(index) },
      el("span", { class: "number" }, String(index + 1)),
      el("span", { class: "label" }, label),
      size,
      el("div", { class: "bar" }, bar),
      line !== undefined && el("span", { class: "line" }, line),
    );
    return { option, label, size, bar, line };
  });
  listbox.replaceChildren(...options.map(({ option }) => option));

  function drawLayers(): void {
    const sizes = image.layers.map(({ index, sizeBytes }) => summary?.layers[index]?.bytes ?? sizeBytes);
    const most = Math.max(1, ...sizes);
    for (const [index, { option, label, size, bar, line }] of options.entries()) {
      size.textContent = formatBytes(sizes[index] ?? 0);
      bar.style.width = `${((sizes[index] ?? 0) / most) * 100}%`;
      const spoken = [`${index + 1}`, label, size.textContent, line ?? ""].filter(Boolean).join(", ");
      option.setAttribute("aria-label", spoken);
    }
    mark();
  }

  function mark(): void {
    for (const [index, option] of [...listbox.children].entries()) {
      option.setAttribute("aria-selected", String(index === state.layer));
    }
    listbox.setAttribute("aria-activedescendant", `layer-${state.layer}`);
    listbox.children[state.layer]?.scrollIntoView({ block: "nearest" });
    const layer = image.layers[state.layer];
    title.textContent = layer?.instruction || fill(words.layerNumber, { number: state.layer + 1 });
    const of = summary?.layers[state.layer];
    const size = formatBytes(of?.bytes ?? layer?.sizeBytes ?? 0);
    facts.textContent = [size, ...(of ? [fill(words.counts, { ...of })] : []), layer?.digest ?? layer?.diffId ?? ""]
      .filter(Boolean)
      .join(" · ");
    const line = start.lines[state.layer];
    lineButton.hidden = line === undefined;
    lineButton.textContent = fill(words.goToLine, { line: line ?? "" });
    for (const tab of tabs) {
      const isChosen = tab.dataset.tab === state.tab;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    for (const one of views) one.setAttribute("aria-checked", String(one.dataset.view === state.view));
    for (const one of changes) {
      one.setAttribute("aria-pressed", String(state.changes.some((change) => change === one.dataset.change)));
    }
    tools.hidden = state.tab === "wasted";
    filter.hidden = state.tab !== "files";
    for (const one of changes) one.hidden = state.tab !== "files";
    if (filter.value !== state.filter) filter.value = state.filter;
  }

  function choose(layer: number): void {
    if (layer === state.layer) return;
    void show({ layer, folder: "/" });
  }

  const draw = latestOnly<Node[]>({
    show: (nodes) => content.replaceChildren(...nodes),
    wait: () => content.replaceChildren(el("p", { class: "quiet" }, words.reading)),
    fail: (error) =>
      content.replaceChildren(el("p", { role: "alert", class: "problem" }, String((error as Error).message ?? error))),
  });

  function show(change: Partial<State>): Promise<void> {
    clearTimeout(typed);
    Object.assign(state, change);
    page.save();
    mark();
    return draw(async () => {
      if (!hasContents) return [el("p", { class: "quiet" }, words.noContents)];
      return state.tab === "files" ? treeOf(page) : state.tab === "map" ? mapOf(page) : wastedOf(page, summary);
    });
  }

  function walkTabs(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = tabs.findIndex((tab) => tab.dataset.tab === state.tab);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next?.click();
    next?.focus();
  }

  shown = { choose };
  drawLayers();
  void show({});
  if (!hasContents) return;
  ask({ ask: "summary" })
    .then((known) => {
      summary = known;
      totals.textContent = totalsText(words, known.fileCount, known.fileBytes);
      const percent = `${Math.round(known.efficiency * 1000) / 10} %`;
      efficiency.textContent = [
        fill(words.efficiency, { percent }),
        ...(known.wastedBytes > 0 ? [fill(words.wastedOf, { size: formatBytes(known.wastedBytes) })] : []),
      ].join(" · ");
      efficiency.classList.toggle("low", known.efficiency < 0.9);
      drawLayers();
      if (state.tab === "wasted") void show({});
    })
    .catch((error: Error) => {
      totals.textContent = error.message;
    });
}

api.postMessage({ type: "ready" });
