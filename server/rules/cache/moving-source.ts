import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { flagsOf } from "../../shell/arguments.ts";
import type { Command, ShellWord } from "../../shell/model.ts";

const clonedWith = [
  ...["-b", "--branch", "--depth", "-o", "--origin", "-u", "--upload-pack", "--reference", "--separate-git-dir", "-c"],
  ...["--config", "-j", "--jobs", "--filter", "--template", "--shallow-since", "--bundle-uri", "--revision", "-C"],
];
/** A tag or a commit: `v1.2`, `release-3`, `0a1b2c3`. */
const fixed = /\d/;
const moving =
  /\/(?:latest|master|main|HEAD|nightly|stable|trunk|develop)(?:[/.?]|$)|[-_.](?:latest|nightly)\.|refs\/heads\//;

/** Keys and checksums: what they are for is checked by themselves. */
const key = /\.(?:gpg|asc|key|pub|sig|sha256|sha512)$|\/gpg$/;

export default defineRule({
  id: "cache/moving-source",
  severity: "hint",
  summary: msg("What is fetched here moves on, and the build cache keeps the first copy for ever"),
  why: msg(
    "RUN is done again only when its text changes, not when the branch or the file behind the address does. Name a tag, a version or a commit; ADD also takes addresses and Git repositories, and looks whether they changed.",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["RUN"],
  sees: ["git", "curl", "wget"],
  examples: [
    {
      bad: "FROM debian\nRUN git clone --depth 1 https://host.org/a.git /src && make -C /src\n#                       ^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN true \\\n && sudo git clone -b main https://host.org/a.git\n#                     ^^^^\n",
    },
    {
      bad: "FROM debian\nRUN curl -fsSL https://host.org/releases/latest/download/a.tar.gz | tar xz\n#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nONBUILD RUN <<EOF\nwget -q https://host.org/a/main/install.sh\n#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nEOF\n",
    },
    {
      bad: "FROM debian\nRUN git clone https://me:s3cret@host.org/a.git\n#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: 'FROM debian\nRUN ["git", "clone", "https://host.org/a"]\n#                    ^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian\nRUN git clone --branch v1.2.3 https://host.org/a.git && git clone -b $REF https://host.org/b.git\n",
    "FROM debian\nRUN git clone https://host.org/a.git && cd a && git checkout 0a1b2c3\n",
    "FROM debian\nRUN git clone https://host.org/a.git /a && git -C /a reset --hard $COMMIT && git clone $URL\n",
    "FROM debian\nRUN curl -fsSLO https://host.org/a-1.2.tar.gz && wget https://host.org/v2/main-1.2.zip\n",
    "FROM debian\nRUN curl -fsSL https://host.org/linux/stable/gpg -o /a.asc && curl -O https://host.org/latest/a.gpg\n",
    "FROM debian\nRUN curl -fsSL https://sh.rustup.rs | sh -s -- -y && curl $URL/latest\n",
  ],
  *instruction(view) {
    const gits = view.commands("git");
    const settles = gits.some(({ args }) => args.some(({ text }) => /^(?:checkout|reset|switch)$/.test(text)));
    for (const command of settles ? [] : gits) {
      const word = movingBranch(command);
      if (word) yield report(word, word.text);
    }
    for (const { args } of view.commands("curl", "wget")) {
      const word = args.find(
        ({ text, constant }) => constant && /^(?:https?|ftp):/.test(text) && moving.test(text) && !key.test(text),
      );
      if (word) yield report(word, word.text);
    }
  },
});

function report({ range }: ShellWord, source: string) {
  return {
    range,
    message: msg("{source} moves on, but the build cache keeps what this RUN fetched the first time", {
      source: withoutCredentials(source),
    }),
  };
}

/** Messages are logged and sent to reports. */
function withoutCredentials(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/?#]*@/, "$1").replace(/\?.*$/s, "?…");
}

/** The branch that `git clone` names, or the address when it names none. */
function movingBranch(command: Command): ShellWord | undefined {
  const { flags, operands } = flagsOf(command, { valued: clonedWith });
  const [verb, source] = operands;
  if (verb?.text !== "clone" || !source?.constant || !/^(?:\w+:\/\/|[\w.-]+@)/.test(source.text)) return undefined;
  const branch = flags.find(({ name }) => /^(?:-b|--branch|--revision)$/.test(name));
  if (!branch) return source;
  if (fixed.test(branch.value ?? "") || /\$/.test(branch.value ?? "$")) return undefined;
  return command.args[command.args.indexOf(branch.word) + (branch.word.text.includes("=") ? 0 : 1)] ?? branch.word;
}
