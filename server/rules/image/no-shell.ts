import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { endsInShell, listRange } from "../../lint/start-command.ts";
import type { InstructionView } from "../../lint/views.ts";

export default defineRule({
  id: "image/no-shell",
  severity: "warning",
  summary: msg("No shell reads a JSON list: this reaches the program as it is written"),
  why: msg(
    'Variables, pipes and && are the work of a shell. Ask for one: ["sh", "-c", "exec node server.js --port $PORT"]',
  ),
  learn: msg(
    'In a JSON list the program is started directly. $HOME is then five characters and not a folder. Write the line without brackets, or start a shell in the list with "sh", "-c".',
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT", "HEALTHCHECK", "@json"],
  examples: [
    {
      bad: 'FROM openjdk\nENTRYPOINT ["java", "$JAVA_OPTS", "-jar", "a.jar"]\n#                   ^^^^^^^^^^^^\n',
      good: 'FROM openjdk\nENTRYPOINT ["sh", "-c", "exec java $JAVA_OPTS -jar a.jar"]\n',
    },
    {
      bad: 'FROM node\nCMD ["npm", "run", "migrate", "&&", "node", "server.js"]\n#                             ^^^^\n',
      good: 'FROM node\nCMD ["sh", "-c", "npm run migrate && exec node server.js"]\n',
    },
    {
      bad: 'FROM node\nRUN ["echo", "a", ">", "b"]\n#                 ^^^\nHEALTHCHECK CMD ["curl", "localhost:$PORT", "||", "exit", "1"]\n#                        ^^^^^^^^^^^^^^^^^\n#                                           ^^^^\n',
      good: 'FROM node\nRUN ["sh", "-c", "echo a > b"]\nHEALTHCHECK CMD ["sh", "-c", "curl localhost:$PORT || exit 1"]\n',
    },
    { bad: 'FROM node\nONBUILD CMD ["node", "my file.js", "$PORT"]\n#                                  ^^^^^^^\n' },
  ],
  fine: [
    'FROM node\nCMD ["sh", "-c", "node $A && b > c"]\nCMD ["/bin/bash", "-c", "echo $HOME"]\n',
    'FROM nginx\nCMD ["nginx", "-g", "daemon off;"]\nCMD ["awk", "{print $NF}"]\nCMD ["envsubst", "$HOST"]\nCMD ["grep", "a$"]\n',
    'FROM node\nENTRYPOINT ["sh", "-c"]\nCMD ["$TOOL"]\n',
    'FROM node\nCMD ["pwsh", "-Command", "$x"]\nCMD ["cmd", "/c", "a && b"]\nCMD ["tini", "--", "sh", "-c", "a && $B"]\n',
    'FROM node\nCMD ["node", "a.js", "costs $5", "a&b"]\n',
  ],
  *stage(view) {
    for (const one of view.only("CMD", "ENTRYPOINT", "RUN", "HEALTHCHECK")) {
      const { instruction, keyword } = one;
      const words = instruction.json ?? [];
      if (words.length === 0) continue;
      const [program = "", ...args] = words.map(({ value }) => value);
      if (one.script.dialect !== "exec" || readsItself.test(program.replace(/^.*[\\/]/, ""))) continue;
      if (args.some((arg) => readsItself.test(arg.replace(/^.*[\\/]/, ""))) || (keyword === "CMD" && endsInShell(view)))
        continue;
      const found = words.filter(({ value }, at) => (at > 0 && operator.test(value)) || variable.test(value));
      const fix = found.length > 0 ? withShell(one) : undefined;
      for (const [at, { value, range }] of found.entries()) {
        yield {
          range,
          message: msg("No shell reads a JSON list: the program gets {text} as it is written", { text: value }),
          ...(at === 0 && fix && { fix }),
        };
      }
    }
  },
});

const operator = /^(?:&&|\|\|?|[12]?>{1,2}|[12&]>\S*|<|;|2>&1)$/;
const variable = /(?<!\\)\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*(?::?[-+][^}]*)?\})/;
/** Shells, and programs to which `$` or `&&` means something. */
const readsItself =
  /^(?:.*sh|cmd|pwsh|powershell)(?:\.exe)?$|^(?:[gmn]?awk|sed|envsubst|perl|e?grep|find|expect|make|jq|php|psql|mongosh|eval)$/i;

function withShell({ instruction, keyword }: InstructionView): Fix | undefined {
  const words = (instruction.json ?? []).map(({ value }) => value);
  const isSimple = words.every((word) => operator.test(word) || /^[\w./:=@%+,${}-]+$/.test(word));
  if (!isSimple) return undefined;
  const last = words.findLastIndex((word) => word === "&&" || word === ";");
  const isStart = keyword === "CMD" || keyword === "ENTRYPOINT";
  // Behind a pipe or || the shell has to stay.
  const takesOver = isStart && !words.slice(last + 1).some((word) => /^\|/.test(word));
  const line = takesOver ? [...words.slice(0, last + 1), "exec", ...words.slice(last + 1)] : words;
  const list = ["sh", "-c", line.join(" ")].map((word) => JSON.stringify(word)).join(", ");
  return { title: msg("Let a shell run it"), edits: [replace(listRange(instruction), `[${list}]`)] };
}
