import type { Instruction } from "../../engine/dockerfile/model.ts";
import { expanded } from "./base-view.ts";
import { lastBefore } from "./last-before.ts";
import { pairsOf } from "./pairs.ts";
import type { VariableView } from "./views.ts";

type Variables = ReadonlyMap<string, VariableView>;

interface Definition {
  /** Index of the instruction in its stage; -1 for what a parent stage leaves behind. */
  readonly at: number;
  readonly view: VariableView;
}

/** ENV, ARG and WORKDIR of one stage, in order: answers what holds before an instruction. Made in one pass. */
export class Scope {
  readonly #definitions = new Map<string, Definition[]>();
  readonly #folders: { readonly at: number; readonly folder: string }[] = [];
  readonly #escape: "\\" | "`";
  readonly #globals: Variables;

  constructor(
    instructions: readonly Instruction[],
    parent: Scope | undefined,
    globals: Variables,
    escapeChar: "\\" | "`",
  ) {
    this.#globals = globals;
    this.#escape = escapeChar;
    if (parent) this.#inherit(parent);
    instructions.forEach((instruction, at) => {
      const { keyword } = instruction;
      if (keyword === "ENV" || keyword === "ARG") this.#define(instruction, keyword, at);
      else if (keyword === "WORKDIR") this.#enter(instruction, at);
    });
  }

  /** What holds before the instruction with this index. */
  variablesBefore(index: number): Variables {
    return new VariablesBefore(this.#definitions, index);
  }

  workdirBefore(index: number): string | undefined {
    return lastBefore(this.#folders, index)?.folder;
  }

  #inherit(parent: Scope): void {
    for (const [name, definitions] of parent.#definitions) {
      const last = definitions.at(-1);
      if (last) this.#definitions.set(name, [{ at: -1, view: last.view }]);
    }
    const folder = parent.#folders.at(-1)?.folder;
    if (folder !== undefined) this.#folders.push({ at: -1, folder });
  }

  #define(instruction: Instruction, kind: VariableView["kind"], at: number): void {
    // All pairs of one instruction see what was known before it.
    const before = this.variablesBefore(at);
    for (const { name, value } of pairsOf(instruction).pairs) {
      const known = this.#definitions.get(name);
      // ENV wins over an ARG of the same name, also over a later one.
      if (kind === "ARG" && known?.at(-1)?.view.kind === "ENV") continue;
      const text = value === undefined ? this.#globals.get(name)?.value : expanded(value, before, this.#escape);
      const view = { name, kind, instruction, ...(text !== undefined && { value: text }) };
      if (known) known.push({ at, view });
      else this.#definitions.set(name, [{ at, view }]);
    }
  }

  #enter({ rest }: Instruction, at: number): void {
    const written = rest.text.trim();
    if (!written) return;
    const folder = (expanded(written, this.variablesBefore(at), this.#escape) ?? written).replace(/(.)\/+$/, "$1");
    const isAbsolute = /^(?:\/|[A-Za-z]:|\$)/.test(folder);
    const above = this.workdirBefore(at) ?? "";
    this.#folders.push({ at, folder: isAbsolute ? folder : joined(above, folder) });
  }
}

function joined(above: string, folder: string): string {
  const parts: string[] = [];
  for (const part of `${above}/${folder}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const path = parts.join("/");
  return /^[A-Za-z]:/.test(path) || path.startsWith("$") ? path : `/${path}`;
}

/** ARG before the first FROM. */
export function readGlobals(args: readonly Instruction[], escapeChar: "\\" | "`"): Variables {
  const globals = new Map<string, VariableView>();
  for (const instruction of args) {
    for (const { name, value } of pairsOf(instruction).pairs) {
      const text = value === undefined ? undefined : expanded(value, globals, escapeChar);
      globals.set(name, { name, kind: "ARG", instruction, ...(text !== undefined && { value: text }) });
    }
  }
  return globals;
}

/** One name costs a search in its definitions; a whole Map is made only for who lists all of them. */
class VariablesBefore implements ReadonlyMap<string, VariableView> {
  readonly #definitions: ReadonlyMap<string, readonly Definition[]>;
  readonly #index: number;
  #all: Map<string, VariableView> | undefined;

  constructor(definitions: ReadonlyMap<string, readonly Definition[]>, index: number) {
    this.#definitions = definitions;
    this.#index = index;
  }

  get(name: string): VariableView | undefined {
    return lastBefore(this.#definitions.get(name) ?? [], this.#index)?.view;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return this.#map().size;
  }

  forEach(each: (view: VariableView, name: string, map: ReadonlyMap<string, VariableView>) => void): void {
    for (const [name, view] of this.#map()) each(view, name, this);
  }

  entries() {
    return this.#map().entries();
  }

  keys() {
    return this.#map().keys();
  }

  values() {
    return this.#map().values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  #map(): ReadonlyMap<string, VariableView> {
    if (this.#all) return this.#all;
    this.#all = new Map();
    for (const name of this.#definitions.keys()) {
      const view = this.get(name);
      if (view) this.#all.set(name, view);
    }
    return this.#all;
  }
}
