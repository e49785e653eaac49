import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/copy-whole-stage",
  severity: "info",
  presets: { strict: "warning" },
  summary: msg("Everything of another image is copied over this one"),
  why: msg(
    "Compilers, caches and package lists come along, and files of two systems get mixed. Copy the files that are needed, or start FROM it.",
  ),
  sameAs: ["hadolint:DL3067"],
  note: msg("FROM scratch with such a copy is a way to have one layer, and is not reported."),
  fix: "none",
  examples: [
    { bad: "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a / /\n#    ^^^^^^^^^^^^\n" },
    { bad: 'FROM debian:12\nCOPY --from=node:24 ["/", "/"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian:12 AS a\nFROM scratch\nCOPY --from=a / /\n",
    "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a / /a/\nCOPY --from=a /a /\nCOPY / /\n",
  ],
  *stage(view) {
    if (view.base.kind === "scratch") return;
    for (const { instruction } of view.only("COPY")) {
      const { flags, json, words, rest } = instruction;
      const from = flags.find(({ name }) => name === "from");
      const paths = json?.map(({ value }) => value) ?? words.map(({ text }) => text);
      if (!from || paths.length !== 2 || paths.some((path) => path !== "/")) continue;
      yield { range: { start: from.range.start, end: rest.rangeOf(0, rest.text.length).end } };
    }
  },
});
