import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { endsInShell } from "../../lint/start-command.ts";

export default defineRule({
  id: "image/one-word-command",
  severity: "error",
  summary: msg("The whole command stands in one string: no program has this name"),
  why: msg(
    "In a JSON list each word is a string of its own. The first one is the program, and nothing splits it at its blanks.",
  ),
  learn: msg('CMD ["npm start"] looks for a program called "npm start". Write CMD ["npm", "start"].'),
  sameAs: [],
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT", "HEALTHCHECK", "@json"],
  examples: [
    { bad: 'FROM node\nCMD ["npm start"]\n#    ^^^^^^^^^^^\n', good: 'FROM node\nCMD ["npm", "start"]\n' },
    {
      bad: 'FROM golang\nENTRYPOINT ["CGO_ENABLED=0 go run main.go"]\n#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM golang\nENTRYPOINT ["env", "CGO_ENABLED=0", "go", "run", "main.go"]\n',
    },
    {
      bad: 'FROM node\nRUN ["npm ci && npm test"]\n#    ^^^^^^^^^^^^^^^^^^^^\nHEALTHCHECK CMD ["curl -f $URL", "-s"]\n#                ^^^^^^^^^^^^^^\n',
      good: 'FROM node\nRUN ["sh", "-c", "npm ci && npm test"]\nHEALTHCHECK CMD ["curl", "-f", "$URL", "-s"]\n',
    },
    {
      bad: 'FROM node\nONBUILD CMD ["node  a.js", "--port", "80"]\n#            ^^^^^^^^^^^^\n',
      good: 'FROM node\nONBUILD CMD ["node", "a.js", "--port", "80"]\n',
    },
  ],
  fine: [
    'FROM node\nCMD ["npm", "start"]\nCMD ["node", "my server.js"]\nCMD []\n',
    'FROM node\nENTRYPOINT ["sh", "-c"]\nCMD ["npm start"]\n',
    'FROM node AS a\nENTRYPOINT ["/bin/bash", "-lc"]\nFROM a\nCMD ["npm start"]\n',
    'FROM mcr.microsoft.com/windows/servercore:1\nCMD ["C:\\\\Program Files\\\\a.exe"]\n',
    `FROM node\nCMD ["/opt/my app/run"]\nCMD ["\${TOOL} x"]\n`,
  ],
  *stage(view) {
    for (const { instruction, keyword } of view.only("CMD", "ENTRYPOINT", "RUN", "HEALTHCHECK")) {
      const [first, ...rest] = instruction.json ?? [];
      if (!first || !isCommandLine(first.value) || (keyword === "CMD" && endsInShell(view))) continue;
      const fix = split(first.value, rest.length === 0);
      yield {
        range: first.range,
        ...(fix !== undefined && { fix: { title: fix.title, edits: [replace(first.range, fix.words)] } }),
      };
    }
  },
});

function isCommandLine(text: string): boolean {
  const [program = "", second] = text.trim().split(/\s+/);
  if (second === undefined || !/^[\w./:@=+-]+$/.test(program) || /^[A-Za-z]:[\\/]/.test(program)) return false;
  // A folder with a blank in its name: `/opt/my app/run`.
  return !(program.startsWith("/") && /^[^/.-][^/]*\//.test(second) && !second.includes("."));
}

function split(text: string, isAlone: boolean): { readonly title: Fix["title"]; readonly words: string } | undefined {
  const words = text.trim().split(/\s+/);
  const list = (parts: readonly string[]) => parts.map((part) => JSON.stringify(part)).join(", ");
  const wantsShell = /["'`\\|&;<>*?()]/.test(text) || (isAlone && text.includes("$"));
  if (wantsShell)
    return isAlone ? { title: msg("Let a shell run it"), words: list(["sh", "-c", text.trim()]) } : undefined;
  const isAssignment = /^[A-Za-z_]\w*=/.test(words[0] ?? "");
  return { title: msg("Split it into words"), words: list(isAssignment ? ["env", ...words] : words) };
}
