import { msg } from "../../../engine/base/message.ts";
import { execForm } from "../../lint/exec-form.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import { commandRange, inEffect, lastOwn } from "../../lint/start-command.ts";
import type { InstructionView } from "../../lint/views.ts";

export default defineRule({
  id: "image/entrypoint-and-cmd",
  severity: "warning",
  summary: msg("ENTRYPOINT and CMD do not fit together as they are written"),
  why: msg(
    "CMD's words are put behind those of ENTRYPOINT. A shell around one of the two gets in between: write both as JSON lists.",
  ),
  learn: msg(
    'ENTRYPOINT ["python"] with CMD ["app.py"] starts python app.py. Without brackets a line means /bin/sh -c "line", and these words are put there too.',
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["CMD", "ENTRYPOINT"],
  examples: [
    { bad: 'FROM node\nENTRYPOINT node server.js\nCMD ["--port", "80"]\n#   ^^^^^^^^^^^^^^^^\n' },
    { bad: "FROM node AS a\nENTRYPOINT run.sh\nFROM a\nCMD start\n#   ^^^^^\n" },
    {
      bad: 'FROM python\nENTRYPOINT ["python"]\nCMD app.py\n#   ^^^^^^\n',
      good: 'FROM python\nENTRYPOINT ["python"]\nCMD ["app.py"]\n',
    },
    { bad: 'FROM node\nENTRYPOINT ["npm", "run"]\nCMD start $X\n#   ^^^^^^^^\n' },
  ],
  fine: [
    'FROM node\nENTRYPOINT ["node"]\nCMD ["server.js"]\n',
    'FROM node\nENTRYPOINT exec node server.js "$@"\nCMD ["--port"]\nENTRYPOINT run $0 $*\n',
    'FROM node\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD node server.js\n',
    'FROM node\nENTRYPOINT ["tini", "--"]\nCMD node server.js\n',
    "FROM node\nENTRYPOINT node server.js\nCMD []\n",
    "FROM node\nENTRYPOINT []\nCMD node server.js\n",
  ],
  *stage(view) {
    const cmd = inEffect(view, "CMD");
    const entrypoint = inEffect(view, "ENTRYPOINT");
    if (!cmd || !entrypoint || cmd.instruction.rest.text.trim() === "" || cmd.instruction.json?.length === 0) return;
    const own = [lastOwn(view, "CMD"), lastOwn(view, "ENTRYPOINT")];
    // An ENTRYPOINT drops a CMD that is only inherited; what the stages above have was told there.
    if (!own.includes(cmd)) return;
    const range = commandRange(cmd.instruction);
    const related = [{ range: entrypoint.instruction.range, message: msg("The ENTRYPOINT") }];
    if (!entrypoint.instruction.json) {
      const { text } = entrypoint.instruction.rest;
      if (text.trim() === "" || /\$(?:[@*0-9]|\{[@*0-9])/.test(text)) return;
      yield {
        range,
        related,
        message: msg("ENTRYPOINT without a JSON list starts a shell that leaves these words of CMD out"),
      };
    } else if (!cmd.instruction.json && isProgram(entrypoint)) {
      const [command] = cmd.script.commands;
      const list = cmd.script.plain && command ? execForm(command) : undefined;
      const program = entrypoint.instruction.json[0]?.value ?? "";
      yield {
        range,
        related,
        message: msg("{program} gets the words /bin/sh, -c and this line as its arguments", { program }),
        ...(list && { fix: { title: msg("Write it as a JSON list"), edits: [replace(range, list)] } }),
      };
    }
  },
});

const programs =
  /^(?:python(?:[23](?:\.\d+)?)?|node|nodejs|java|npm|npx|yarn|pnpm|bun|deno|gunicorn|uvicorn|flask|dotnet|php|ruby|perl|go|cargo|bundle|rails|nginx|curl|git)$/;

/** Takes arguments for itself, so that it is no script that starts them as a command. */
function isProgram({ instruction: { json = [] } }: InstructionView): boolean {
  const [program = "", ...args] = json.map(({ value }) => value);
  return programs.test(program.replace(/^.*\//, "")) && args.every((arg) => arg !== "exec" && !/^-\w*[ce]$/.test(arg));
}
