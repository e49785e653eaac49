/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Runs in the page: fields to options and back. What they mean is decided outside (run-form.ts), once, in the person's language.
import type { FormData, FromPage, ShownProblem, ToPage } from "./messages.ts";
import type { RunOptions } from "./options.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  /** For a later window: the image alone, since what is typed may be secret. */
  setState(state: { readonly image: string }): void;
};

const { postMessage: post, setState } = acquireVsCodeApi();
const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const form = byId<HTMLFormElement>("form");
const lists = ["ports", "volumes", "env"] as const;
type Values = Record<string, string | boolean>;

function rowsOf(list: string): HTMLElement[] {
  return [...form.querySelectorAll<HTMLElement>(`[data-list="${list}"] > .entry`)];
}

function addRow(list: string, values: Values = {}): HTMLElement {
  const template = form.querySelector<HTMLTemplateElement>(`template[data-row="${list}"]`);
  const entry = document.createElement("div");
  entry.className = "entry";
  entry.append(template?.content.cloneNode(true) ?? "");
  for (const input of entry.querySelectorAll<HTMLInputElement>("[data-key]")) {
    const value = values[input.dataset.key ?? ""];
    if (typeof value === "boolean") input.checked = value;
    else input.value = value ?? "";
  }
  form.querySelector(`[data-list="${list}"]`)?.append(entry);
  return entry;
}

function read(): RunOptions {
  const values: Record<string, unknown> = {};
  for (const input of form.querySelectorAll<HTMLInputElement>("[data-field]")) {
    values[input.dataset.field ?? ""] = input.type === "checkbox" ? input.checked : input.value.trim();
  }
  for (const list of lists) {
    values[list] = rowsOf(list).map((entry) => {
      const row: Values = {};
      for (const input of entry.querySelectorAll<HTMLInputElement>("[data-key]")) {
        const key = input.dataset.key ?? "";
        // Blanks belong to the value of a variable.
        row[key] = input.type === "checkbox" ? input.checked : key === "value" ? input.value : input.value.trim();
      }
      return row;
    });
  }
  return values as unknown as RunOptions;
}

function write({ options, images, networks, volumes }: FormData): void {
  const values = options as unknown as Record<string, unknown>;
  for (const input of form.querySelectorAll<HTMLInputElement>("[data-field]")) {
    const value = values[input.dataset.field ?? ""];
    if (typeof value === "boolean") input.checked = value;
    else input.value = String(value ?? "");
  }
  const restart = byId<HTMLSelectElement>("restart");
  if (options.restart === "") restart.selectedIndex = 0;
  for (const list of lists) {
    form.querySelector(`[data-list="${list}"]`)?.replaceChildren();
    for (const row of options[list]) addRow(list, row as unknown as Values);
  }
  const names = { images, networks, "volume-names": volumes };
  for (const [id, all] of Object.entries(names)) {
    byId(id).replaceChildren(
      ...all.map((value) => {
        const option = document.createElement("option");
        option.value = value;
        return option;
      }),
    );
  }
  const { entrypoint, network, user, workdir, memory } = options;
  const chosen = [entrypoint, network, user, workdir, memory, options.restart === "no" ? "" : options.restart];
  if (chosen.some((value) => value !== "")) byId<HTMLDetailsElement>("more").open = true;
}

function show(problems: readonly ShownProblem[]): void {
  for (const place of form.querySelectorAll<HTMLElement>(".problem")) place.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const { field, text, instead } of problems) {
    const [name = "", index] = field.split(".");
    const entry = index === undefined ? undefined : rowsOf(name)[Number(index)];
    const place = entry
      ? entry.querySelector<HTMLElement>(".problem")
      : form.querySelector<HTMLElement>(`[data-problem="${name}"]`);
    const input = entry ? entry.querySelector<HTMLInputElement>("[data-key]") : byId<HTMLInputElement>(name);
    if (!place || !input) continue;
    input.setAttribute("aria-invalid", "true");
    place.replaceChildren(text);
    if (instead) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "secondary";
      button.textContent = instead.label;
      button.addEventListener("click", () => {
        input.value = instead.value;
        changed();
        input.focus();
      });
      place.append(button);
    }
    place.hidden = false;
    const details = place.closest("details");
    if (details) details.open = true;
  }
}

function changed(): void {
  byId("failure").hidden = true;
  post({ type: "changed", options: read() });
}

function run(interactive: boolean): void {
  setBusy(true);
  post({ type: "run", options: read(), interactive });
}

function setBusy(busy: boolean): void {
  for (const id of ["run", "run-interactive"]) byId<HTMLButtonElement>(id).disabled = busy;
}

form.addEventListener("input", changed);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(false);
});
byId("image").addEventListener("change", () =>
  post({ type: "image", image: byId<HTMLInputElement>("image").value.trim() }),
);
byId("run-interactive").addEventListener("click", () => run(true));
byId("copy").addEventListener("click", () => post({ type: "copy", options: read() }));
form.addEventListener("click", ({ target }) => {
  const button = (target as Element).closest<HTMLElement>("button");
  const entry = button?.closest<HTMLElement>(".entry");
  if (button?.dataset.add !== undefined) {
    addRow(button.dataset.add).querySelector("input")?.focus();
  } else if (button?.dataset.remove !== undefined && entry) {
    const next = (entry.nextElementSibling ?? entry.previousElementSibling)?.querySelector("input");
    const add = entry.closest("fieldset")?.querySelector<HTMLElement>("[data-add]");
    entry.remove();
    (next ?? add)?.focus();
    changed();
  } else if (button?.dataset.pick !== undefined) {
    const list = entry?.parentElement?.dataset.list;
    const field = list && entry ? `${list}.${rowsOf(list).indexOf(entry)}` : "envFile";
    post({ type: "pick", field });
  }
});

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  // Also when the form cannot be filled: why stands in it.
  document.querySelector("main")?.removeAttribute("hidden");
  switch (data.type) {
    case "data":
      setState({ image: data.options.image });
      write(data);
      changed();
      break;
    case "shown":
      byId("preview").textContent = data.command;
      show(data.problems);
      break;
    case "failed": {
      setBusy(false);
      show(data.problems);
      const failure = byId("failure");
      failure.textContent = data.text;
      failure.hidden = data.text === "";
      form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
      break;
    }
    case "picked": {
      const [list = "", index = "0"] = data.field.split(".");
      const input =
        list === "envFile"
          ? byId<HTMLInputElement>("envFile")
          : rowsOf(list)[Number(index)]?.querySelector<HTMLInputElement>("[data-key]");
      if (input) input.value = data.path;
      changed();
      break;
    }
  }
});
post({ type: "ready" });
