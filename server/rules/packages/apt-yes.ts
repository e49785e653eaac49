import { addWord, apt, packageCalls, said, unanswered, yesSummary, yesWhy } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";
import { flagsOf } from "../../shell/arguments.ts";

const asking = [
  ...["install", "reinstall", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"],
  ...["remove", "purge", "autoremove", "autopurge"],
];
const yes = ["-y", "--yes", "--assume-yes", "--force-yes", "-s", "--simulate", "--dry-run", "--print-uris"];

export default defineRule({
  id: "packages/apt-yes",
  severity: "warning",
  summary: yesSummary("apt-get", "-y"),
  why: yesWhy(),
  sameAs: ["hadolint:DL3014"],
  fix: "safe",
  keywords: ["RUN"],
  sees: apt.programs,
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install curl\n#                     ^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN apt-get update && apt-get install -y curl\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update \\\n  # tools\n  && sudo apt-get -q install \\\n#         ^^^^^^^^^^^^^^^^^^\n    curl\n",
      good: "FROM debian\nRUN apt-get update \\\n  # tools\n  && sudo apt-get -q install -y \\\n    curl\n",
    },
    {
      bad: 'FROM debian\nRUN ["apt-get", "install", "curl"]\n#    ^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM debian\nRUN ["apt-get", "install", "-y", "curl"]\n',
    },
    {
      bad: "FROM debian\nONBUILD RUN <<EOF\napt-get upgrade\n#^^^^^^^^^^^^^^\napt-get purge gcc\n#^^^^^^^^^^^^\nEOF\n",
      good: "FROM debian\nONBUILD RUN <<EOF\napt-get upgrade -y\napt-get purge -y gcc\nEOF\n",
    },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -qq curl && apt-get -y install git && apt-get install -q -q jq\n",
    "FROM debian\nRUN apt-get install -q=2 curl && apt-get -o APT::Get::Assume-Yes=true install jq\n",
    "FROM debian\nRUN yes | apt-get install curl\n",
    "FROM debian\nRUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes && apt-get install curl\n",
    "FROM debian\nRUN apt-get update && apt-get clean\n",
  ],
  instruction(view) {
    if (/assume-yes/i.test(view.script.text)) return [];
    const calls = packageCalls(view.commands(...apt.programs), apt, asking);
    const isAnswered = (call: (typeof calls)[number]) => said(call, ...yes) || quiets(call.command) > 1;
    return unanswered(calls, isAnswered, ({ verb }) => addWord(view, verb, "-y"), "-y");
  },
});

/** `-qq`, `-q -q` and `-q=2` say yes too. */
function quiets(command: Parameters<typeof flagsOf>[0]): number {
  const { flags } = flagsOf(command, apt);
  const counted = flags.filter(({ name }) => name === "-q" || name === "--quiet");
  return counted.reduce((sum, { value }) => sum + (Number(value ?? 1) || 1), 0);
}
