import { msg } from "../../../engine/base/message.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/definition-description",
  severity: "off",
  summary: msg("The comment above a stage or an argument does not begin with its name"),
  why: msg("docker build --call=outline shows such comments as descriptions, but only those that begin with the name."),
  sameAs: ["buildkit:InvalidDefinitionDescription"],
  note: msg("Experimental in BuildKit, too: # check=experimental=InvalidDefinitionDescription turns it on."),
  fix: "none",
  sees: ["ARG", "#"],
  examples: [
    { bad: "# the version\n#^^^^^^^^^^^^\nARG VERSION=1\nFROM node:$VERSION\n" },
    { bad: "# all tools\n#^^^^^^^^^^\nFROM node:24 AS tools\n" },
  ],
  fine: [
    "# VERSION is the version\nARG VERSION=1\n# tools has all tools\nFROM node:$VERSION AS tools\n# a\n\nARG X\n# b\nFROM node:24\n",
    "# check=skip=UndefinedVar\nFROM node:24 AS x\n# hadolint ignore=DL3006\nFROM node AS y\n",
  ],
  *file({ dockerfile }) {
    const comments = new Map(dockerfile.comments.map((comment) => [comment.range.start.line, comment]));
    if (comments.size === 0) return;
    for (const one of dockerfile.instructions) {
      const name =
        one.keyword === "ARG" ? pairsOf(one).pairs[0]?.name : one.keyword === "FROM" ? one.words[2]?.text : "";
      const comment = name ? comments.get(one.range.start.line - 1) : undefined;
      if (!name || !comment || /^#\s*(?:check\s*=|drydock\b|hadolint\b|dockerfile-utils\b)/i.test(comment.text))
        continue;
      const [first] = comment.text.replace(/^#+\s*/, "").split(/\s/);
      if (first === name) continue;
      yield {
        range: comment.range,
        message: msg("The comment above {name} does not begin with {name}, so it is no description of it", { name }),
      };
    }
  },
});
