import { msg } from "../../../engine/base/message.ts";
import { labelsOf } from "../../lint/labels.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/label-empty",
  severity: "warning",
  summary: msg("This label has no value"),
  why: msg("The label schema of your settings asks for it; an empty one says nothing."),
  sameAs: ["hadolint:DL3051"],
  fix: "none",
  options: ["labelSchema"],
  keywords: ["LABEL"],
  examples: [
    { options: { labelSchema: { a: "text" } }, bad: 'FROM node\nLABEL a="" b="" c=d\n#     ^^^^\n' },
    { options: { labelSchema: { a: "url" } }, bad: "FROM node\nONBUILD LABEL a=\n#             ^^\n" },
  ],
  fine: [
    'FROM node\nLABEL a=""\n',
    { options: { labelSchema: { a: "text" } }, text: 'FROM node\nARG X\nLABEL a=$X b=""\n' },
  ],
  *instruction({ instruction, options: { labelSchema = {} } }) {
    for (const { name, nameRange, value, valueRange } of labelsOf(instruction)) {
      if (value !== "" || !Object.hasOwn(labelSchema, name)) continue;
      yield {
        range: { start: nameRange.start, end: valueRange.end },
        message: msg("The label {name} has no value", { name }),
      };
    }
  },
});
