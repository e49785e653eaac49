import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/maintainer",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("MAINTAINER is deprecated: a label says the same, and tools can read it"),
  why: msg("LABEL org.opencontainers.image.authors is the name that registries and scanners know."),
  sameAs: ["hadolint:DL4000", "buildkit:MaintainerDeprecated", "dockerfile-utils:45"],
  fix: "safe",
  keywords: ["MAINTAINER"],
  examples: [
    {
      bad: "FROM node\nMAINTAINER Jane <jane@example.com>\n#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nLABEL org.opencontainers.image.authors="Jane <jane@example.com>"\n',
    },
    {
      bad: 'FROM node\nmaintainer "Jane "J" $x"\n#^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM node\nLABEL org.opencontainers.image.authors="\\"Jane \\"J\\" \\$x\\""\n',
    },
    {
      bad: "FROM node\nMAINTAINER 'Jane'\n#^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nLABEL org.opencontainers.image.authors="Jane"\n',
    },
  ],
  fine: [
    "FROM node\nLABEL maintainer=jane\n",
    "FROM node\nMAINTAINER\n",
    // The builder refuses it as a trigger: syntax/bad-trigger.
    "FROM node\nONBUILD MAINTAINER jane\n",
  ],
  *instruction({ instruction, onbuild, escape: escapeChar }) {
    const text = instruction.rest.text.trim();
    if (text === "" || onbuild) return;
    const name = text.replace(/^(["'])([^"']*)\1$/, "$2").replace(/["$\\`]/g, (one) => escaped(one, escapeChar));
    const label = `LABEL org.opencontainers.image.authors="${name}"`;
    yield {
      range: instruction.range,
      tag: "deprecated",
      fix: { title: msg("Use a label"), edits: [replace(instruction.range, label)] },
    };
  },
});

function escaped(character: string, escapeChar: string): string {
  return character === '"' || character === "$" || character === escapeChar ? escapeChar + character : character;
}
