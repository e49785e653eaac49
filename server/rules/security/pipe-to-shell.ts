import { msg } from "../../../engine/base/message.ts";
import { addressesOf, hostOf, isVerified } from "../../lint/downloads.ts";
import { defineRule } from "../../lint/rule.ts";
import type { Command, Script } from "../../shell/model.ts";

export default defineRule({
  id: "security/pipe-to-shell",
  severity: "hint",
  summary: msg("What comes from the network runs without a look at it, and may be another script tomorrow"),
  why: msg(
    "The step is cached by its text: two builds of one file can install different things. Download a version, compare it with a checksum, then run it; or install a package.",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["RUN"],
  sees: ["curl", "wget"],
  examples: [
    {
      bad: "FROM debian\nRUN curl -fsSL https://example.com/i.sh | sh\n#                                         ^^\n",
    },
    {
      bad: "FROM debian\nRUN a && wget -qO- https://example.com/i.sh | sudo -E bash -s -- -y\n#                                                     ^^^^\n",
    },
    { bad: 'FROM debian\nRUN sh -c "$(curl -fsSL https://example.com/i.sh)"\n#   ^^\n' },
    {
      bad: 'FROM debian\nRUN bash <(curl -s https://example.com/i.sh)\n#   ^^^^\nONBUILD RUN eval "$(curl https://example.com/i)"\n#           ^^^^\n',
    },
    {
      bad: "FROM debian\nRUN <<EOF\ncurl -sSL https://example.com/i.py | python3 -\n#                                    ^^^^^^^\nEOF\n",
    },
    { bad: 'FROM debian\nRUN ["sh", "-c", "curl -s $URL/i.sh | sh"]\n#                                     ^^\n' },
    {
      bad: "FROM php\nRUN curl -sS https://example.com/installer | php -- --install-dir=/b\n#                                            ^^^\n",
    },
  ],
  fine: [
    "FROM debian\nRUN curl -fsSL https://example.com/a | tar xz && curl https://example.com/k | gpg --dearmor > /k\n",
    "FROM debian\nRUN curl -fsSLo i.sh https://example.com/i.sh && sha256sum -c i.sum && sh i.sh\n",
    "FROM debian\nRUN V=$(curl -s https://example.com/v) && sh build.sh $V\n",
    "FROM debian\nRUN curl -s https://example.com/a | python3 -m json.tool && curl x | node -e 'x'\n",
  ],
  *instruction({ script }) {
    const { commands } = script;
    if (commands.length < 2 || isVerified(script)) return;
    for (const [at, command] of commands.entries()) {
      if (command.name !== "curl" && command.name !== "wget") continue;
      const runner = runnerOf(script, command, at);
      if (!runner) continue;
      const host = hostOf(addressesOf(command)[0]?.text ?? "");
      const message =
        host && msg("What {host} sends runs without a look at it, and may be another script tomorrow", { host });
      yield { range: runner.program.range, ...(message && { message }) };
    }
  },
});

const shells = /^(?:ba|da|a|z|k)?sh$/;

/** The command that runs what `download` gets, which is the one with this index. */
function runnerOf({ commands, text }: Script, download: Command, at: number): Command | undefined {
  if (download.after === "|" || download.after === "|&") {
    const next = commands[at + 1];
    return next && readsScript(next) ? next : undefined;
  }
  if (download.context !== "substitution") return undefined;
  // The command whose word holds the substitution; it stands right before what is in it.
  const outer = commands[at - 1];
  if (!outer || outer.start > download.start || outer.end < download.end) return undefined;
  const before = text.slice(outer.start, download.start);
  const reads = shells.test(outer.name) && /(?:\s-\w*c\s+"?\$\(|<\()\s*$/.test(before);
  return reads || /^(?:eval|source|\.)$/.test(outer.name) ? outer : undefined;
}

/** It reads a script from its input: `sh`, `sh -s -- args`, `python3 -`. */
function readsScript({ name, args }: Command): boolean {
  const [first] = args;
  if (shells.test(name))
    return !args.some(({ text }) => text === "-c") && (!first || /^-/.test(first.text) || first.text === "/dev/stdin");
  return /^(?:python[\d.]*|perl|ruby|node|php)$/.test(name) && (!first || /^--?$/.test(first.text));
}
