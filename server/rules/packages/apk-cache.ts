import { msg } from "../../../engine/base/message.ts";
import { cleanWhy, hasMountOn, isRemovedAfter, isShipped } from "../../lint/cleanups.ts";
import { replace } from "../../lint/fixes.ts";
import { addWord, apk, callsIn, said, wordsOf } from "../../lint/packages.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

const folders = ["/var/cache/apk", "/etc/apk/cache"];

export default defineRule({
  id: "packages/apk-cache",
  severity: "info",
  summary: msg("apk without --no-cache leaves its package index in the image"),
  why: cleanWhy(),
  note: msg(
    "Deleting /var/cache/apk in the same RUN does the same and is left alone, as are stages that are thrown away.",
  ),
  sameAs: ["hadolint:DL3019"],
  fix: "safe",
  sees: ["apk", "ENV", "ARG"],
  examples: [
    { bad: "FROM alpine\nRUN apk add curl\n#   ^^^^^^^\n", good: "FROM alpine\nRUN apk add --no-cache curl\n" },
    {
      bad: "FROM alpine\nRUN apk update \\\n && apk add \\\n#   ^^^^^^^\n    curl\n",
      good: "FROM alpine\nRUN apk add --no-cache \\\n    curl\n",
    },
    {
      bad: "FROM alpine\nRUN apk add --update curl && apk -U add git\n#   ^^^^^^^\n#                            ^^^^^^^^^^\n",
      good: "FROM alpine\nRUN apk add --no-cache curl && apk --no-cache add git\n",
    },
    {
      bad: "FROM alpine\nRUN apk update && apk add curl && apk add git\n#                 ^^^^^^^\n#                                 ^^^^^^^\nRUN apk update && apk upgrade && apk add jq\n#                                ^^^^^^^\n",
      good: "FROM alpine\nRUN apk update && apk add --no-cache curl && apk add --no-cache git\nRUN apk update && apk upgrade && apk add --no-cache jq\n",
    },
    {
      bad: 'FROM alpine\nONBUILD RUN ["apk", "add", "curl"]\n#            ^^^^^^^^^^^^\n',
      good: 'FROM alpine\nONBUILD RUN ["apk", "add", "--no-cache", "curl"]\n',
    },
  ],
  fine: [
    "FROM alpine\nRUN apk add --no-network --virtual .deps $DEPS\n",
    "FROM alpine\nARG OPTS='-q --no-cache'\nRUN apk add $OPTS curl && apk $OPTS add git\n",
    "FROM alpine\nRUN apk --no-cache add curl\n",
    "FROM alpine\nRUN --mount=type=cache,target=/var/cache/apk apk add curl\n",
    "FROM alpine\nRUN --mount=type=cache,target=/etc/apk/cache apk add -U curl\n",
    "FROM alpine\nRUN apk add --update curl && rm -rf /var/cache/apk/*\n",
    "FROM alpine AS build\nRUN apk add gcc\nFROM scratch\nCOPY --from=build /app /app\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    for (const view of stage.only("RUN")) {
      if (folders.some((folder) => hasMountOn(view, folder))) continue;
      const calls = callsIn(stage, view, apk, ["add"]);
      const last = calls.at(-1);
      if (!last || isRemovedAfter(view, last.command, folders)) continue;
      for (const call of calls) {
        const { command, verb } = call;
        if (said(call, "--no-cache", "--no-network")) continue;
        const update = command.args.find(({ raw }) => raw === "--update" || raw === "-U" || raw === "--update-cache");
        yield {
          range: wordsOf(command, verb),
          fix: {
            title: msg("Add {flag}", { flag: "--no-cache" }),
            edits: [
              update ? replace(update.range, "--no-cache") : addWord(view, verb, "--no-cache"),
              ...withoutUpdate(stage, view, command),
            ],
          },
        };
      }
    }
  },
});

/** The index that `apk update` fetches stays too; with --no-cache it is of no use, when nothing else of the stages reads it. */
function withoutUpdate(stage: StageView, { script }: InstructionView, command: Command): readonly TextEdit[] {
  const all = stage.commands("apk");
  const update = script.commands[script.commands.indexOf(command) - 1];
  if (update?.text !== "apk update" || update.after !== "&&" || command.before !== "&&") return [];
  if (all.length !== 2 || stage.isBase || update.context !== "top" || update.nested) return [];
  const range = script.rangeOf(update.wholeStart, command.wholeStart);
  // A comment between the two stays.
  return range.end.line - range.start.line > 1 ? [] : [replace(range, "")];
}
