import { msg } from "../../../engine/base/message.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";

export default defineRule({
  id: "run/consecutive",
  severity: "hint",
  presets: { strict: "info" },
  summary: msg("Two short RUNs in a row are two layers where one would do"),
  why: msg(
    "Each RUN adds a layer, and what one makes and the next deletes stays in the image. Joined with && they are one step and one layer.",
  ),
  sameAs: ["hadolint:DL3059"],
  note: msg("Stages whose files are not shipped are left alone: there a RUN of its own is a step the cache can keep."),
  fix: "suggestion",
  sees: ["RUN"],
  examples: [
    {
      bad: "FROM debian\nRUN mkdir /a\nRUN mkdir /b\n#^^\nRUN mkdir /c\n#^^\n",
      good: "FROM debian\nRUN mkdir /a \\\n    && mkdir /b \\\n    && mkdir /c\n",
    },
    {
      bad: "FROM debian\nRUN --network=none a\nRUN --network=none b \\\n#^^\n  -x\n",
      good: "FROM debian\nRUN --network=none a \\\n    && b \\\n  -x\n",
    },
    { bad: "FROM debian\nRUN a\n# why\nRUN b\n#^^\n" },
  ],
  fine: [
    "FROM debian\nRUN a && b\nRUN c\n",
    "FROM debian\nRUN --mount=type=cache,target=/c a\nRUN b\n",
    "FROM debian AS build\nRUN a\nRUN b\nFROM scratch\nCOPY --from=build /x /x\n",
    "FROM debian\nRUN a\nENV A=1\nRUN b\n",
    'FROM debian\nRUN ["a"]\nRUN ["b"]\n',
    "FROM debian\nRUN <<EOF\na\nEOF\nRUN b\n",
    'FROM debian\nSHELL ["pwsh", "-Command"]\nRUN a\nRUN b\n',
    "FROM debian\nRUN npm ci\nRUN npm run build\n",
  ],
  *stage(view) {
    if (!isShipped(view)) return;
    let previous: InstructionView | undefined;
    for (const next of view.instructions) {
      if (previous && isShort(previous) && isShort(next) && flagsOf(previous) === flagsOf(next)) {
        const fix = join(previous, next);
        yield { range: next.instruction.keywordWord.range, ...(fix && { fix }) };
      }
      previous = next;
    }
  },
});

/** One command that takes moments; an install or a build is worth a step of its own. */
function isShort({ keyword, onbuild, script, installs, instruction }: InstructionView): boolean {
  const [command] = script.commands;
  if (
    keyword !== "RUN" ||
    onbuild ||
    instruction.json ||
    instruction.heredocs.length > 0 ||
    !/^(?:ba)?sh$/.test(script.dialect)
  )
    return false;
  return (
    script.simple &&
    command !== undefined &&
    installs.length === 0 &&
    !/^(?:cd|export|exec|exit|source|\.|set)$/.test(command.name)
  );
}

const flagsOf = ({ instruction }: InstructionView) =>
  instruction.flags.map(({ name, value }) => `${name}=${value}`).join(" ");

function join(first: InstructionView, { instruction: second }: InstructionView): Fix | undefined {
  const { range } = first.instruction;
  // Between them may be blank lines, which a continuation does not take.
  if (second.range.start.line !== range.end.line + 1 || first.script.comments.length > 0) return undefined;
  const head = { start: second.range.start, end: second.rest.rangeOf(0, 0).start };
  const edits = [replace({ start: range.end, end: range.end }, ` ${first.escape}`), replace(head, "    && ")];
  return { title: msg("Join it with the RUN above"), edits };
}
