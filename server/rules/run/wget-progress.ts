import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { insertAfter, isEditable, systemShell } from "../../lint/scripts.ts";
import { flagsOf } from "../../shell/arguments.ts";

export default defineRule({
  id: "run/wget-progress",
  severity: "hint",
  presets: { strict: "info" },
  summary: msg("wget fills the build's log with its progress"),
  why: msg(
    "Without a terminal wget writes a line for every few kilobytes. --progress=dot:giga makes it one for 32 MB; BusyBox' wget knows -q only.",
  ),
  sameAs: ["hadolint:DL3047"],
  fix: "safe",
  sees: ["wget"],
  examples: [
    {
      bad: "FROM debian\nRUN wget https://example.com/a.tar\n#   ^^^^\n",
      good: "FROM debian\nRUN wget --progress=dot:giga https://example.com/a.tar\n",
    },
    {
      bad: "FROM alpine:3\nONBUILD RUN a && wget https://example.com/a.tar\n#                ^^^^\n",
      good: "FROM alpine:3\nONBUILD RUN a && wget -q https://example.com/a.tar\n",
    },
    { bad: 'FROM debian\nRUN ["wget", "https://example.com/a"]\n#    ^^^^^^\n' },
  ],
  fine: [
    "FROM debian\nRUN wget -qO- https://example.com/a && wget -nv https://example.com/b\n",
    "FROM debian\nRUN wget --progress=bar https://example.com/a && wget -o log https://example.com/b\n",
    "FROM debian\nRUN wget --version && wget --no-verbose -P /x https://example.com\n",
    "FROM debian\nRUN wget -O - https://example.com/a 2>/dev/null\n",
  ],
  *stage(view) {
    for (const { view: run, command } of view.commands("wget")) {
      const { flags, operands } = flagsOf(command, {
        valued: ["-O", "-P", "-U", "-t", "-T", "-w", "-e", "-o", "-a", "-i"],
      });
      const isQuiet = flags.some(
        ({ name, word }) => quiet.has(name) || word.text === "-nv" || /^-\w*nv/.test(word.text),
      );
      const isHidden = command.redirects.some(({ operator }) => /^(?:2>|&>)/.test(operator));
      if (operands.length === 0 || isQuiet || isHidden) continue;
      const flag = systemShell(view) === "ash" ? "-q" : "--progress=dot:giga";
      const fix = { title: msg("Add {flag}", { flag }), edits: [insertAfter(command.program, flag)] };
      yield { range: command.program.range, ...(isEditable(run.script, command) && { fix }) };
    }
  },
});

const quiet = new Set([
  "-q",
  "-o",
  "-a",
  "-b",
  "--quiet",
  "--no-verbose",
  "--output-file",
  "--append-output",
  "--progress",
  "--version",
  "--background",
]);
