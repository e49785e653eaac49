import type { SemanticTokensEdit } from "vscode-languageserver";
import type { KnownJson } from "../../wire.ts";
import type { Stretch } from "./stretch.ts";

/** The colours of one version of a file: stretches, most of which the version before has too. */
export class Colours implements KnownJson<number> {
  readonly #stretches: Stretch[] = [];
  /** For each how far its first token stands below the one before: the number that its JSON lacks. */
  readonly #downs: number[] = [];
  #line = 0;

  /** Stretches are added in file order; `top` is where it begins. */
  add(stretch: Stretch, top: number): void {
    if (stretch.count === 0) return;
    this.#stretches.push(stretch);
    this.#downs.push(top + stretch.firstLine - this.#line);
    this.#line = top + stretch.lastLine;
  }

  /** As the protocol has them: five numbers a token. */
  numbers(from = 0, to = this.#stretches.length): number[] {
    const parts: string[] = [];
    for (let at = from; at < to; at += 1) parts.push(`${this.#downs[at]},${this.#stretches[at]?.json}`);
    return JSON.parse(`[${parts.join(",")}]`);
  }

  writeTo(put: (text: string) => void): void {
    for (const [at, { json }] of this.#stretches.entries()) {
      if (at > 0) put(",");
      put(String(this.#downs[at]));
      put(",");
      put(json);
    }
  }

  toJSON(): readonly number[] {
    return this.numbers();
  }

  /** What makes these colours of those: only stretches that differ are looked into. */
  editsFrom(before: Colours): SemanticTokensEdit[] {
    const [old, now] = [before.#stretches, this.#stretches];
    const isSame = (a: number, b: number) => old[a] === now[b] && before.#downs[a] === this.#downs[b];
    const shorter = Math.min(old.length, now.length);
    let first = 0;
    let start = 0;
    for (; first < shorter && isSame(first, first); first += 1) start += now[first]?.count ?? 0;
    if (first === old.length && first === now.length) return [];
    let same = 0;
    while (same < shorter - first && isSame(old.length - 1 - same, now.length - 1 - same)) same += 1;
    const removed = before.numbers(first, old.length - same);
    const added = this.numbers(first, now.length - same);
    return [editOf(removed, added, start)];
  }
}

/** Without what both have in common at their ends. */
function editOf(removed: readonly number[], added: readonly number[], start: number): SemanticTokensEdit {
  const shorter = Math.min(removed.length, added.length);
  let before = 0;
  while (before < shorter && removed[before] === added[before]) before += 1;
  let behind = 0;
  while (behind < shorter - before && removed[removed.length - 1 - behind] === added[added.length - 1 - behind])
    behind += 1;
  return {
    start: start + before,
    deleteCount: removed.length - before - behind,
    data: added.slice(before, added.length - behind),
  };
}
