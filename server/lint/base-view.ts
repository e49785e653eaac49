import { expandWord } from "../../engine/analysis.ts";
import type { Stage } from "../../engine/dockerfile/model.ts";
import { splitImageName } from "./image-names.ts";
import type { BaseView, VariableView } from "./views.ts";

/** What FROM names. `isStage`: a stage above it. */
export function readBase(
  { from }: Stage,
  isStage: boolean,
  globals: ReadonlyMap<string, VariableView>,
  escapeChar: "\\" | "`",
): BaseView {
  const text = from.words[0]?.text ?? "";
  if (isStage) return { kind: "stage", text, resolved: text };
  if (text.includes("$")) return readImage(text, expanded(text, globals, escapeChar));
  const base = constant.get(from.content) ?? readImage(text, text);
  constant.set(from.content, base);
  return base;
}

/** Of FROMs without variables. */
const constant = new WeakMap<object, BaseView>();

function readImage(text: string, resolved: string | undefined): BaseView {
  if (resolved === undefined || resolved === "") return { kind: "image", text };
  if (resolved.toLowerCase() === "scratch") return { kind: "scratch", text, resolved };
  return { kind: "image", text, resolved, ...splitImageName(resolved) };
}

/** A text with its variables replaced; undefined when one of them is not known. */
export function expanded(
  text: string,
  variables: ReadonlyMap<string, VariableView>,
  escapeChar: "\\" | "`",
): string | undefined {
  const values = new Map<string, string>();
  for (const name of text.match(/[A-Za-z_]\w*/g) ?? []) {
    const value = variables.get(name)?.value;
    if (value !== undefined) values.set(name, value);
  }
  const result = expandWord(text, values, { escape: escapeChar, keepUnset: true });
  return "error" in result || result.text.includes("$") ? undefined : result.text;
}
