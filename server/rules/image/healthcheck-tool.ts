import { msg } from "../../../engine/base/message.ts";
import { lacksTool, rootBase } from "../../lint/known-bases.ts";
import { defineRule } from "../../lint/rule.ts";
import { lastOwn } from "../../lint/start-command.ts";
import type { StageView } from "../../lint/views.ts";

export default defineRule({
  id: "image/healthcheck-tool",
  severity: "warning",
  summary: msg("The image does not have the program of this health check"),
  why: msg("A check whose program is missing always fails, and the container counts as unhealthy."),
  sameAs: [],
  fix: "none",
  sees: ["HEALTHCHECK", "COPY", "ADD", "RUN"],
  examples: [
    {
      bad: "FROM node:24-alpine\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\n#               ^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: 'FROM gcr.io/distroless/nodejs22\nHEALTHCHECK CMD ["wget", "-q", "http://localhost/"]\n#                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
    },
    {
      bad: "FROM python:3.13-slim AS a\nRUN pip install x\nFROM a\nHEALTHCHECK --interval=5s CMD curl localhost\n#                             ^^^^^^^^^^^^^^\n",
    },
  ],
  fine: [
    "FROM node:24-alpine\nRUN apk add --no-cache curl\nHEALTHCHECK CMD curl -f http://localhost/\n",
    "FROM node:24-alpine\nHEALTHCHECK CMD wget -q --spider http://localhost/\n",
    "FROM node:24\nHEALTHCHECK CMD curl -f http://localhost/\n",
    "FROM debian AS a\nRUN apt-get update && apt-get install -y $TOOLS\nFROM a\nHEALTHCHECK CMD curl x\n",
    "FROM alpine\nCOPY --from=tools /usr/bin/curl /usr/bin/\nHEALTHCHECK CMD curl x\n",
    "FROM alpine\nRUN ./setup.sh\nHEALTHCHECK CMD curl x\n",
  ],
  *stage(view) {
    const check = lastOwn(view, "HEALTHCHECK");
    if (!check || check.instruction.rest.text.trim() === "") return;
    const base = rootBase(view);
    for (const tool of ["curl", "wget"] as const) {
      const [command] = check.commands(tool);
      if (!command || !lacksTool(tool, base) || mayBring(view, tool)) continue;
      const hasWget = tool === "curl" && !lacksTool("wget", base);
      const image = base.resolved ?? "";
      yield {
        range: command.range,
        message: hasWget
          ? msg("{image} has no curl, so that this check always fails: install it, or use wget -q --spider", { image })
          : msg(
              "{image} has no {tool}, so that this check always fails: install it, or check with the program itself",
              {
                image,
                tool,
              },
            ),
      };
    }
  },
});

const installers =
  /^(?:apk|apt-get|apt|yum|dnf|microdnf|npm|pip|pip3|go|rm|mkdir|chmod|chown|adduser|addgroup|useradd|groupadd|yarn|pnpm|npx)$/;

/** Something may put it there: an installation that names it, a script, a copied program. In doubt: yes. */
function mayBring(view: StageView, tool: string): boolean {
  for (let stage: StageView | undefined = view; stage; stage = stage.parent) {
    if (
      stage
        .only("COPY", "ADD")
        .some(({ instruction }) => brings(instruction.rest.text, instruction.flags.length > 0, tool))
    )
      return true;
    const commands = stage.only("RUN").flatMap(({ script }) => script.commands);
    const isPlain = commands.every(
      ({ name, args }) => installers.test(name) && args.every(({ text }) => !text.includes(tool) && !/\$/.test(text)),
    );
    if (!isPlain || stage.only("RUN").some(({ script }) => !script.complete)) return true;
  }
  return false;
}

function brings(text: string, hasFlags: boolean, tool: string): boolean {
  return text.includes(tool) || (hasFlags && /\/(?:bin|sbin)?\/?\s*$/.test(text)) || text.includes("<<");
}
