import { msg } from "../../../engine/base/message.ts";
import { packageCalls, wordsOf, zypper } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "packages/zypper-dist-upgrade",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("zypper dist-upgrade turns the base image into another release"),
  why: msg("The release is the base image's business: name the one you want in FROM, and update single packages."),
  sameAs: ["hadolint:DL3035"],
  fix: "none",
  sees: ["zypper"],
  examples: [
    { bad: "FROM opensuse/leap\nRUN zypper -n dist-upgrade && zypper clean\n#   ^^^^^^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM opensuse/leap\nONBUILD RUN zypper refresh \\\n && sudo zypper dup -y\n#        ^^^^^^^^^^\n" },
    { bad: "FROM opensuse/leap\nRUN <<EOF\nzypper dup\n#^^^^^^^^^\nEOF\n" },
  ],
  fine: [
    "FROM opensuse/leap\nRUN zypper -n update && zypper -n patch && zypper -n in dup\n",
    "FROM opensuse/tumbleweed\nRUN zypper -n dup\n",
  ],
  *stage(stage) {
    // A rolling release is updated in no other way.
    if (/tumbleweed|microos/i.test(stage.base.resolved ?? "")) return;
    for (const { command } of stage.commands("zypper")) {
      for (const { verb } of packageCalls([command], zypper, ["dist-upgrade", "dup"])) {
        yield { range: wordsOf(command, verb) };
      }
    }
  },
});
