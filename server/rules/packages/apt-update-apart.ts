import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { isRemovedAfter } from "../../lint/cleanups.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { apt, type PackageCall, packageCalls, wordsOf } from "../../lint/packages.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

const lists = "/var/lib/apt/lists";
const shells = ["sh", "bash", "dash"];

export default defineRule({
  id: "packages/apt-update-apart",
  severity: "warning",
  summary: msg("apt-get update in a RUN of its own is reused while the packages move on"),
  why: msg(
    "The lists of packages stay as old as that step in the build cache. When the RUN that installs changes later, it asks for versions that are no longer there. Update and install in one RUN.",
  ),
  learn: msg(
    "apt-get update only fetches the lists of what can be installed. A step that has not changed is not run again, so the lists stay those of the first day: write RUN apt-get update && apt-get install -y … as one step.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: [...apt.programs, ...shells],
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update\n#   ^^^^^^^^^^^^^^\nRUN apt-get install -y curl\n",
      good: "FROM debian\nRUN apt-get update && apt-get install -y curl\n",
    },
    {
      bad: "FROM debian\nENV A=b\nRUN apt-get -q update\n#   ^^^^^^^^^^^^^^^^^\nRUN apt-get install -y \\\n    curl \\\n && curl -V\n",
      good: "FROM debian\nENV A=b\nRUN apt-get -q update && apt-get install -y \\\n    curl \\\n && curl -V\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update && curl -V\n#   ^^^^^^^^^^^^^^\nENV A=b\nRUN <<EOF\napt-get install -y curl\nEOF\n",
    },
    {
      bad: "FROM debian AS a\nRUN apt-get update && apt-get install -y git\nRUN sudo apt-get install -y curl\n#        ^^^^^^^^^^^^^^^\n",
    },
  ],
  fine: [
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN apt-get update && apt-get install -y git\n",
    "FROM debian\nRUN apt-get update\nRUN ./install.sh\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN apt-get install -y ./local.deb\n",
    "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN --mount=type=cache,target=/var/lib/apt apt-get install -y curl\n",
    "FROM debian\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\nRUN apt-get install -y curl\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN curl -fsSL https://deb.nodesource.com/setup_24.x | bash - && apt-get install -y nodejs\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN curl -fsSL https://deb.nodesource.com/setup_24.x | sudo -E bash -\nRUN apt-get install -y nodejs\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN curl -o setup.sh https://host.org/setup.sh && sh setup.sh && apt-get install -y nodejs\n",
    "FROM debian\nONBUILD RUN apt-get update\nRUN apt-get install -y curl\n",
  ],
  *stage(stage) {
    let lastUpdate: PackageCall | undefined;
    let updating: InstructionView | undefined;
    for (const view of stage.only("RUN")) {
      const commands = view.commands(...apt.programs);
      const setup = view.commands(...shells).find(runsScript);
      if (view.onbuild || (commands.length === 0 && !setup) || view.mounts.length > 0) continue;
      const [update] = packageCalls(commands, apt, ["update"]);
      const install = packageCalls(commands, apt, ["install", "build-dep"]).find(({ operands }) =>
        operands.some(isNamed),
      );
      const isFresh = [update?.command, setup].some((one) => one && install && one.start < install.command.start);
      const isStale = install && updating && lastUpdate && !isFresh;
      if (isStale && updating && lastUpdate) {
        const isAlone = packageCalls(updating.commands(...apt.programs), apt, ["install"]).length === 0;
        const place = isAlone ? lastUpdate : install;
        const fix = isAlone ? merged(updating, view, install.command.text, stage.stage.instructions) : undefined;
        yield {
          range: wordsOf(place.command, place.verb),
          message: msg("{packages} will be looked for in lists of packages that the build cache made long ago", {
            packages: install.operands.find(isNamed)?.text ?? "",
          }),
          ...(fix && { fix }),
        };
        if (isAlone) updating = undefined;
      }
      if (setup) updating = undefined;
      if (update && !(setup && setup.start > update.command.start)) [updating, lastUpdate] = [view, update];
      if (update && isRemovedAfter(view, update.command, [lists])) updating = undefined;
    }
  },
});

/** Nobody knows what is in it: the scripts that add a repository update the lists themselves. */
function runsScript({ args, redirects }: Command): boolean {
  if (redirects.some(({ operator }) => operator.startsWith("<<"))) return false;
  const flag = args.findIndex(({ text }) => /^-[a-z]*c$/.test(text));
  return flag < 0 || args[flag + 1]?.constant === false;
}

function isNamed({ text }: PackageCall["verb"]): boolean {
  return !/^[./]/.test(text);
}

/** `RUN apt-get update` goes, and comes back in front of the next RUN's first command. */
function merged(
  from: InstructionView,
  to: InstructionView,
  install: string,
  instructions: readonly Instruction[],
): Fix | undefined {
  const update = from.script.commands[0];
  const first = to.script.commands[0];
  const isNext = instructions.indexOf(to.instruction) === instructions.indexOf(from.instruction) + 1;
  if (!isNext || !update || !first || !from.script.simple || first.text !== install) return undefined;
  const isShell = [from, to].every(
    ({ script, instruction }) => script.dialect !== "exec" && instruction.heredocs.length === 0,
  );
  if (!isShell || to.instruction.flags.length > 0 || from.instruction.range.start.line !== update.range.end.line)
    return undefined;
  const start = to.script.rangeOf(first.wholeStart, first.wholeStart).start;
  const text = from.script.text.slice(update.wholeStart, update.wholeEnd);
  return {
    title: msg("Update and install in one RUN"),
    edits: [removeLines(from.instruction), replace({ start, end: start }, `${text} && `)],
  };
}
