import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { controlComments } from "../../lint/suppressions-read.ts";

export default defineRule({
  id: "syntax/ignore-pragma",
  severity: "off",
  summary: msg("This comment takes findings away"),
  why: msg("For teams that want every exception in the configuration, where it is seen by all."),
  sameAs: ["hadolint:DL1001"],
  note: msg(
    "Off unless it is asked for. Comments in the manner of any linter count, also those for a stage or a file.",
  ),
  fix: "suggestion",
  sees: ["#"],
  examples: [
    {
      bad: "FROM node:24\n# hadolint ignore=DL3003\n#^^^^^^^^^^^^^^^^^^^^^^^\nRUN cd /tmp\n",
      good: "FROM node:24\nRUN cd /tmp\n",
    },
  ],
  fine: ["FROM node:24\n# hadolint is fine\nRUN cd /tmp\n"],
  *file({ dockerfile }) {
    const { ignores } = controlComments(dockerfile);
    if (ignores.length === 0) return;
    const byLine = new Map(dockerfile.comments.map(({ range }) => [range.start.line, range]));
    for (const { line, whole } of ignores) {
      const range = byLine.get(line);
      if (range) yield { range, fix: { title: msg("Remove the line"), edits: [replace(whole, "")] } };
    }
  },
});
