// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { expandWord, expansionsOf } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { isBuildersArgument } from "../../lint/known-variables.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/invalid-default",
  severity: "warning",
  summary: msg("Without --build-arg FROM has no image: the default of its argument is missing"),
  why: msg("A plain docker build fails, and the reader does not see which image is meant."),
  learn: msg("Give the argument a default that works: ARG VERSION=24. --build-arg can still replace it."),
  sameAs: ["buildkit:InvalidDefaultArgInFrom"],
  note: msg("An ARG without any default is plainly meant to be given, so that is only a hint."),
  fix: "none",
  sees: [],
  examples: [
    { bad: "ARG VERSION\nFROM node:$VERSION\n#    ^^^^^^^^^^^^^\n" },
    { bad: "ARG BASE=\nFROM ${BASE} AS a\n#    ^^^^^^^\n" },
    { bad: 'ARG REGISTRY=""\nFROM $REGISTRY/node:24\n#    ^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "ARG VERSION=24\nFROM node:$VERSION\nFROM a/b:$TARGETARCH\nFROM node:$UNKNOWN\n",
    'ARG SUFFIX=""\nARG PREFIX\nFROM ${PREFIX}node:24${SUFFIX}\nFROM node${V:+:$V}\n',
  ],
  *file({ dockerfile, globals, stages }) {
    const values = new Map<string, string>();
    for (const [name, { value }] of globals) if (value !== undefined) values.set(name, value);
    for (const { stage } of stages) {
      const [image] = stage.from.words;
      if (!image?.text.includes("$")) continue;
      const used = expansionsOf(stage.from, dockerfile.escape).map(({ name }) => name);
      // What is declared nowhere is another rule's.
      if (used.some((name) => !globals.has(name) && !isBuildersArgument(name))) continue;
      if (used.some(isBuildersArgument)) continue;
      const result = expandWord(image.text, values, { escape: dockerfile.escape });
      if ("error" in result || !isBroken(result.text)) continue;
      const empty = used.find((name) => !values.get(name));
      if (empty === undefined) continue;
      const written = result.text;
      yield {
        range: image.range,
        ...(globals.get(empty) && !values.has(empty) && { severity: "hint" as const }),
        message:
          written === ""
            ? msg("Without --build-arg {name}=… there is no image here", { name: empty })
            : msg('Without --build-arg {name}=… this is "{image}", which is no image', { name: empty, image: written }),
      };
    }
  },
});

/** A part of the name is missing. */
function isBroken(name: string): boolean {
  return name === "" || /^[/:@.-]|[/:@.-]$|\/\/|\/:|:@|::|:\//.test(name);
}
