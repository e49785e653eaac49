import { msg } from "../../../engine/base/message.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { insertLineOnTop, systemShell } from "../../lint/scripts.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command, Pipeline, Script } from "../../shell/model.ts";

export default defineRule({
  id: "run/pipefail",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("A pipe fails only when its last command does: mistakes before it go unnoticed"),
  why: msg(
    "Without pipefail the build goes on with half a download or none. `set -o pipefail` at the start of the script, or SHELL for all RUNs below, makes it stop there.",
  ),
  learn: msg(
    "In `curl … | tar x` the shell asks only tar how it went. With pipefail it asks both, so a failed download ends the build at once.",
  ),
  sameAs: ["hadolint:DL4006"],
  note: msg(
    "`set -o pipefail` in the script counts, and so does a SHELL inherited from another stage. Left alone are echo and printf before a pipe, conditions, what `||` catches, checksums that are compared, and pipes into head or grep -q, which pipefail would break.",
  ),
  fix: "suggestion",
  sees: ["@pipe"],
  examples: [
    {
      bad: "FROM debian\nRUN curl -fsSL https://a | tar xz\n#   ^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM debian\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl -fsSL https://a | tar xz\n',
    },
    {
      bad: "FROM alpine\nRUN a \\\n  && wget -qO- https://a | tar xz\n#    ^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM alpine\nRUN set -o pipefail && a \\\n  && wget -qO- https://a | tar xz\n",
    },
    {
      bad: 'FROM debian\nSHELL ["/bin/bash", "-c"]\nRUN sort a | uniq > b\n#   ^^^^^^\nRUN x="$(sort a | uniq)" && echo $x\n#        ^^^^^^\n',
      good: 'FROM debian\nSHELL ["/bin/bash", "-c"]\nRUN set -o pipefail && sort a | uniq > b\nRUN set -o pipefail && x="$(sort a | uniq)" && echo $x\n',
    },
    {
      bad: "FROM alpine\nRUN <<EOF\nsort a | uniq > b\n#^^^^^\nEOF\n",
      good: "FROM alpine\nRUN <<EOF\nset -o pipefail\nsort a | uniq > b\nEOF\n",
    },
    {
      bad: "FROM debian\nRUN <<EOF\n#!/bin/bash\nsort a | uniq > b\n#^^^^^\nEOF\n",
      good: "FROM debian\nRUN <<EOF\n#!/bin/bash\nset -o pipefail\nsort a | uniq > b\nEOF\n",
    },
    {
      bad: 'FROM debian\nRUN ["bash", "-c", "sort a | uniq"]\n#                   ^^^^^^\n',
      good: 'FROM debian\nRUN ["bash", "-c", "set -o pipefail && sort a | uniq"]\n',
    },
    { bad: "FROM my/image\nRUN sort a | uniq\n#   ^^^^^^\n" },
    { bad: "FROM debian\nRUN bash -c 'sort a | uniq'\n#            ^^^^^^\n" },
    {
      bad: "FROM alpine\nONBUILD RUN cat a b | sort\n#           ^^^^^^^\n",
      good: "FROM alpine\nONBUILD RUN set -o pipefail && cat a b | sort\n",
    },
  ],
  fine: [
    "FROM debian\nRUN curl -fsSL https://a/SHA256SUMS | grep a.tar | sha256sum -c -\n",
    'FROM debian AS a\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nFROM a\nRUN sort a | uniq\n',
    "FROM debian\nRUN bash -o pipefail -c 'sort a | uniq'\nRUN <<EOF\n#!/bin/bash -euo pipefail\nsort a | uniq\nEOF\n",
    "FROM alpine\nRUN set -eux -o pipefail; sort a | uniq\n",
    "FROM debian\nRUN echo a | tee b && yes | sort && printf x | chpasswd\n",
    "FROM debian\nRUN if sort a | grep -q x; then y; fi\nRUN sort a | uniq || true\nRUN sort a | head -n 1\n",
    "FROM debian\nRUN echo $(sort a | uniq)\n",
    'FROM debian\nSHELL ["pwsh", "-Command"]\nRUN a | b\n',
    "FROM mcr.microsoft.com/windows/servercore:ltsc2025\nRUN a | b\n",
  ],
  *stage(view) {
    let isSet = false;
    for (const run of view.only("RUN")) {
      const command = unnoticed(run.script);
      if (!command) continue;
      const offer: Offer | undefined = isSet ? undefined : offerOf(view, run, command);
      isSet ||= offer?.holdsBelow === true;
      const message = msg("When {name} fails, the build goes on: only the last command of a pipe counts", {
        name: command.name,
      });
      yield {
        range: command.range,
        message,
        ...(downloads.has(command.name) && { severity: "warning" }),
        ...(offer?.fix && { fix: offer.fix }),
        ...(offer?.alternatives && { alternatives: offer.alternatives }),
      };
    }
  },
});

const downloads = new Set(["curl", "wget"]);
const cannotFail = new Set(["echo", "printf", "yes", "true", ":", ""]);

/** The first command before a pipe whose failure nobody sees. */
function unnoticed(script: Script): Command | undefined {
  if (script.dialect !== "sh" && script.dialect !== "bash") return undefined;
  const set = script.text.indexOf("pipefail");
  for (const pipeline of script.pipelines) {
    if ((set >= 0 && set < pipeline.start) || isHandled(script, pipeline)) continue;
    const found = pipeline.commands.find(({ name, after }) => /^\|&?$/.test(after) && !cannotFail.has(name));
    if (found) return found;
  }
  return undefined;
}

function isHandled({ text, options }: Script, { commands, start, end }: Pipeline): boolean {
  const [first] = commands;
  if (first?.context === "condition" || /^\s*\|\|/.test(text.slice(end))) return true;
  if (options.has("pipefail") && !first?.nested) return true;
  // The shell looks at the status of a substitution only where it is assigned.
  if (
    first?.context === "substitution" &&
    !first.nested &&
    !/\w="?\$\(\s*$/.test(text.slice(Math.max(0, start - 20), start))
  )
    return true;
  const last = commands.at(-1);
  // Without a line to check they fail themselves.
  if (last && /^(?:md5|b2|sha\d+)sum$|^shasum$/.test(last.name) && /\s(?:-\w*c|--check)/.test(last.text)) return true;
  return last?.name === "head" || (last?.name === "grep" && /\s-\w*[qm]/.test(last.text));
}

interface Offer {
  readonly fix?: Fix;
  readonly alternatives?: readonly Fix[];
  /** It does for the RUNs below too. */
  readonly holdsBelow?: boolean;
}

function offerOf(view: StageView, run: InstructionView, { nested }: Command): Offer | undefined {
  if (nested) return undefined;
  const system = systemShell(view);
  const { script, instruction, onbuild, shell } = run;
  if (script.dialect === "bash" || (shell.isDefault && (system === "ash" || system === "bash")))
    return { fix: inScript(run) };
  if (onbuild || instruction.json) return undefined;
  const above = (path: string): Fix => {
    const line = `SHELL ["${path}", "-o", "pipefail", "-c"]`;
    return { title: msg("Put {instruction} above it", { instruction: line }), edits: [insertAbove(instruction, line)] };
  };
  return system === "dash"
    ? { fix: above("/bin/bash"), holdsBelow: true }
    : { alternatives: [above("/bin/bash"), above("/bin/ash")] };
}

function inScript({ script, instruction }: InstructionView): Fix {
  const title = msg("Put {command} before it", { command: "set -o pipefail" });
  const isBody = script.text === instruction.heredocs[0]?.content;
  if (isBody) return { title, edits: [insertLineOnTop(script, "set -o pipefail")] };
  // With `&&` a `&` behind would take the setting to the background too.
  const joint = script.commands.some(({ after }) => after === "&") ? ";" : " &&";
  const { start } = script.rangeOf(0, 1);
  return { title, edits: [replace({ start, end: start }, `set -o pipefail${joint} `)] };
}
