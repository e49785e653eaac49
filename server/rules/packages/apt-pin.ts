import { msg } from "../../../engine/base/message.ts";
import { apt, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

/** With a version or release, a file, a pattern, or a mark to remove it (`package-`, `package+`). */
const pinned = /[=/*?^]|\.deb$|-$|[^+]\+$/;

export default defineRule({
  id: "packages/apt-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("apt-get"),
  why: pinWhy("apt-get install curl=7.88.*"),
  note: msg("Words that hold a variable are left alone: the version may be in it."),
  sameAs: ["hadolint:DL3008"],
  fix: "none",
  keywords: ["RUN"],
  sees: apt.programs,
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install -y curl git=1:2.39.*\n#                                        ^^^^\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update \\\n && apt-get install -y -t stable \\\n      git=1:2.39 \\\n      curl\n#     ^^^^\n",
    },
    {
      bad: "FROM debian\nRUN <<EOF\napt-get update\nsudo apt-get -y install curl\n#                       ^^^^\nEOF\n",
    },
    { bad: "FROM debian\nRUN apt-get install -y g++ libstdc++6=13\n#                      ^^^\n" },
    { bad: 'FROM debian\nRUN ["apt-get", "install", "-y", "curl"]\n#                                ^^^^^^\n' },
    {
      bad: "FROM debian\nONBUILD RUN apt install -y curl && env A=1 apt-get install -y git\n#                          ^^^^\n#                                                             ^^^\n",
    },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -y curl=7.88.1-10 nginx/stable ./local.deb\n",
    "FROM debian\nARG PACKAGES\nRUN apt-get install -y $PACKAGES linux-headers-$(uname -r) curl=$CURL_VERSION\n",
    "FROM debian\nRUN apt-get install -y -o Dpkg::Use-Pty=0 --target-release bookworm-backports curl=1\n",
    "FROM debian\nRUN apt-get install -y curl=7 vim- nano+\n",
    "FROM debian\nRUN apt-get remove -y curl && apt-get upgrade -y\n",
    "FROM debian\nRUN xargs apt-get install -y < packages.txt && pip install flask\n",
  ],
  instruction({ script }) {
    return unpinned(packageCalls(script.commands, apt, ["install", "reinstall"]), (word) => pinned.test(word));
  },
});
