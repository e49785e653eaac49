// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { bashismsIn, editOf } from "../../lint/bashisms.ts";
import { insertAbove } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { systemShell } from "../../lint/scripts.ts";

export default defineRule({
  id: "run/bashism",
  severity: "warning",
  summary: msg("Only bash reads this, and the sh of this image is dash"),
  why: msg(
    "RUN is read by /bin/sh, on Debian and Ubuntu a small shell without bash's additions: it fails, or does something else. Write it for every shell, or choose bash with SHELL.",
  ),
  sameAs: [
    "shellcheck:SC3001",
    "shellcheck:SC3009",
    "shellcheck:SC3010",
    "shellcheck:SC3014",
    "shellcheck:SC3020",
    "shellcheck:SC3037",
    "shellcheck:SC3044",
    "shellcheck:SC3046",
    "shellcheck:SC3051",
    "shellcheck:SC2039",
  ],
  note: msg(
    "Only where the base image is known for dash: Alpine's and Red Hat's sh read most of it. Nothing is said below a SHELL that names bash.",
  ),
  fix: "suggestion",
  sees: ["RUN"],
  examples: [
    {
      bad: "FROM debian\nRUN source /venv/bin/activate && pip install x\n#   ^^^^^^\n",
      good: "FROM debian\nRUN . /venv/bin/activate && pip install x\n",
    },
    {
      bad: 'FROM node:24\nRUN if [ "$A" == b ]; then \\\n#             ^^\n  c; fi\n',
      good: 'FROM node:24\nRUN if [ "$A" = b ]; then \\\n  c; fi\n',
    },
    {
      bad: "FROM ubuntu\nRUN [[ -f /a ]] && b\n#   ^^\nRUN pushd /a && b\n#   ^^^^^\n",
      good: 'FROM ubuntu\nSHELL ["/bin/bash", "-c"]\nRUN [[ -f /a ]] && b\nRUN pushd /a && b\n',
    },
    {
      bad: "FROM python\nRUN mkdir -p /a/{b,c} && d &> /dev/null\n#               ^^^^^\n#                          ^^\n",
      good: 'FROM python\nSHELL ["/bin/bash", "-c"]\nRUN mkdir -p /a/{b,c} && d &> /dev/null\n',
    },
    { bad: 'FROM debian\nRUN ["sh", "-c", "source a"]\n#                 ^^^^^^\n' },
    {
      bad: "FROM debian\nRUN <<EOF\necho -e 'a\\tb'\n#    ^^\nEOF\n",
      good: 'FROM debian\nSHELL ["/bin/bash", "-c"]\nRUN <<EOF\necho -e \'a\\tb\'\nEOF\n',
    },
    { bad: "FROM debian AS a\nFROM a\nONBUILD RUN diff <(a) b\n#                ^^\n" },
  ],
  fine: [
    "FROM alpine\nRUN source /a && [[ a == b ]]\n",
    "FROM fedora\nRUN source /a\n",
    "FROM openjdk:17\nRUN source /a\nFROM maven:3-amazoncorretto-21\nRUN source /a\n",
    "FROM my/image\nRUN source /a\n",
    'FROM debian\nSHELL ["/bin/bash", "-c"]\nRUN source /a\n',
    "FROM debian\nRUN bash -c 'source /a && [[ b ]]'\n",
    "FROM debian\nRUN <<EOF\n#!/bin/bash\nsource /a\nEOF\n",
    'FROM debian\nRUN echo "[[ a == b ]] {a,b}" > x 2>&1 && expr a == b; test a = b\n',
    "FROM node:24-alpine\nRUN [ a == b ]\n",
    "FROM debian\nRUN find . -exec rm {} + && curl -d {} x && echo ${A} && awk '{print $1,$2}'\n",
  ],
  *stage(view) {
    if (systemShell(view) !== "dash") return;
    let isOffered = false;
    for (const { script, instruction, onbuild } of view.only("RUN")) {
      if (script.dialect !== "sh") continue;
      for (const bashism of bashismsIn(script)) {
        const message = msg("{what}: only bash reads this, and the sh of this image is dash", { what: bashism.what });
        const range = script.rangeOf(bashism.start, bashism.end);
        const edit = script.inJson ? undefined : editOf(script, bashism);
        if (edit) {
          yield { range, message, fix: { title: msg("Write {text}", { text: bashism.instead ?? "" }), edits: [edit] } };
          continue;
        }
        const canOffer: boolean = !isOffered && !onbuild && !script.inJson;
        isOffered ||= canOffer;
        const line = 'SHELL ["/bin/bash", "-c"]';
        const title = msg("Put {instruction} above it", { instruction: line });
        yield { range, message, ...(canOffer && { fix: { title, edits: [insertAbove(instruction, line)] } }) };
      }
    }
  },
});
