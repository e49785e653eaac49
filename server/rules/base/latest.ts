// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/latest",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("The tag latest is another version from time to time"),
  why: msg("The next big version comes without being asked for, and an old build cannot be repeated."),
  learn: msg(
    "latest is an ordinary tag that is moved to each new version. Write the version that you have tried instead.",
  ),
  sameAs: ["hadolint:DL3007"],
  note: msg("Defaults of ARG are put in first."),
  fix: "none",
  sees: [],
  examples: [
    { bad: "FROM debian:latest\n#    ^^^^^^^^^^^^^\n" },
    { bad: "ARG TAG=latest\nFROM debian:${TAG} AS x\n#    ^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian:latest-slim\n",
    "FROM debian:latest@sha256:0123456789012345678901234567890123456789012345678901234567890123\n",
    "ARG TAG\nFROM debian:${TAG:-12}\n",
  ],
  *stage({ base: { kind, tag, digest, resolved }, stage: { from } }) {
    const [word] = from.words;
    if (kind !== "image" || !word || !resolved || tag !== "latest" || digest !== undefined) return;
    yield {
      range: word.range,
      message: msg("{image} is another version from time to time: name the version that you mean", { image: resolved }),
    };
  },
});
