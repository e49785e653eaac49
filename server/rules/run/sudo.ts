import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { replace } from "../../lint/fixes.ts";
import { officialName } from "../../lint/image-names.ts";
import { rootBase } from "../../lint/known-bases.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Wrapper } from "../../shell/model.ts";

export default defineRule({
  id: "run/sudo",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("sudo is not needed: RUN is root already"),
  why: msg(
    "A RUN is root unless USER says otherwise, and most images have no sudo. Where USER was set, USER root above the step says the same without another program in the image.",
  ),
  learn: msg(
    "Take the word sudo away. Programs of the container should run as another user than root: say so with USER, below the last RUN.",
  ),
  sameAs: ["hadolint:DL3004"],
  fix: "suggestion",
  sees: ["sudo", "USER"],
  examples: [
    { bad: "FROM debian\nRUN sudo apt-get update\n#   ^^^^\n", good: "FROM debian\nRUN apt-get update\n" },
    {
      bad: "FROM debian\nRUN a && \\\n    sudo -E make install\n#   ^^^^\n",
      good: "FROM debian\nRUN a && \\\n    make install\n",
    },
    { bad: "FROM debian\nRUN sudo  sudo -E make\n#   ^^^^\n", good: "FROM debian\nRUN make\n" },
    { bad: 'FROM debian\nRUN ["sudo", "make"]\n#    ^^^^^^\n' },
    {
      bad: "FROM debian\nONBUILD RUN A=1 sudo make\n#               ^^^^\n",
      good: "FROM debian\nONBUILD RUN A=1 make\n",
    },
    { bad: "FROM debian\nRUN <<EOF\nsudo make\n#^^^\nEOF\n", good: "FROM debian\nRUN <<EOF\nmake\nEOF\n" },
    { bad: "FROM debian\nRUN sudo -u app make\n#   ^^^^\n" },
    { bad: "FROM debian\nUSER app\nRUN sudo make\n#   ^^^^\n" },
    { bad: "FROM cimg/node:24.0\nRUN sudo apt-get update\n#   ^^^^\n" },
    { bad: "FROM debian\nRUN sudo -s\n#   ^^^^\n" },
    { bad: "FROM debian AS base\nUSER app\nFROM base\nRUN sudo make\n#   ^^^^\n" },
  ],
  fine: ["FROM debian\nRUN apt-get install -y sudo\n", "FROM debian\nRUN echo 'app ALL=(ALL)' > /etc/sudoers.d/app\n"],
  *stage(view) {
    const runs = view.only("RUN", "USER");
    let user = userAfter(view.parent);
    for (const run of runs) {
      if (run.keyword === "USER") user = run.instruction.words[0]?.text;
      else yield* inRun(run, user === undefined ? startsAsRoot(view) : /^(?:root|0)(?::|$)/.test(user));
    }
  },
});

/** Docker's own images do; cimg/node and others set a USER, and sudo is needed then. */
function startsAsRoot(view: StageView): boolean {
  return officialName(rootBase(view)) !== undefined;
}

function userAfter(stage: StageView | undefined): string | undefined {
  for (let view = stage; view; view = view.parent) {
    const last = view.only("USER").findLast(({ onbuild }) => !onbuild);
    if (last) return last.instruction.words[0]?.text;
  }
  return undefined;
}

function* inRun({ script }: InstructionView, isRoot: boolean) {
  for (const command of script.commands) {
    const isOther = command.wrappers.some(
      ({ name, start, end }) => name === "sudo" && otherUser.test(script.text.slice(start, end)),
    );
    const message = isOther
      ? msg("sudo is not needed: USER above the step says who runs it")
      : isRoot
        ? undefined
        : msg("sudo is not needed: USER root above the step says who runs it");
    if (command.name === "sudo") yield { range: command.program.range, ...(message && { message }) };
    const [wrapper, ...more] = command.wrappers.filter(({ name }) => name === "sudo");
    if (!wrapper) continue;
    const all = [wrapper, ...more];
    const canGo = isRoot && script.dialect !== "exec" && all.every((one) => hasHarmlessFlags(script.text, one));
    yield {
      range: wrapper.word.range,
      ...(message && { message }),
      ...(canGo && { fix: without(all.map(({ start, end }) => script.rangeOf(start, end))) }),
    };
  }
}

const otherUser = /\s(?:-[A-Za-z]*u|--user)/;

/** `sudo -u app` is another user, `sudo -H` and `sudo -E` are the same one. */
function hasHarmlessFlags(text: string, { start, end }: Wrapper): boolean {
  return /^\S*sudo(?:\s+-[EHnS]+)*\s+$/.test(text.slice(start, end));
}

function without(places: readonly Range[]): Fix {
  return { title: msg("Remove sudo"), edits: places.map((range) => replace(range, "")) };
}
