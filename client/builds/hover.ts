import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { formatAge, formatDuration } from "../ui/format.ts";
import { wholeReason } from "../ui/miss-cause.ts";
import { t } from "../ui/text.ts";

/** On the keyword of a step: what its last build here did, and why it was done again. */
export function registerBuildHover(context: vscode.ExtensionContext, { builds }: Services): void {
  context.subscriptions.push(
    vscode.languages.registerHoverProvider(
      { language: "dockerfile", scheme: "file" },
      {
        provideHover(document, position) {
          const word = document.getWordRangeAtPosition(position, /^[ \t]*[A-Za-z]+/);
          const run = builds.list.find(({ file, state }) => state !== "running" && file === document.uri.toString());
          const line = document.lineAt(position.line).text;
          const one = run?.steps.find(({ step }) => step.range.start.line === position.line);
          // Lines move while a person edits: only what is still the same instruction is spoken of.
          if (!word || !run || !one || !line.trim().startsWith(one.step.text.split("\n")[0]?.slice(0, 20) ?? "\0")) {
            return undefined;
          }
          const age = t(formatAge(run.startedAt, Date.now()));
          const { state, cause, durationMs } = one;
          if (state === "reused") return new vscode.Hover(t(msg("**Last build** ({age}): reused.", { age })), word);
          if (state === "failed")
            return new vscode.Hover(t(msg("**Last build** ({age}): failed here.", { age })), word);
          if (state !== "done" || durationMs === undefined) return undefined;
          const done = t(
            msg("**Last build** ({age}): done in {duration}.", { age, duration: formatDuration(durationMs) }),
          );
          const lineOf = (id: number) => {
            const before = run.steps.find(({ step }) => step.id === id);
            return before && before.step.range.start.line + 1;
          };
          const reason = cause && wholeReason(cause, lineOf);
          return new vscode.Hover(reason ? `${done} ${t(msg("Why: {reason}.", { reason: t(reason) }))}` : done, word);
        },
      },
    ),
  );
}
