import type { Command } from "../shell/model.ts";
import type { InstructionView } from "./views.ts";

export interface PlacedCommand {
  readonly view: InstructionView;
  readonly command: Command;
}

const nothing: readonly number[] = [];

/** Views by keyword and commands by name; each index is made once, when it is first asked for. */
export class ViewIndex {
  readonly #views: readonly InstructionView[];
  #byKeyword: Groups<InstructionView> | undefined;
  #byName: Groups<PlacedCommand> | undefined;

  constructor(views: readonly InstructionView[]) {
    this.#views = views;
  }

  only(keywords: readonly string[]): readonly InstructionView[] {
    this.#byKeyword ??= new Groups(this.#views, ({ keyword }) => keyword);
    return this.#byKeyword.of(keywords);
  }

  commands(names: readonly string[]): readonly PlacedCommand[] {
    this.#byName ??= new Groups(
      this.only(["RUN"]).flatMap((view) => view.script.commands.map((command) => ({ view, command }))),
      ({ command }) => command.name,
    );
    return this.#byName.of(names);
  }
}

class Groups<T> {
  readonly #items: readonly T[];
  readonly #places = new Map<string, number[]>();
  readonly #single = new Map<string, readonly T[]>();

  constructor(items: readonly T[], keyOf: (item: T) => string) {
    this.#items = items;
    items.forEach((item, at) => {
      const key = keyOf(item);
      const places = this.#places.get(key);
      if (places) places.push(at);
      else this.#places.set(key, [at]);
    });
  }

  /** In the order of the items, whatever the order of the keys. */
  of(keys: readonly string[]): readonly T[] {
    const [first] = keys;
    if (keys.length === 1 && first !== undefined) {
      const known = this.#single.get(first);
      if (known) return known;
      const found = this.#at(this.#places.get(first) ?? nothing);
      this.#single.set(first, found);
      return found;
    }
    const places = [...new Set(keys)].flatMap((key): readonly number[] => this.#places.get(key) ?? nothing);
    return this.#at(places.sort((a, b) => a - b));
  }

  #at(places: readonly number[]): readonly T[] {
    return places.map((at) => this.#items[at] as T);
  }
}
