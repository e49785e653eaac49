import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";
import { pairsOf } from "./pairs.ts";
import { defineRule, type Example, type Rule } from "./rule.ts";

export interface Label {
  /** Without quotes. */
  readonly name: string;
  readonly nameRange: Range;
  /** Without quotes; undefined when it holds a variable. */
  readonly value: string | undefined;
  readonly valueRange: Range;
}

export function labelsOf(instruction: Instruction): readonly Label[] {
  if (instruction.keyword !== "LABEL") return [];
  const { rest } = instruction;
  return pairsOf(instruction).pairs.flatMap(({ name, nameSpan, value = "", valueSpan = nameSpan }) => {
    const nameRange = rest.rangeOf(nameSpan.start, nameSpan.end);
    const text = unquoted(name);
    if (text === undefined) return [];
    return [
      { name: text, nameRange, value: unquoted(value), valueRange: rest.rangeOf(valueSpan.start, valueSpan.end) },
    ];
  });
}

/** What the builder makes of quotes and escapes; undefined where a variable decides. */
function unquoted(text: string): string | undefined {
  if (/(?<!\\)\$/.test(text.replace(/'[^']*'/g, ""))) return undefined;
  return text.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
    (_, double?: string, single?: string, escaped?: string) =>
      double === undefined ? (single ?? escaped ?? "") : double.replace(/\\(["$\\])/g, "$1"),
  );
}

interface LabelType {
  readonly id: string;
  readonly code: string;
  /** As in the schema. */
  readonly type: string;
  readonly summary: Message;
  readonly why: Message;
  readonly note?: Message;
  isValid(value: string): boolean;
  readonly bad: string;
  readonly fine: readonly string[];
}

/** A rule about the values of labels that the schema gives a type to. */
export function labelTypeRule({ id, code, type, summary, why, note, isValid, bad, fine }: LabelType): Rule {
  const options = { labelSchema: { "my.label": type } };
  const examples: readonly Example[] = [
    { options, bad: `FROM node\nLABEL my.label=${bad}\n#              ${"^".repeat(bad.length)}\n` },
    {
      options,
      bad: `FROM node\nONBUILD LABEL a=b my.label=${bad}\n#                          ${"^".repeat(bad.length)}\n`,
    },
  ];
  return defineRule({
    id,
    severity: "warning",
    summary,
    why,
    ...(note && { note }),
    sameAs: [`hadolint:${code}`],
    fix: "none",
    options: ["labelSchema"],
    keywords: ["LABEL"],
    examples,
    fine: [
      ...fine.map((value) => ({ options, text: `FROM node\nLABEL my.label=${value}\n` })),
      { options, text: 'FROM node\nARG X\nLABEL my.label=$X other=x my.label=""\n' },
      `FROM node\nLABEL my.label=${bad}\n`,
    ],
    *instruction(view) {
      const { labelSchema = {} } = view.options;
      for (const { name, value, valueRange } of labelsOf(view.instruction)) {
        if (!Object.hasOwn(labelSchema, name) || labelSchema[name] !== type) continue;
        // That it is empty is told by image/label-empty.
        if (value === undefined || value === "" || isValid(value)) continue;
        yield { range: valueRange };
      }
    },
  });
}
