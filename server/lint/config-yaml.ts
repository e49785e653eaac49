import type { ParsedNode } from "yaml";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import { yaml } from "../yaml.ts";

/** Something wrong with a configuration file. The rest of the file counts all the same. */
export interface ConfigProblem {
  /** The file's full path. */
  readonly file: string;
  readonly severity: "error" | "warning";
  readonly message: Message;
  readonly range: Range;
}

/** A value of a YAML file with its place, that complains about what it is not. */
export interface ConfigValue {
  readonly range: Range;
  /** The entries of a map whose keys are text; undefined, with a complaint, when it is no map. */
  entries(): readonly ConfigEntry[] | undefined;
  /** The elements of a list; a single value counts as a list of one. */
  items(): readonly ConfigValue[];
  text(): string | undefined;
  flag(): boolean | undefined;
  oneOf<T extends string>(allowed: readonly T[]): T | undefined;
  complain(message: Message): void;
}

export interface ConfigEntry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: ConfigValue;
  complainOfKey(message: Message): void;
}

/** The file's top value; undefined for an empty or an unreadable file. */
export function readYaml(file: string, text: string): { root: ConfigValue | undefined; problems: ConfigProblem[] } {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = yaml();
  const counter = new LineCounter();
  const problems: ConfigProblem[] = [];
  const rangeOf = (start: number, end: number): Range => ({ start: positionOf(start), end: positionOf(end) });
  const positionOf = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line - 1, 0), character: Math.max(col - 1, 0) };
  };
  const say = (severity: "error" | "warning", range: Range, message: Message) =>
    problems.push({ file, severity, message, range });

  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  for (const { pos, message } of document.errors.slice(0, 5)) {
    say("error", rangeOf(pos[0], pos[1]), msg("This is not YAML: {reason}", { reason: message }));
  }

  const nodeValue = (node: ParsedNode | null | undefined, place: Range): ConfigValue => {
    const range = node ? rangeOf(node.range[0], node.range[1]) : place;
    const complain = (message: Message) => void say("warning", range, message);
    const scalar = isScalar(node) ? node.value : undefined;
    return {
      range,
      complain,
      entries() {
        if (!isMap(node)) {
          if (node && scalar !== null) complain(msg("Names with values belong here, as in name: value"));
          return undefined;
        }
        return node.items.flatMap(({ key, value }): ConfigEntry[] => {
          const name = isScalar(key) ? String(key.value) : undefined;
          if (name === undefined || !key) return [];
          const keyRange = rangeOf(key.range[0], key.range[1]);
          const complainOfKey = (message: Message) => void say("warning", keyRange, message);
          return [{ key: name, keyRange, value: nodeValue(value, keyRange), complainOfKey }];
        });
      },
      items() {
        if (isSeq(node)) return node.items.map((item) => nodeValue(item as ParsedNode, range));
        return !node || scalar === null ? [] : [nodeValue(node, range)];
      },
      text() {
        if (typeof scalar === "string" || typeof scalar === "number") return String(scalar);
        if (scalar !== null) complain(msg("One word or text belongs here"));
        return undefined;
      },
      flag() {
        if (typeof scalar === "boolean") return scalar;
        if (scalar !== null) complain(msg("Use true or false"));
        return undefined;
      },
      oneOf(allowed) {
        // YAML 1.1 tools write `off` without quotes for false.
        const word = scalar === false && (allowed as readonly string[]).includes("off") ? "off" : String(scalar ?? "");
        const found = allowed.find((one) => one === word.toLowerCase());
        if (found === undefined) complain(msg("Use one of: {values}", { values: allowed.join(", ") }));
        return found;
      },
    };
  };

  const { contents } = document;
  // A broken file is read as far as it goes.
  const root = contents ? nodeValue(contents, rangeOf(0, 0)) : undefined;
  return { root, problems };
}
