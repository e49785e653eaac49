import { addWord, callsIn, said, unanswered, yesSummary, yesWhy, zypper } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const asking = [
  ...["install", "in", "remove", "rm", "source-install", "si", "patch", "update", "up", "dist-upgrade", "dup"],
  ...["install-new-recommends", "inr", "install-patch"],
];
const yes = ["-n", "--non-interactive", "-y", "--no-confirm", "--dry-run", "-D"];

export default defineRule({
  id: "packages/zypper-yes",
  severity: "warning",
  summary: yesSummary("zypper", "--non-interactive"),
  why: yesWhy(),
  sameAs: ["hadolint:DL3034"],
  fix: "safe",
  sees: ["zypper", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM opensuse/leap\nRUN zypper install curl && zypper clean\n#   ^^^^^^^^^^^^^^\n",
      good: "FROM opensuse/leap\nRUN zypper --non-interactive install curl && zypper clean\n",
    },
    {
      bad: "FROM opensuse/leap\nRUN zypper refresh \\\n  && sudo zypper --gpg-auto-import-keys in \\\n#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n     curl\n",
      good: "FROM opensuse/leap\nRUN zypper refresh \\\n  && sudo zypper --non-interactive --gpg-auto-import-keys in \\\n     curl\n",
    },
    {
      bad: 'FROM opensuse/leap\nONBUILD RUN ["zypper", "in", "curl"]\n#            ^^^^^^^^^^^^^^\n',
      good: 'FROM opensuse/leap\nONBUILD RUN ["zypper", "--non-interactive", "in", "curl"]\n',
    },
    {
      bad: "FROM opensuse/leap\nRUN <<EOF\nzypper patch\n#^^^^^^^^^^^\nEOF\n",
      good: "FROM opensuse/leap\nRUN <<EOF\nzypper --non-interactive patch\nEOF\n",
    },
  ],
  fine: [
    "FROM a\nENV OPTS='-q -n'\nRUN zypper $OPTS install curl\n",
    "FROM opensuse/leap\nRUN zypper -n in curl && zypper install -y git && zypper --non-interactive up\n",
    "FROM opensuse/leap\nRUN zypper in --no-confirm curl && zypper refresh && zypper clean\n",
  ],
  *stage(stage) {
    const flag = "--non-interactive";
    for (const view of stage.only("RUN")) {
      yield* unanswered(
        callsIn(stage, view, zypper, asking),
        (call) => said(call, ...yes),
        ({ command }) => addWord(view, command.program, flag),
        flag,
      );
    }
  },
});
