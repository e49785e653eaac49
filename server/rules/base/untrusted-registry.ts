// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { splitImageName } from "../../lint/image-names.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import { stageSources } from "../../lint/stage-sources.ts";

const options = { trustedRegistries: ["docker.io", "*.example.com"] };

export default defineRule({
  id: "base/untrusted-registry",
  severity: "error",
  summary: msg("The image comes from a registry that is not among the trusted ones"),
  why: msg("Whoever can put images into a registry decides what runs in this build."),
  sameAs: ["hadolint:DL3026"],
  note: msg("An image without a registry comes from docker.io."),
  fix: "none",
  options: ["trustedRegistries"],
  sees: ["COPY", "@flags"],
  examples: [
    { bad: "FROM quay.io/a/b:1\n#    ^^^^^^^^^^^^^\n", options },
    { bad: "FROM debian:12\n#    ^^^^^^^^^\n", options: { trustedRegistries: ["example.com"] } },
    { bad: "ARG R=evil.com\nFROM ${R}/debian:12\n#    ^^^^^^^^^^^^^^\n", options },
    { bad: "FROM debian:12\nCOPY --from=ghcr.io/a/b:1 /x /y\n#           ^^^^^^^^^^^^^\n", options },
    {
      bad: "FROM debian:12\nRUN --mount=from=ghcr.io/a/b:1,target=/x true\n#                ^^^^^^^^^^^^^\n",
      options,
    },
  ],
  fine: [
    "FROM quay.io/a/b:1\n",
    {
      text: "FROM debian:12 AS a\nFROM hub.example.com/b:1\nCOPY --from=a /x /y\nCOPY --from=0 /x /y\nCOPY --from=nginx:1 /a /b\n",
      options,
    },
    { text: "FROM scratch\nFROM $UNKNOWN/a:1\n", options },
    { text: "FROM quay.io/a/b:1\n", options: { trustedRegistries: ["quay*"] } },
    { text: "FROM quay.io/a/b:1\n", options: { trustedRegistries: ["*"] } },
  ],
  *file({ stages, options: { trustedRegistries: trusted } }) {
    if (!trusted || trusted.length === 0) return;
    const above = new Set<string>();
    for (const { stage, base, name } of stages) {
      const [word] = stage.from.words;
      if (base.kind === "image" && base.resolved && word) yield* untrusted(base.resolved, word.range, trusted);
      for (const { text, range } of stageSources(stage)) {
        if (!above.has(text.toLowerCase()) && !/^\d+$/.test(text)) yield* untrusted(text, range, trusted);
      }
      if (name !== undefined) above.add(name);
    }
  },
});

function* untrusted(image: string, range: Range, trusted: readonly string[]): Generator<Report> {
  const { registry = "docker.io" } = splitImageName(image);
  if (trusted.some((pattern) => fits(registry, pattern))) return;
  yield {
    range,
    message: msg("{image} comes from {registry}, which is not among the trusted registries", { image, registry }),
  };
}

/** A `*` at one end stands for anything. */
function fits(registry: string, pattern: string): boolean {
  if (pattern === "*") return true;
  if (pattern.startsWith("*")) return registry.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return registry.startsWith(pattern.slice(0, -1));
  return registry === pattern;
}
