import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { insertLineOnTop } from "../../lint/scripts.ts";
import type { Command, Script } from "../../shell/model.ts";

export default defineRule({
  id: "run/heredoc-errexit",
  severity: "hint",
  summary: msg("Only the last line of this script decides: what fails before it does not stop the build"),
  why: msg(
    "In a heredoc the lines are a script, and a shell goes on after a line that failed. With `set -e` as its first line it stops there, as && does.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN"],
  sees: ["@heredoc"],
  examples: [
    {
      bad: "FROM debian\nRUN <<EOF\napt-get update\n#^^^^^^^^^^^^^\napt-get install -y curl\nEOF\n",
      good: "FROM debian\nRUN <<EOF\nset -e\napt-get update\napt-get install -y curl\nEOF\n",
    },
    {
      bad: "FROM debian\nRUN <<EOF\n#!/bin/bash\nmake; make install\n#^^^\nEOF\n",
      good: "FROM debian\nRUN <<EOF\n#!/bin/bash\nset -e\nmake; make install\nEOF\n",
    },
    {
      bad: "FROM debian\nONBUILD RUN <<-'EOF'\n\t\tmake\n# ^^^^\n\t\tmake install\n\tEOF\n",
      good: "FROM debian\nONBUILD RUN <<-'EOF'\n\t\tset -e\n\t\tmake\n\t\tmake install\n\tEOF\n",
    },
    { bad: "FROM debian\nRUN <<EOF bash\nmake\n#^^^\nmake install\nEOF\n" },
  ],
  fine: [
    "FROM debian\nRUN <<EOF\nset -eux\nmake\nmake install\nEOF\n",
    "FROM debian\nRUN <<EOF\n#!/bin/sh -e\nmake\nmake install\nEOF\n",
    "FROM debian\nRUN <<EOF bash -e\nmake\nmake install\nEOF\n",
    "FROM debian\nRUN <<EOF\nmake &&\nmake install\nEOF\n",
    "FROM debian\nRUN <<EOF\necho a > b\nexport A=1\nmake || exit 1\nmake install\nEOF\n",
    'FROM debian\nSHELL ["/bin/bash", "-e", "-c"]\nRUN <<EOF\nmake\nmake install\nEOF\n',
    "FROM debian\nRUN cat <<EOF > a\nmake\nmake install\nEOF\n",
    "FROM debian\nRUN make; make install\n",
    "FROM debian\nRUN <<EOF\nmake\nEOF\n",
  ],
  *instruction({ instruction, script }) {
    const [heredoc] = instruction.heredocs;
    if (!heredoc || (script.dialect !== "sh" && script.dialect !== "bash")) return;
    const isBody = script.text === heredoc.content;
    const unseen =
      script.options.has("errexit") || /\berrexit\b/.test(script.text) ? undefined : firstUnseen(script, isBody);
    if (!unseen) return;
    const fix = {
      title: msg("Put {command} before it", { command: "set -e" }),
      edits: [insertLineOnTop(script, "set -e")],
    };
    yield { range: unseen.range, ...(isBody && { fix }) };
  },
});

/** The first command that may fail and is followed by another line. */
function firstUnseen({ commands }: Script, isBody: boolean): Command | undefined {
  const reader = isBody ? undefined : commands[0];
  if (!isBody && (!/^(?:ba|da|a|z)?sh$/.test(reader?.name ?? "") || /\s-\w*e/.test(reader?.text ?? "")))
    return undefined;
  const own = commands.filter(({ context, nested }) => (isBody ? context === "top" : nested));
  if (own.some(({ name, args }) => name === "set" && args.some(({ text }) => /^-\w*e/.test(text)))) return undefined;
  const last = own.at(-1);
  return own.find((one) => one !== last && /^[\n;]$/.test(one.after) && !harmless.has(one.name) && one.before !== "||");
}

const harmless = new Set([
  "echo",
  "printf",
  "export",
  "set",
  "true",
  ":",
  "exit",
  "return",
  "alias",
  "unset",
  "shift",
  "local",
]);
