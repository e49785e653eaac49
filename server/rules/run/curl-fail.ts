import { msg } from "../../../engine/base/message.ts";
import { isVerified } from "../../lint/downloads.ts";
import { defineRule } from "../../lint/rule.ts";
import { insertAfter, isEditable } from "../../lint/scripts.ts";
import { flagsOf } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/curl-fail",
  severity: "hint",
  summary: msg("curl takes an error page for the file: with -f it fails instead"),
  why: msg(
    "To curl an answer such as 404 is a success, and its text is what gets saved or passed on. The build goes on with that, and fails later and elsewhere.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN"],
  sees: ["curl"],
  examples: [
    {
      bad: "FROM debian\nRUN curl -sSL https://example.com/a | tar xz\n#   ^^^^\n",
      good: "FROM debian\nRUN curl -f -sSL https://example.com/a | tar xz\n",
    },
    {
      bad: "FROM debian\nRUN a && \\\n  curl -o /a https://example.com/a\n# ^^^^\n",
      good: "FROM debian\nRUN a && \\\n  curl -f -o /a https://example.com/a\n",
    },
    { bad: "FROM debian\nRUN sh -c 'curl https://example.com/a > /a'\n#          ^^^^\n" },
    { bad: 'FROM debian\nRUN ["curl", "-LO", "https://example.com/a"]\n#    ^^^^^^\n' },
    {
      bad: 'FROM debian\nRUN V="$(curl -s https://example.com/v)" && b\n#        ^^^^\n',
      good: 'FROM debian\nRUN V="$(curl -f -s https://example.com/v)" && b\n',
    },
  ],
  fine: [
    "FROM debian\nRUN curl -fsSL https://example.com/a | tar xz && curl --fail -O https://example.com/b\n",
    "FROM debian\nRUN curl --fail-with-body -o a https://example.com/a && curl --version\n",
    "FROM debian\nRUN curl -I https://example.com/a && curl -o /dev/null -w '%{http_code}' https://example.com\n",
    "FROM debian\nRUN curl -X POST https://example.com/hook\n",
    "FROM debian\nRUN apt-get install -y curl\nRUN curl -o a https://example.com/a && sha256sum -c a.sum\n",
  ],
  *instruction({ script }) {
    // A checksum notices the error page.
    if (isVerified(script)) return;
    for (const command of script.commands) {
      if (command.name !== "curl" || !saves(command)) continue;
      const fix = { title: msg("Add {flag}", { flag: "-f" }), edits: [insertAfter(command.program, "-f")] };
      yield { range: command.program.range, ...(isEditable(script, command) && { fix }) };
    }
  },
});

/** What it gets is used: written to a file, passed on, assigned. */
function saves({ args, after, redirects, context, nested }: Command): boolean {
  const { flags, operands } = flagsOf({ args }, { valued });
  if (operands.length === 0 || flags.some(({ name }) => looks.has(name))) return false;
  const written = flags.find(({ name }) => name === "-o" || name === "--output");
  if (written) return written.value !== "/dev/null";
  const toFile = redirects.some(({ operator, target }) => /^1?>>?$/.test(operator) && target?.text !== "/dev/null");
  return (
    flags.some(({ name }) => /^(?:-O|--remote-name)$/.test(name)) ||
    toFile ||
    after === "|" ||
    (context === "substitution" && !nested)
  );
}

const looks = new Set([
  "-f",
  "--fail",
  "--fail-with-body",
  "--fail-early",
  "-I",
  "--head",
  "-w",
  "--write-out",
  "-V",
  "--version",
]);
const valued = [
  "-o",
  "-w",
  "-X",
  "-H",
  "-d",
  "-u",
  "-A",
  "-b",
  "-c",
  "-e",
  "-F",
  "-x",
  "-m",
  "-T",
  "-K",
  "-C",
  "-E",
  "-r",
  "-y",
  "-Y",
  "-z",
  "--output",
  "--write-out",
  "--request",
  "--header",
  "--data",
  "--user",
  "--retry",
  "--retry-delay",
  "--retry-max-time",
  "--max-time",
  "--connect-timeout",
  "--proto",
  "--proxy",
  "--cacert",
  "--cert",
  "--key",
  "--output-dir",
  "--user-agent",
  "--max-redirs",
  "--tls-max",
];
