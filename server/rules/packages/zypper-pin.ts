import { packageCalls, pinSummary, pinWhy, unpinned, zypper } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

/** With a version, a file, or a package that is to go. */
const pinned = /[=<>]|\.rpm$|^[-!~/.]/;

export default defineRule({
  id: "packages/zypper-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("zypper"),
  why: pinWhy("zypper install 'curl>=8.6'"),
  sameAs: ["hadolint:DL3037"],
  fix: "none",
  keywords: ["RUN"],
  sees: ["zypper"],
  examples: [
    {
      bad: "FROM opensuse/leap\nRUN zypper -n install --repo oss curl git=2.43.0 jq\n#                                ^^^^\n",
    },
    { bad: "FROM opensuse/leap\nRUN zypper refresh && \\\n    sudo zypper in -y \\\n    curl\n#   ^^^^\n" },
    {
      bad: 'FROM opensuse/leap\nONBUILD RUN ["zypper", "in", "curl"]\n#                            ^^^^^^\nRUN <<EOF\nzypper in curl\n#         ^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM opensuse/leap\nRUN zypper -n install 'curl>=8' git=2.43.0 ./local.rpm $PACKAGES\n",
    "FROM opensuse/leap\nRUN zypper -n install -t pattern devel_basis && zypper -n rm vim\n",
  ],
  instruction(view) {
    const calls = packageCalls(view.commands("zypper"), zypper, ["install", "in"]);
    // Patterns and patches have no versions of their own.
    const packages = calls.filter(
      ({ flags }) => !flags.some(({ name, value }) => /^(?:-t|--type)$/.test(name) && value !== "package"),
    );
    return unpinned(packages, (word) => pinned.test(word));
  },
});
