import { msg } from "../../../engine/base/message.ts";
import { isRpmPinned, packageCalls, pinSummary, pinWhy, unpinned, yum } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "packages/yum-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("yum"),
  why: pinWhy("yum install -y curl-8.6.0"),
  note: msg(
    "A version is a part behind a dash that starts with a digit: a dash in a name, as in python3-devel, is none.",
  ),
  sameAs: ["hadolint:DL3033"],
  fix: "none",
  keywords: ["RUN"],
  sees: yum.programs,
  examples: [
    { bad: "FROM centos:7\nRUN yum install -y curl git-2.43.0 jq\n#                  ^^^^\n" },
    {
      bad: "FROM centos:7\nRUN yum -y --enablerepo extras install \\\n    python3-devel && sudo yum module install -y nodejs\n#   ^^^^^^^^^^^^^\n#                                               ^^^^^^\n",
    },
    {
      bad: 'FROM centos:7\nONBUILD RUN ["yum", "install", "-y", "java-1.8.0-openjdk"]\n#                                    ^^^^^^^^^^^^^^^^^^^^\nRUN <<EOF\nyum install -y curl\n#              ^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM centos:7\nRUN yum install -y curl-8.6.0 glibc-2.17-307.el7.1 vim-2:9.1 ./local.rpm https://a.org/b.rpm\n",
    "FROM centos:7\nRUN yum install -y curl-$CURL_VERSION $PACKAGES && yum module install -y nodejs:22\n",
    "FROM centos:7\nRUN yum install -y epel-release && yum install -y '@Development Tools' && yum remove -y vim\n",
  ],
  *instruction(view) {
    const commands = view.commands(...yum.programs);
    yield* unpinned(packageCalls(commands, yum, ["install", "in", "reinstall"]), isRpmPinned);
    const modules = packageCalls(commands, yum, ["module"]);
    const streams = modules.filter(({ operands }) => /^(?:install|enable)$/.test(operands[0]?.text ?? ""));
    yield* unpinned(
      streams.map((call) => ({ ...call, operands: call.operands.slice(1) })),
      (word) => word.includes(":"),
    );
  },
});
