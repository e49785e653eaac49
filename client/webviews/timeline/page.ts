/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Runs in the page: a bar a step, stage by stage.
import { formatBytes, formatDuration } from "../../../engine/base/format.ts";
import { el, fill } from "../dom.ts";
import type { FromPage, Shown, ToPage } from "./messages.ts";
import { type TimelineStep, ticks } from "./model.ts";
import type { TimelineWords } from "./words.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

/** What a later window needs to show the same again. */
interface Kept {
  readonly id: string;
  readonly step?: number | undefined;
}

const api = acquireVsCodeApi();
const app = document.getElementById("app") as HTMLElement;
const words = JSON.parse(app.dataset.words ?? "{}") as TimelineWords;
let chosen = api.getState()?.step;
let shown: Shown | undefined;

const heading = el("h1");
const facts = el("span", { class: "quiet" });
const legend = el(
  "span",
  { class: "legend", title: words.criticalWhy },
  el("span", { class: "swatch critical" }),
  words.critical,
  el("span", { class: "swatch reused" }),
  words.reused,
);
const axis = el("div", { class: "axis", "aria-hidden": "true" });
const list = el("div", { role: "list", class: "steps", "aria-label": words.steps });
const details = el("div", { class: "details", "aria-live": "polite" });
app.append(el("header", {}, heading, facts, legend), el("div", { class: "chart" }, axis, list), details);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  shown = data;
  api.setState({ id: data.id, step: chosen });
  if (!isPressed) draw(data);
});

/** What is pressed stays where it is until it is let go: else the click would go nowhere. */
let isPressed = false;
app.addEventListener("pointerdown", () => {
  isPressed = true;
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, () => {
    if (!isPressed) return;
    isPressed = false;
    // Behind the click.
    setTimeout(() => shown && draw(shown));
  });
}

function draw({ name, state, isRunning, timeline }: Shown): void {
  const { steps, durationMs, workMs, reused, atOnce } = timeline;
  heading.textContent = name;
  const duration = formatDuration(durationMs);
  facts.textContent = [
    state,
    fill(isRunning ? words.forSoLong : words.took, { duration }),
    fill(words.facts, { reused, total: steps.length, atOnce }),
    ...(workMs > durationMs ? [fill(words.saved, { work: formatDuration(workMs), duration })] : []),
  ].join(" · ");
  const whole = Math.max(1, durationMs);
  axis.replaceChildren(
    ...ticks(whole, 8).map((at) => {
      const tick = el("span", {}, formatDuration(at));
      tick.style.left = `${(at / whole) * 100}%`;
      return tick;
    }),
  );
  // A build that runs is drawn twice a second: who is on a step stays there.
  const focused = (document.activeElement as HTMLElement | null)?.dataset.step;
  let stage: string | undefined;
  const rows: HTMLElement[] = [];
  for (const step of steps) {
    if (step.stage !== stage) rows.push(el("h2", {}, stageName(step.stage)));
    stage = step.stage;
    rows.push(el("div", { role: "listitem" }, row(step, whole)));
  }
  list.replaceChildren(...(rows.length > 0 ? rows : [el("p", { class: "quiet" }, words.nothing)]));
  const all = buttons();
  const start = all.find((one) => one.dataset.step === String(chosen)) ?? all[0];
  if (start) start.tabIndex = 0;
  if (focused !== undefined) all.find((one) => one.dataset.step === focused)?.focus();
  explain(steps.find(({ id }) => id === chosen));
}

/** Those without a name are called `stage-1` by themselves. */
function stageName(name: string): string {
  return /^stage-\d+$/.test(name) ? name : fill(words.stage, { name });
}

function row(step: TimelineStep, whole: number): HTMLElement {
  const { id, text, state, startMs, durationMs = 0, isCritical } = step;
  const bar = el("span", { class: `bar ${state}${isCritical ? " critical" : ""}` });
  bar.style.left = `${((startMs ?? 0) / whole) * 100}%`;
  bar.style.width = `${(durationMs / whole) * 100}%`;
  const short = state === "reused" ? words.reused : startMs === undefined ? words.waiting : formatDuration(durationMs);
  const note = el("span", { class: "note" }, short);
  const end = ((startMs ?? 0) + durationMs) / whole;
  if (end > 0.8) note.style.right = `${(1 - (startMs ?? 0) / whole) * 100}%`;
  else note.style.left = `${end * 100}%`;
  const inside = durationMs / whole > 0.25 && end > 0.8;
  if (inside) bar.append(el("span", { class: "inside" }, short));
  return el(
    "button",
    {
      class: "step",
      "data-step": id,
      tabindex: -1,
      "aria-label": spoken(step).join(", "),
      onmouseenter: () => explain(step),
      onfocus: () => choose(step),
      onclick: () => api.postMessage({ type: "line", step: id }),
    },
    el("span", { class: "text" }, text.split("\n", 1)[0] ?? ""),
    el("span", { class: "track" }, startMs !== undefined && bar, !inside && note),
  );
}

function buttons(): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(".step")];
}

list.addEventListener("keydown", (event) => {
  const all = buttons();
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[Math.min(all.length - 1, Math.max(0, to))]?.focus();
});
list.addEventListener("mouseleave", () => explain(shown?.timeline.steps.find(({ id }) => id === chosen)));

function choose(step: TimelineStep): void {
  chosen = step.id;
  if (shown) api.setState({ id: shown.id, step: chosen });
  for (const one of buttons()) one.tabIndex = one.dataset.step === String(step.id) ? 0 : -1;
  explain(step);
}

function explain(step: TimelineStep | undefined): void {
  if (!step || !shown) {
    details.replaceChildren(el("p", { class: "quiet" }, words.hint));
    return;
  }
  const line = `${shown.file}:${step.line + 1}`;
  const { startMs, durationMs = 0 } = step;
  const when =
    startMs === undefined
      ? []
      : [fill(words.from, { start: formatDuration(startMs), end: formatDuration(startMs + durationMs) })];
  details.replaceChildren(
    el("pre", {}, step.text),
    el("p", {}, [...spoken(step).slice(1), ...when].join(" · ")),
    el(
      "button",
      { class: "link", onclick: () => api.postMessage({ type: "line", step: step.id }) },
      fill(words.goToLine, { line }),
    ),
  );
}

function spoken({ id, text, state, durationMs, sizeBytes, isCritical }: TimelineStep): string[] {
  const why = shown?.causes[id];
  return [
    text,
    words[state],
    ...(durationMs !== undefined && state !== "reused" ? [formatDuration(durationMs)] : []),
    ...(sizeBytes === undefined ? [] : [formatBytes(sizeBytes)]),
    ...(isCritical ? [words.critical] : []),
    ...(why === undefined ? [] : [why]),
  ];
}

api.postMessage({ type: "ready" });
