import { msg } from "../../../engine/base/message.ts";
import { labelsOf } from "../../lint/labels.ts";
import { defineRule } from "../../lint/rule.ts";
import type { StageView } from "../../lint/views.ts";

export default defineRule({
  id: "image/label-missing",
  severity: "info",
  summary: msg("A label that your settings ask for is missing"),
  why: msg(
    "Every label of the label schema must be set in the image, in its own stage or in one that it is built from.",
  ),
  sameAs: ["hadolint:DL3049"],
  note: msg("Stages that only give files to others end in no image of their own and are not asked."),
  fix: "none",
  options: ["labelSchema"],
  sees: ["LABEL"],
  examples: [
    { options: { labelSchema: { a: "text", b: "url" } }, bad: "FROM node AS x\n#^^^^^^^^^^^^^\nLABEL a=b\n" },
    {
      options: { labelSchema: { a: "text" } },
      bad: "FROM node AS x\nRUN make\nFROM debian\n#^^^^^^^^^^\nCOPY --from=x /a /a\n",
    },
  ],
  fine: [
    "FROM node\n",
    { options: { labelSchema: { a: "text" } }, text: "FROM node AS base\nLABEL a=b\nFROM base\n" },
    { options: { labelSchema: { a: "text" } }, text: "FROM node\nLABEL x=y a=$X\n" },
  ],
  *stage(view) {
    const wanted = Object.keys(view.options.labelSchema ?? {});
    if (wanted.length === 0 || (!view.isLast && (view.isBase || view.isSource))) return;
    const missing = new Set(wanted);
    for (let stage: StageView | undefined = view; stage && missing.size > 0; stage = stage.parent) {
      for (const { instruction } of stage.only("LABEL")) {
        for (const { name } of labelsOf(instruction)) missing.delete(name);
      }
    }
    if (missing.size === 0) return;
    yield {
      range: view.stage.from.range,
      message: msg("Missing labels that your settings ask for: {names}", { names: [...missing].join(", ") }),
    };
  },
});
