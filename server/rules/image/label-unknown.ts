import { nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { labelsOf } from "../../lint/labels.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/label-unknown",
  severity: "info",
  summary: msg("The label schema of your settings does not have this label"),
  why: msg("Strict labels are on: only those of the schema may be set."),
  sameAs: ["hadolint:DL3050"],
  fix: "none",
  options: ["labelSchema", "strictLabels"],
  keywords: ["LABEL"],
  examples: [
    {
      options: { strictLabels: true, labelSchema: { maintainer: "text" } },
      bad: "FROM node\nLABEL maintainer=me other=x\n#                   ^^^^^\nLABEL maintaner me\n#     ^^^^^^^^^\n",
    },
    { options: { strictLabels: true }, bad: "FROM node\nONBUILD LABEL a=b\n#             ^\n" },
  ],
  fine: [
    "FROM node\nLABEL a=b\n",
    { options: { labelSchema: { a: "text" } }, text: "FROM node\nLABEL b=c\n" },
    { options: { strictLabels: true, labelSchema: { a: "text" } }, text: "FROM node\nLABEL a=c $X=d\n" },
  ],
  *instruction({ instruction, options: { labelSchema = {}, strictLabels = false } }) {
    if (!strictLabels) return;
    for (const { name, nameRange } of labelsOf(instruction)) {
      if (Object.hasOwn(labelSchema, name)) continue;
      const meant = nearest(name, Object.keys(labelSchema));
      yield {
        range: nameRange,
        message:
          meant === undefined
            ? msg("The label schema does not have {name}", { name })
            : msg("The label schema does not have {name}. Did you mean {meant}?", { name, meant }),
      };
    }
  },
});
