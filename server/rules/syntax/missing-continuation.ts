import { msg } from "../../../engine/base/message.ts";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { ByStage } from "../../lint/by-stage.ts";
import { replace } from "../../lint/fixes.ts";
import { belongsAbove, keywordCase } from "../../lint/keyword-case.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

const hasFree = new ByStage((instructions) => instructions.some(isFree));

export default defineRule({
  id: "syntax/missing-continuation",
  severity: "error",
  summary: msg("This line does not belong to the instruction above it: that one ends a line earlier"),
  why: msg(
    "An instruction ends with its line. Only a line with a backslash as its last character goes on in the next one.",
  ),
  learn: msg("Put a backslash at the end of the line above, behind a blank."),
  sameAs: ["dockerfile-utils:38"],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM debian:12\nRUN apt-get update\n  && apt-get install -y curl\n# ^^\n",
      good: "FROM debian:12\nRUN apt-get update \\\n  && apt-get install -y curl\n",
    },
    {
      bad: "FROM debian:12\nRUN apt-get install -y\n    curl\n#   ^^^^\n    git\n#   ^^^\n",
      good: "FROM debian:12\nRUN apt-get install -y \\\n    curl \\\n    git\n",
    },
    {
      bad: "FROM alpine:3\nRUN apk update &&\nadd curl\n#^^\nRUN true\n",
      good: "FROM alpine:3\nRUN apk update && \\\nadd curl\nRUN true\n",
    },
    {
      bad: "FROM alpine:3\nRUN apk\n  add curl\n# ^^^\n",
      good: "FROM alpine:3\nRUN apk \\\n  add curl\n",
    },
    {
      bad: "FROM alpine:3\nENV A=1\n    B=2\n#   ^^^\n",
      good: "FROM alpine:3\nENV A=1 \\\n    B=2\n",
    },
    {
      bad: "FROM a\nCOPY\n  --chown=1\n# ^^^^^^^^^\n  b c\n# ^\n",
      good: "FROM a\nCOPY \\\n  --chown=1 \\\n  b c\n",
    },
    { bad: 'FROM a\nCMD ["b"]\n  c\n# ^\n' },
    {
      bad: "FROM a\nRUN b\n# then\n  && c\n# ^^\n",
      good: "FROM a\nRUN b \\\n# then\n  && c\n",
    },
  ],
  fine: [
    "FROM debian:12\nRNU npm ci\nRUN a \\\n  && b\n  RUN c\n",
    "from debian:12\n  run a\n  copy b c\n",
    "FROM debian:12\nRUN <<EOF\na\nEOF\n  nonsense\nRUN a\n\n  nonsense\n",
  ],
  *file({ dockerfile }) {
    if (!hasFree.of(dockerfile).includes(true)) return;
    let above: Instruction | undefined;
    let whole: Instruction | undefined;
    for (const one of dockerfile.instructions) {
      const before = above;
      above = one;
      if (!before || !whole || !belongsAbove(dockerfile, one, before)) {
        whole = one;
        continue;
      }
      const fix = goOn(dockerfile, before, whole);
      yield {
        range: one.keywordWord.range,
        // An instruction without words has them here.
        covers: { start: (before === whole && whole.rest.text === "" ? whole : one).range.start, end: one.range.end },
        message: msg("This line does not belong to {keyword} above it: the line above has no {escape} at its end", {
          keyword: whole.keyword,
          escape: dockerfile.escape,
        }),
        ...(fix && { fix }),
      };
    }
  },
});

/** It may be a word of the line above. */
function isFree(one: Instruction): boolean {
  return keywordCase(one) === "unknown" || keywordCase(one) === "lower";
}

/** `whole`: the instruction that the lines belong to. */
function goOn({ escape: escapeChar }: Dockerfile, before: Instruction, whole: Instruction): Fix | undefined {
  if (keywordCase(whole) === "unknown" || whole.json || whole.notString) return undefined;
  // In a comment the character would do nothing.
  if (/\s#/.test(before.rest.text)) return undefined;
  const at = { start: before.range.end, end: before.range.end };
  return {
    title: msg("End the line above with {escape}", { escape: escapeChar }),
    edits: [replace(at, ` ${escapeChar}`)],
  };
}
