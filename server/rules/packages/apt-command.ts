import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { apt } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";
import { subcommand } from "../../shell/arguments.ts";

const programs: Readonly<Record<string, readonly string[]>> = {
  "apt-get": [
    ...["install", "reinstall", "remove", "purge", "update", "upgrade", "full-upgrade", "dist-upgrade", "clean"],
    ...["autoclean", "autoremove", "autopurge", "build-dep", "source", "download", "changelog", "satisfy"],
  ],
  "apt-cache": ["search", "show", "policy", "depends", "rdepends"],
};

export default defineRule({
  id: "packages/apt-command",
  severity: "info",
  presets: { strict: "warning" },
  summary: msg("apt is for people at a terminal; scripts use apt-get and apt-cache"),
  why: msg("Its options and its output may change with every release, and it says so itself in each build's log."),
  sameAs: ["hadolint:DL3027"],
  fix: "safe",
  keywords: ["RUN"],
  sees: ["apt"],
  examples: [
    {
      bad: "FROM debian\nRUN apt update && \\\n#   ^^^\n    sudo apt install -y curl=1\n#        ^^^\n",
      good: "FROM debian\nRUN apt-get update && \\\n    sudo apt-get install -y curl=1\n",
    },
    {
      bad: "FROM debian\nONBUILD RUN apt show curl\n#           ^^^\n",
      good: "FROM debian\nONBUILD RUN apt-cache show curl\n",
    },
    { bad: 'FROM debian\nRUN ["apt", "update"]\n#    ^^^^^\n', good: 'FROM debian\nRUN ["apt-get", "update"]\n' },
    { bad: "FROM debian\nRUN /usr/bin/apt update\n#   ^^^^^^^^^^^^\nRUN apt list --installed\n#   ^^^\n" },
  ],
  fine: ["FROM debian\nRUN apt-get install -y apt apt-transport-https && ls /etc/apt\n"],
  *instruction(view) {
    for (const command of view.commands("apt")) {
      const { program } = command;
      const verb = subcommand(command, apt)?.text ?? "";
      const instead = Object.keys(programs).find((name) => programs[name]?.includes(verb));
      const isPlain = program.raw === "apt" || program.raw === '"apt"';
      yield {
        range: program.range,
        ...(instead &&
          isPlain && {
            fix: {
              title: msg("Use {command}", { command: instead }),
              edits: [replace(program.range, program.raw.replace("apt", instead))],
            },
          }),
      };
    }
  },
});
