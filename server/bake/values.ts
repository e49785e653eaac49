import type { ParsedNode } from "yaml";
import type { Range } from "../../engine/base/ranges.ts";
import { yaml } from "../yaml.ts";
import { isKnownText, type Placed } from "./model.ts";

/** A value of a YAML or JSON file. What is not what one asks for is not there: other tools say what is wrong. */
export interface Value {
  entries(): readonly { readonly key: Placed; readonly value: Value }[];
  at(...keys: readonly string[]): Value;
  items(): readonly Value[];
  text(): Placed | undefined;
  readonly exists: boolean;
}

const largest = 512 * 1024;

/** Never throws. */
export function readValues(text: string): Value {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = yaml();
  const counter = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line - 1, 0), character: Math.max(col - 1, 0) };
  };

  const placed = (node: ParsedNode): Placed | undefined => {
    if (!isScalar(node) || node.value === null || typeof node.value === "object") return undefined;
    const [start, end] = node.range;
    const written = text.slice(start, end);
    const quote = /^["']/.test(written) && written.length > 1 ? 1 : 0;
    const range: Range = { start: position(start + quote), end: position(end - quote) };
    const value = String(node.value);
    return { text: value, range, isKnown: isKnownText(value) };
  };

  const read = (node: ParsedNode | null | undefined): Value => {
    if (!node) return noValue;
    return valueFrom({
      entries() {
        if (!isMap(node)) return [];
        return (node.items as readonly { key: ParsedNode; value: ParsedNode | null }[]).flatMap((pair) => {
          const key = placed(pair.key);
          return key ? [{ key, value: read(pair.value) }] : [];
        });
      },
      items: () => (isSeq(node) ? (node.items as readonly ParsedNode[]).map(read) : []),
      text: () => placed(node),
    });
  };

  try {
    if (text.length > largest) return noValue;
    const { contents } = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: "silent" });
    return read(contents);
  } catch {
    return noValue;
  }
}

export const noValue: Value = {
  exists: false,
  entries: () => [],
  at: () => noValue,
  items: () => [],
  text: () => undefined,
};

export function valueFrom(parts: Pick<Value, "entries" | "items" | "text">): Value {
  const value: Value = {
    ...parts,
    exists: true,
    at(...keys) {
      const step = (now: Value, name: string) => now.entries().find(({ key }) => key.text === name)?.value ?? noValue;
      return keys.reduce(step, value);
    },
  };
  return value;
}
