import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { defineRule } from "../../lint/rule.ts";
import { stageSources } from "../../lint/stage-sources.ts";

export default defineRule({
  id: "base/copy-whole-stage",
  severity: "info",
  presets: { strict: "warning" },
  summary: msg("Everything of another image is copied over this one"),
  why: msg(
    "Compilers, caches and package lists come along, and files of two systems get mixed. Copy the files that are needed, or start FROM it.",
  ),
  sameAs: ["hadolint:DL3067"],
  note: msg(
    "Images that are made to be laid over another one are not reported, so only stages of this file that were worked in; nor is FROM scratch with such a copy, a way to have one layer.",
  ),
  fix: "none",
  sees: ["COPY"],
  examples: [
    { bad: "FROM debian:12 AS a\nRUN make\nFROM debian:12\nCOPY --from=a / /\n#    ^^^^^^^^^^^^\n" },
    { bad: 'FROM debian:12\nRUN make\nFROM debian:12\nCOPY --from=0 ["/", "/"]\n#    ^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian:12 AS a\nRUN make\nFROM scratch\nCOPY --from=a / /\n",
    "FROM debian:12 AS a\nRUN make\nFROM debian:12\nCOPY --from=a / /a/\nCOPY --from=a /a /\nCOPY / /\n",
    "FROM tonistiigi/xx:1 AS xx\nFROM debian:12\nCOPY --from=xx / /\nCOPY --from=a/overlay:1 / /\n",
    "FROM scratch AS files\nCOPY a /etc/a\nFROM debian:12\nCOPY --from=files / /\n",
  ],
  *file(file) {
    for (const view of file.stages) {
      if (view.base.kind === "scratch") continue;
      for (const { text, instruction, keyword } of stageSources(view.stage)) {
        if (keyword !== "COPY" || !isWhole(instruction)) continue;
        const source = /^\d+$/.test(text) ? file.stages[Number(text)] : file.stageNamed(text);
        if (!source || source.base.kind === "scratch" || source.stage.instructions.length === 0) continue;
        const { flags, rest } = instruction;
        const start = flags[0]?.range.start ?? instruction.range.start;
        yield { range: { start, end: rest.rangeOf(0, rest.text.length).end } };
      }
    }
  },
});

function isWhole({ json, words }: Instruction): boolean {
  const paths = json?.map(({ value }) => value) ?? words.map(({ text }) => text);
  return paths.length === 2 && paths.every((path) => path === "/");
}
