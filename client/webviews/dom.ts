/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Runs in pages: elements without a framework.

type Child = Node | string | false | undefined;
type Value = string | number | boolean | undefined | ((event: never) => void);

/** `el("button", { class: "x", onclick: … }, "text")`; false and undefined leave an attribute out. Text is never HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== false && child !== undefined));
  return element;
}

/** Words of the page with their `{places}` filled. */
export function fill(template: string, values: Readonly<Record<string, string | number>> = {}): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
