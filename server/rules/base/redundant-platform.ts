// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/redundant-platform",
  severity: "warning",
  summary: msg("--platform=$TARGETPLATFORM is what FROM does without it"),
  why: msg("A flag that changes nothing makes readers look for what it changes."),
  sameAs: ["hadolint:DL3065", "buildkit:RedundantTargetPlatform"],
  fix: "safe",
  examples: [
    {
      bad: "FROM --platform=$TARGETPLATFORM debian:12\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian:12\n",
    },
    {
      bad: "FROM --platform=${TARGETPLATFORM} debian:12 AS a\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian:12 AS a\n",
    },
  ],
  fine: ["FROM --platform=$BUILDPLATFORM debian:12\nFROM --platform=${TARGETPLATFORM:-linux/amd64} debian:12\n"],
  keywords: ["FROM"],
  *instruction({ instruction: { flags, words } }) {
    const flag = flags.find(({ name }) => name === "platform");
    const [image] = words;
    if (!flag || !image || !/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(flag.value ?? "")) return;
    const next = flags[flags.indexOf(flag) + 1]?.range ?? image.range;
    const edit = replace({ start: flag.range.start, end: next.start }, "");
    yield { range: flag.range, fix: { title: msg("Remove --platform"), edits: [edit] } };
  },
});
