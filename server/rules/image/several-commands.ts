import { msg } from "../../../engine/base/message.ts";
import { removeLines } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/several-commands",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("Only the last one of a stage counts: this one does nothing"),
  why: msg(
    "CMD, ENTRYPOINT and HEALTHCHECK are settings of the image and not steps: a later one replaces an earlier one.",
  ),
  learn: msg(
    "A container starts one program. To prepare something use RUN, which works while the image is built. To start several programs make an image for each, or a script that starts them.",
  ),
  sameAs: [
    "hadolint:DL4003",
    "hadolint:DL4004",
    "hadolint:DL3012",
    "buildkit:MultipleInstructionsDisallowed",
    "dockerfile-utils:37",
  ],
  note: msg(
    "The ignored ones are reported, as BuildKit does; hadolint reports the last one, which is the one that works.",
  ),
  fix: "safe",
  sees: ["CMD", "ENTRYPOINT", "HEALTHCHECK"],
  examples: [
    {
      bad: 'FROM node\nCMD ["a"]\n#^^^^^^^^\nRUN b\nCMD ["c"]\n',
      good: 'FROM node\nRUN b\nCMD ["c"]\n',
    },
    {
      bad: 'FROM node\nENTRYPOINT ["a"]\n#^^^^^^^^^^^^^^^\nENTRYPOINT b\n#^^^^^^^^^^^\nCMD ["x"]\nENTRYPOINT ["c"]\n',
      good: 'FROM node\nCMD ["x"]\nENTRYPOINT ["c"]\n',
    },
    {
      bad: "FROM node\nHEALTHCHECK CMD a\n#^^^^^^^^^^^^^^^^\nHEALTHCHECK NONE\n",
      good: "FROM node\nHEALTHCHECK NONE\n",
    },
  ],
  fine: [
    'FROM node AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\nENTRYPOINT ["c"]\n',
    'FROM node\nONBUILD CMD ["a"]\nCMD ["b"]\n',
  ],
  *stage(view) {
    for (const keyword of ["CMD", "ENTRYPOINT", "HEALTHCHECK"]) {
      const own = view.only(keyword).filter(({ onbuild }) => !onbuild);
      const last = own.at(-1);
      for (const { instruction } of own.slice(0, -1)) {
        yield {
          range: instruction.range,
          message: msg("This {keyword} does nothing: a later one in this stage replaces it", { keyword }),
          tag: "unnecessary",
          ...(last && { related: [{ range: last.instruction.range, message: msg("The one that counts") }] }),
          fix: { title: msg("Remove it"), edits: [removeLines(instruction)] },
        };
      }
    }
  },
});
