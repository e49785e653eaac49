// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { isSecretName } from "../../lint/secrets.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "security/secret-in-file",
  severity: "warning",
  summary: msg("The secret is written into a file of the image"),
  why: msg(
    "A layer keeps its files for ever, also when a later step deletes them. Mount the file for the one command that needs it: RUN --mount=type=secret,id=npmrc,target=/root/.npmrc",
  ),
  sameAs: [],
  fix: "none",
  sees: ["echo", "printf", "cp", "install", "ENV", "ARG"],
  examples: [
    {
      bad: 'FROM node\nARG NPM_TOKEN\nRUN echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > .npmrc\n#                                          ^^^^^^^^^^\n',
    },
    { bad: "FROM node\nARG TOKEN\nRUN <<EOF\nprintf 'x=%s' ${TOKEN} >> /etc/a\n#             ^^^^^^^^\nEOF\n" },
    {
      bad: "FROM node\nRUN --mount=type=secret,id=t,env=API_TOKEN echo $API_TOKEN | tee /a\n#                                               ^^^^^^^^^^\n",
    },
    {
      bad: 'FROM node\nARG SSH_PRIVATE_KEY\nRUN mkdir ~/.ssh && \\\n  echo "$SSH_PRIVATE_KEY" > ~/.ssh/id_rsa\n#       ^^^^^^^^^^^^^^^^\nRUN rm ~/.ssh/id_rsa\n',
    },
    {
      bad: "FROM node\nRUN --mount=type=secret,id=t cp /run/secrets/t /app/t\n#                            ^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
  ],
  fine: [
    "FROM node\nARG NPM_TOKEN\nRUN echo $NPM_TOKEN > .npmrc && npm ci && rm -f .npmrc\n",
    "FROM node\nARG NPM_TOKEN\nRUN echo '//r/:_authToken=${NPM_TOKEN}' > .npmrc\n",
    'FROM node\nARG TOKEN\nRUN curl -H "A: $TOKEN" https://x > /a && echo $TOKEN > /dev/null\n',
    "FROM node\nRUN TOKEN=$(a) && echo $TOKEN > b\n",
    "FROM node\nRUN --mount=type=secret,id=t --mount=type=tmpfs,target=/s cp /run/secrets/t /s/t\n",
    "FROM node\nARG TOKEN\nRUN --mount=type=tmpfs,target=/s echo $TOKEN > /s/t\n",
  ],
  *stage(view) {
    for (const run of view.only("RUN")) {
      for (const command of run.script.commands) {
        if (command.name === "echo" || command.name === "printf") yield* written(view, run, command);
        else if (command.name === "cp" || command.name === "install") yield* copied(run, command);
      }
    }
  },
});

function* written(view: StageView, run: InstructionView, command: Command) {
  const { script, instruction, onbuild, mounts } = run;
  const target = fileOf(run, command);
  if (target === undefined || isTemporary(run, target)) return;
  for (const { raw, start } of command.args) {
    if (raw.startsWith("'")) continue;
    for (const match of raw.matchAll(/(?<!\\)\$(?:(\w+)|\{(\w+)\})/g)) {
      const name = match[1] ?? match[2] ?? "";
      const isGiven =
        view.variablesAt(onbuild ?? instruction).has(name) || mounts.some(({ fields }) => fields.get("env") === name);
      if (!isGiven || !isSecretName(name)) continue;
      const at = start + match.index;
      const message = msg("{name} is written into the file {file} of the image", { name, file: target });
      yield { range: script.rangeOf(at, at + match[0].length), message };
    }
  }
}

/** `> file`, or the file of a `tee` behind the pipe. */
function fileOf({ script }: InstructionView, { redirects, after, end }: Command): string | undefined {
  const redirect = redirects.find(({ operator }) => /^1?>>?\|?$/.test(operator));
  if (redirect) return redirect.target?.text;
  const next = after === "|" ? script.commands.find(({ start }) => start > end) : undefined;
  return next?.name === "tee" ? next.args.find(({ text }) => !text.startsWith("-"))?.text : undefined;
}

function* copied(run: InstructionView, command: Command) {
  const operands = command.args.filter(({ text }) => !text.startsWith("-"));
  const target = operands.at(-1)?.text;
  if (!target || operands.length < 2 || !operands[0]?.text.startsWith("/run/secrets/") || isTemporary(run, target))
    return;
  yield { range: command.range };
}

/** Deleted by the same RUN, or on a mount. */
function isTemporary({ script, mounts }: InstructionView, file: string): boolean {
  if (/^\/(?:dev|proc)\//.test(file)) return true;
  if (mounts.some(({ target, type }) => type !== "bind" && target && file.startsWith(`${target.replace(/\/+$/, "")}/`)))
    return true;
  return script.commands.some(
    ({ name, args }) =>
      /^(?:rm|shred)$/.test(name) &&
      args.some(({ text }) => text === file || file.startsWith(`${text.replace(/\/+$/, "")}/`)),
  );
}
