// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/untagged",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("The base image has no tag: whatever is the latest on the day of the build is taken"),
  why: msg("The next big version comes without being asked for, and an old build cannot be repeated."),
  learn: msg(
    "Behind the colon of an image stands its tag, mostly a version: node:24. Look up the tags of the image and write the version that you have tried.",
  ),
  sameAs: ["hadolint:DL3006"],
  note: msg("Defaults of ARG are put in first, and an image that cannot be known is not reported."),
  fix: "none",
  sees: [],
  examples: [
    { bad: "FROM debian\n#    ^^^^^^\nRUN true\n" },
    { bad: "FROM --platform=$BUILDPLATFORM ghcr.io/a/b AS x\n#                              ^^^^^^^^^^^\n" },
    { bad: "ARG BASE=node\nFROM $BASE\n#    ^^^^^\n" },
    { bad: "FROM localhost:5000/app\n#    ^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM scratch\n",
    "FROM debian:12 AS build\nFROM Build\n",
    "FROM debian@sha256:0123456789012345678901234567890123456789012345678901234567890123\n",
    "ARG TAG=12\nFROM debian:$TAG\n",
    "ARG TAG=12\nFROM debian${TAG:+:$TAG}\n",
    "ARG BASE\nFROM $BASE\n",
    "FROM $UNKNOWN\n",
    "ARG KIND=dev\nFROM debian:12 AS build-dev\nFROM build-$KIND\n",
    "FROM\n",
  ],
  *file({ stages }) {
    const above = new Set<string>();
    for (const { stage, base, name } of stages) {
      const { kind, resolved, tag, digest } = base;
      const [word] = stage.from.words;
      // `FROM build-$KIND` may be a stage.
      const isImage = kind === "image" && resolved !== undefined && !above.has(resolved.toLowerCase());
      if (name !== undefined) above.add(name);
      if (!isImage || !word || resolved === "" || tag !== undefined || digest !== undefined) continue;
      yield {
        range: word.range,
        message: msg("{image} has no tag: whatever is the latest on the day of the build is taken", {
          image: resolved,
        }),
      };
    }
  },
});
