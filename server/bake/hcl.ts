import { type HclToken, hclTokens } from "./hcl-tokens.ts";
import { isKnownText, type Placed } from "./model.ts";
import type { Value } from "./values.ts";
import { noValue, valueFrom } from "./values.ts";

type Node =
  | { readonly kind: "map"; readonly entries: Entry[] }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "text"; readonly text: Placed };

interface Entry {
  readonly key: Placed;
  readonly value: Node;
}

const largest = 512 * 1024;
const deepest = 100;

/**
 * The blocks and attributes of an HCL file as the JSON form has them: `target "app" { … }` is `{"target": {"app": {…}}}`.
 * Expressions other than texts and lists are values that are not known. Never throws.
 */
export function readHcl(text: string): Value {
  if (text.length > largest) return noValue;
  return toValue(new Reader(text).body(0));
}

function toValue(node: Node): Value {
  return valueFrom({
    entries: () => (node.kind === "map" ? node.entries.map(({ key, value }) => ({ key, value: toValue(value) })) : []),
    items: () => (node.kind === "list" ? node.items.map(toValue) : []),
    text: () => (node.kind === "text" ? node.text : undefined),
  });
}

class Reader {
  readonly #tokens: readonly HclToken[];
  readonly #lineStarts: readonly number[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = hclTokens(text);
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** Up to the closing brace, or the end. In objects entries have commas between them, and `:` may stand for `=`. */
  body(depth: number): Extract<Node, { kind: "map" }> {
    const entries: Entry[] = [];
    while (this.#at < this.#tokens.length && depth < deepest) {
      const token = this.#next();
      if (isSign(token, "}")) break;
      if (token?.kind !== "name" && token?.kind !== "text") continue;
      const after = this.#peek();
      if (isSign(after, "=") || isSign(after, ":")) {
        this.#at += 1;
        entries.push({ key: this.#placed(token), value: this.#expression(depth) });
      } else {
        this.#block(token, entries, depth);
      }
    }
    return { kind: "map", entries };
  }

  #block(type: HclToken, entries: Entry[], depth: number): void {
    const labels: HclToken[] = [];
    while (this.#peek()?.kind === "text" || this.#peek()?.kind === "name") labels.push(this.#next() as HclToken);
    if (!isSign(this.#peek(), "{")) return;
    this.#at += 1;
    const body = this.body(depth + 1);
    const inner = labels.reduceRight<Node>(
      (value, label) => ({ kind: "map", entries: [{ key: this.#placed(label), value }] }),
      body,
    );
    const known = entries.find(({ key }) => key.text === type.value)?.value;
    if (known?.kind === "map" && inner.kind === "map") known.entries.push(...inner.entries);
    else entries.push({ key: this.#placed(type), value: inner });
  }

  #expression(depth: number): Node {
    const first = this.#peek();
    const start = this.#at;
    if (isSign(first, "[") && depth < deepest) {
      this.#at += 1;
      return { kind: "list", items: this.#items(depth + 1) };
    }
    if (isSign(first, "{")) {
      this.#at += 1;
      return this.body(depth + 1);
    }
    if (first?.kind === "text") {
      this.#at += 1;
      const after = this.#peek();
      if (after === undefined || after.kind === "line" || /^[,\]}]$/.test(after.value))
        return { kind: "text", text: this.#placed(first) };
    }
    this.#skip();
    const last = this.#tokens[Math.max(start, this.#at - 1)];
    const range = this.#range(first?.start ?? 0, last?.end ?? first?.end ?? 0);
    return { kind: "text", text: { text: "", range, isKnown: false } };
  }

  #items(depth: number): readonly Node[] {
    const items: Node[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#peek();
      if (isSign(token, "]")) {
        this.#at += 1;
        break;
      }
      if (isSign(token, ",") || token?.kind === "line") this.#at += 1;
      else {
        const before = this.#at;
        items.push(this.#expression(depth));
        // A stray closing brace.
        if (this.#at === before) this.#at += 1;
      }
    }
    return items;
  }

  /** To the end of an expression that is not read: of the line, or in a list of the element. */
  #skip(): void {
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const token = this.#tokens[this.#at];
      if (depth === 0 && (token?.kind === "line" || /^[,\]})]$/.test(token?.kind === "sign" ? token.value : "")))
        return;
      if (token?.kind !== "sign") continue;
      if (/^[[{(]$/.test(token.value)) depth += 1;
      else if (/^[\]})]$/.test(token.value)) depth -= 1;
    }
  }

  #next(): HclToken | undefined {
    this.#at += 1;
    return this.#tokens[this.#at - 1];
  }

  #peek(): HclToken | undefined {
    return this.#tokens[this.#at];
  }

  #placed({ value, start, end }: HclToken): Placed {
    return { text: value, range: this.#range(start, end), isKnown: isKnownText(value) };
  }

  #range(start: number, end: number) {
    return { start: this.#position(start), end: this.#position(end) };
  }

  #position(offset: number) {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, character: offset - (this.#lineStarts[low] ?? 0) };
  }
}

function isSign(token: HclToken | undefined, value: string): boolean {
  return token?.kind === "sign" && token.value === value;
}
