import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { isEditable } from "../../lint/scripts.ts";
import type { ShellWord } from "../../shell/model.ts";

/** Programs, and what follows their name where it is no package's name or file. */
const followers: Readonly<Record<string, RegExp>> = {
  "apt-get": /^(?:-|update$|install$|upgrade$|dist-upgrade$|clean$|autoclean$|autoremove$|purge$|remove$)/,
  apt: /^(?:update|install|upgrade|clean|autoremove)$/,
  apk: /^(?:-|add$|update$|upgrade$|del$)/,
  yum: /^(?:-y|install|update|clean|groupinstall)$/,
  dnf: /^(?:-y|install|update|clean|upgrade)$/,
  microdnf: /^(?:-y|install|update|clean)$/,
  pip: /^(?:install|uninstall)$/,
  pip3: /^(?:install|uninstall)$/,
  npm: /^(?:install|ci|i|run|cache|prune|config)$/,
  yarn: /^(?:install|build|cache|add|--\S+)$/,
  rm: /^-\w*[rf]/,
  mkdir: /^(?:-\w*p|\/)/,
  cd: /^[/.$~]/,
  curl: /^(?:-|https?:)/,
  wget: /^(?:-|https?:)/,
  tar: /^-?[xcz]\w*[vfz]/,
  git: /^(?:clone|config|checkout)$/,
  chmod: /^(?:[0-7]{3,4}|-R|[augo]*\+\w+)$/,
  chown: /^(?:-R|[\w$]+:[\w$]*)$/,
  ln: /^-\w*s/,
  cp: /^-[rafp]/,
  sed: /^-[ei]/,
  make: /^(?:-j|-C|install$)/,
  export: /^\w+=/,
  useradd: /^-/,
  groupadd: /^-/,
  adduser: /^-/,
  addgroup: /^-/,
  RUN: /./,
};

export default defineRule({
  id: "run/missing-and",
  severity: "error",
  summary: msg("Two commands run together: the second one becomes arguments of the first"),
  why: msg(
    "A backslash at the end of a line only joins the lines. Between two commands there has to be && as well, or a semicolon.",
  ),
  learn: msg(
    "A RUN is one line for the shell, however many lines it has in the file. `a && b` runs b when a went well.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN"],
  sees: Object.keys(followers),
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update \\\n    apt-get install -y curl\n#   ^^^^^^^\n",
      good: "FROM debian\nRUN apt-get update \\\n    && apt-get install -y curl\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install -y \\\n    curl \\\n    rm -rf /var/lib/apt/lists/*\n#   ^^\n",
      good: "FROM debian\nRUN apt-get update && apt-get install -y \\\n    curl \\\n    && rm -rf /var/lib/apt/lists/*\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update \\ apt-get install -y curl\n#                  ^^^^^^^^^\n",
      good: "FROM debian\nRUN apt-get update && apt-get install -y curl\n",
    },
    {
      bad: "FROM python\nRUN pip install -r a.txt \\\n# then\n    RUN python setup.py\n#   ^^^\n",
      good: "FROM python\nRUN pip install -r a.txt \\\n# then\n    && python setup.py\n",
    },
    {
      bad: "FROM debian\nONBUILD RUN mkdir -p /a \\\n    cd /a\n#   ^^\n",
      good: "FROM debian\nONBUILD RUN mkdir -p /a \\\n    && cd /a\n",
    },
    { bad: "FROM debian\nRUN bash -c 'apt-get update \\\n  apt-get install -y curl'\n# ^^^^^^^\n" },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -y \\\n    git \\\n    make \\\n    curl \\\n    tar\n",
    "FROM debian\nRUN find / -name x \\\n  -exec rm -rf {} ;\n",
    'FROM debian\nRUN echo \\\n  rm -rf / && su app -c \\\n  "npm install"\n',
    "FROM debian\nRUN apt-get install -y apt rm\n",
    "FROM debian\nRUN env A=1 \\\n  npm install && sudo \\\n  apt-get update\n",
  ],
  *instruction(view) {
    for (const command of view.script.commands) {
      if (!Object.hasOwn(followers, command.name)) continue;
      const { words } = command;
      for (const [at, word] of words.entries()) {
        const previous = words[at - 1];
        const next = words[at + 1];
        if (!previous || !next || !Object.hasOwn(followers, word.text) || !followers[word.text]?.test(next.text))
          continue;
        // `update \ apt-get`: the backslash is not the last of its line and makes the blank a part of a word.
        const escaped = view.script.text.slice(previous.end, word.start).indexOf("\\");
        if (escaped < 0 && !startsLine(word, previous)) continue;
        const range = escaped < 0 ? word.range : view.script.rangeOf(previous.end + escaped, word.end);
        // What stands behind the word RUN is the command.
        const isRun = word.text === "RUN";
        const edit = replace(isRun ? { ...range, end: next.range.start } : range, isRun ? "&& " : `&& ${word.text}`);
        const fix = { title: msg("Put && before it"), edits: [edit] };
        const message = msg("{second} becomes an argument of {first}: there is no && between them", {
          first: command.name,
          second: word.text,
        });
        yield { range, message, ...(isEditable(view.script, command) && { fix }) };
      }
    }
  },
});

/** RUN in the first column is syntax/swallowed-instruction's. */
function startsLine({ raw, text, range }: ShellWord, previous: ShellWord): boolean {
  return (
    raw === text &&
    !(text === "RUN" && range.start.character === 0) &&
    range.start.line !== previous.range.end.line &&
    !/^-(?:exec|execdir|ok|c|-)$/.test(previous.text)
  );
}
