import { aptSetting, settingApt } from "../../lint/apt-settings.ts";
import {
  addWord,
  apt,
  callsIn,
  mentions,
  type PackageCall,
  said,
  unanswered,
  yesSummary,
  yesWhy,
} from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const asking = [
  ...["install", "reinstall", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"],
  ...["remove", "purge", "autoremove", "autopurge"],
];
const yes = ["-y", "--yes", "--assume-yes", "--force-yes", "-s", "--simulate", "--dry-run", "--print-uris"];
const assumed = aptSetting("Assume-Yes");

export default defineRule({
  id: "packages/apt-yes",
  severity: "warning",
  summary: yesSummary("apt-get", "-y"),
  why: yesWhy(),
  sameAs: ["hadolint:DL3014"],
  fix: "safe",
  sees: [...settingApt, "ENV", "ARG"],
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
    {
      bad: "FROM debian\nCOPY proxy /etc/apt/apt.conf.d/\nRUN apt-get -o APT::Get::Assume-Yes=1 remove jq\nRUN apt-get install curl\n#   ^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nCOPY proxy /etc/apt/apt.conf.d/\nRUN apt-get -o APT::Get::Assume-Yes=1 remove jq\nRUN apt-get install -y curl\n",
      files: { proxy: 'Acquire::http::Proxy "http://proxy:3128";\n' },
    },
    {
      bad: "FROM debian\nARG OPTS=-y\nRUN OPTS= && apt-get install $OPTS curl\n#            ^^^^^^^^^^^^^^^\nRUN apt-get remove '$OPTS' curl\n#   ^^^^^^^^^^^^^^\n",
      good: "FROM debian\nARG OPTS=-y\nRUN OPTS= && apt-get install -y $OPTS curl\nRUN apt-get remove -y '$OPTS' curl\n",
    },
  ],
  fine: [
    `FROM debian\nENV OPTS="-q -y"\nRUN apt-get install $OPTS curl && apt-get \${OPTS} install git\n`,
    "ARG OPTS=-qq\nFROM debian\nARG OPTS\nONBUILD RUN apt-get install $OPTS curl\n",
    "FROM debian\nRUN apt-get install -qq curl && apt-get -y install git && apt-get install -q -q jq\n",
    "FROM debian\nRUN apt-get install -q=2 curl && apt-get -o APT::Get::Assume-Yes=true install jq\n",
    "FROM debian\nRUN yes | apt-get install curl\n",
    "FROM debian\nRUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes && apt-get install curl\n",
    "FROM debian AS base\nRUN printf 'APT::Get::Assume-Yes \"true\";' | tee /etc/apt/apt.conf.d/9\nFROM base\nRUN apt-get install curl\n",
    "FROM debian\nCOPY <<EOF /etc/apt/apt.conf.d/90yes\nAPT { Get { Assume-Yes true; }; };\nEOF\nRUN apt-get install curl\n",
    {
      text: "FROM debian\nCOPY apt/90yes /etc/apt/apt.conf.d/\nRUN apt-get install curl\n",
      files: { "apt/90yes": 'APT::Get::Assume-Yes "true";\n' },
    },
    "FROM debian\nRUN apt-get update && apt-get clean\n",
  ],
  *stage(stage) {
    let isAssumed = stage.parent !== undefined && assumed.isSet(stage.parent);
    for (const view of stage.only(...settingApt)) {
      isAssumed ||= assumed.sets(view, stage);
      if (isAssumed) return;
      const calls = callsIn(stage, view, apt, asking);
      yield* unanswered(calls, isAnswered, ({ verb }) => addWord(view, verb, "-y"), "-y");
    }
  },
});

function isAnswered(call: PackageCall): boolean {
  return said(call, ...yes) || mentions(call, /assume-yes=/i) || quiets(call) > 1;
}

/** `-qq`, `-q -q` and `-q=2` say yes too. */
function quiets({ flags }: PackageCall): number {
  const counted = flags.filter(({ name }) => name === "-q" || name === "--quiet");
  return counted.reduce((sum, { value }) => sum + (Number(value ?? 1) || 1), 0);
}
