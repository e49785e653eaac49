import { msg } from "../../../engine/base/message.ts";
import { dnf, isRpmPinned, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "packages/dnf-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("dnf"),
  why: pinWhy("dnf install -y curl-8.6.0"),
  note: msg(
    "A version is a part behind a dash that starts with a digit: a dash in a name, as in python3-devel, is none.",
  ),
  sameAs: ["hadolint:DL3041"],
  fix: "none",
  keywords: ["RUN"],
  sees: dnf.programs,
  examples: [
    { bad: "FROM fedora\nRUN dnf install -y curl git-2.43.0 jq\n#                  ^^^^\n" },
    {
      bad: "FROM fedora\nRUN dnf -y --enablerepo extras install \\\n    python3-devel && sudo dnf module install -y nodejs\n#   ^^^^^^^^^^^^^\n#                                               ^^^^^^\n",
    },
    {
      bad: 'FROM fedora\nONBUILD RUN ["dnf", "install", "-y", "java-1.8.0-openjdk"]\n#                                    ^^^^^^^^^^^^^^^^^^^^\nRUN <<EOF\ndnf install -y curl\n#              ^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM fedora\nRUN dnf install -y curl-8.6.0 glibc-2.17-307.el7.1 vim-2:9.1 ./local.rpm https://a.org/b.rpm\n",
    "FROM fedora\nRUN dnf install -y curl-$CURL_VERSION $PACKAGES && dnf module install -y nodejs:22\n",
    "FROM fedora\nRUN dnf install -y epel-release && dnf install -y '@Development Tools' && dnf remove -y vim\n",
  ],
  *instruction(view) {
    const commands = view.commands(...dnf.programs);
    yield* unpinned(packageCalls(commands, dnf, ["install", "in", "reinstall"]), isRpmPinned);
    const modules = packageCalls(commands, dnf, ["module"]);
    const streams = modules.filter(({ operands }) => /^(?:install|enable)$/.test(operands[0]?.text ?? ""));
    yield* unpinned(
      streams.map((call) => ({ ...call, operands: call.operands.slice(1) })),
      (word) => word.includes(":"),
    );
  },
});
