import { msg } from "../../../engine/base/message.ts";
import { asList } from "../../lint/exec-form.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { asksMissingShell, seenForShell } from "../../lint/shell-missing.ts";
import { commandRange } from "../../lint/start-command.ts";
import type { Script } from "../../shell/model.ts";

export default defineRule({
  id: "run/shell-form-cmd",
  severity: "warning",
  summary: msg("In this form a shell starts the program and keeps the stop signal: Ctrl+C and stop do not reach it"),
  why: msg('Written as a JSON list, CMD ["program", "argument"], the program is started directly and is told to stop.'),
  sameAs: ["hadolint:DL3025", "buildkit:JSONArgsRecommended"],
  note: msg(
    "Below a SHELL a shell is wanted, and a line that ends with exec does not keep it. HEALTHCHECK is no program that runs on.",
  ),
  fix: "suggestion",
  examples: [
    {
      bad: "FROM node\nCMD node server.js\n#   ^^^^^^^^^^^^^^\n",
      good: 'FROM node\nCMD ["node", "server.js"]\n',
    },
    {
      bad: "FROM node\nENTRYPOINT node 'my server.js'\n#          ^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nENTRYPOINT ["node", "my server.js"]\n',
    },
    {
      bad: "FROM node\nCMD node server.js $PORT\n#   ^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nCMD exec node server.js $PORT\n",
    },
    {
      bad: "FROM node\nONBUILD CMD npm run migrate && A=1 node server.js\n#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nONBUILD CMD npm run migrate && A=1 exec node server.js\n",
    },
    { bad: "FROM node\nCMD node server.js | tee log\n#   ^^^^^^^^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nCMD if [ $A ]; then node a.js; fi\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    'FROM node\nCMD ["node", "server.js"]\n',
    "FROM node\nCMD exec node server.js $PORT\nENTRYPOINT cd /app && A=1 exec node server.js\n",
    'FROM node\nSHELL ["/bin/bash", "-c"]\nCMD node server.js\n',
    "FROM node\nCMD\nHEALTHCHECK CMD curl -f localhost || exit 1\n",
    // run/no-shell says that it cannot start.
    "FROM scratch\nCMD node server.js\n",
  ],
  sees: seenForShell,
  *stage(view) {
    for (const one of view.only("CMD", "ENTRYPOINT")) {
      const { instruction, shell, script } = one;
      const text = instruction.rest.text.trim();
      // SHELL says that a shell is wanted.
      if (!shell.isDefault || instruction.json || !text || /^(\[|exec\s)/.test(text)) continue;
      if (script.commands.at(-1)?.wrappers.some(({ name }) => name === "exec") || asksMissingShell(view).has(one))
        continue;
      const range = commandRange(instruction);
      const list = asList(one);
      const fix = list ?? withExec(script);
      yield { range, ...(!list && { severity: "hint" as const }), ...(fix && { fix }) };
    }
  },
});

/** Lets the last command take the shell's place, where nothing is left for the shell to do. */
function withExec({ commands, pipelines, complete }: Script): Fix | undefined {
  const last = commands.at(-1);
  if (!last || !complete || last.context !== "top" || last.after !== "" || !/^(?:|&&|;)$/.test(last.before))
    return undefined;
  if (
    last.wrappers.length > 0 ||
    last.name === "" ||
    last.name === "cd" ||
    pipelines.some(({ end }) => end >= last.end)
  )
    return undefined;
  const { start } = last.range;
  return { title: msg("Put exec before it"), edits: [replace({ start, end: start }, "exec ")] };
}
