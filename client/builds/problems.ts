import * as vscode from "vscode";
import type { BuildEvent } from "../../engine/base/build-events.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { errorText } from "../ui/ui.ts";
import { adviceFor } from "./known-failures.ts";

type Failure = Extract<BuildEvent, { readonly type: "failed" }>;

/** Problems of the last build of each Dockerfile. Made with the first build. */
let problems: vscode.DiagnosticCollection | undefined;

export function forgetProblems(file: vscode.Uri): void {
  problems ??= vscode.languages.createDiagnosticCollection("drydock-build");
  problems.delete(file);
}

/** Into Problems, with the last words of the step, and as a notification. `lastLines`: of the step's output. */
export function showFailure(
  services: Services,
  file: vscode.Uri,
  { error }: Failure,
  lastLines: readonly string[],
  showLog: () => void,
): void {
  const details = error.drydock ?? { code: "internal" as const, message: msg("{text}", { text: error.message }) };
  const advice = adviceFor(lastLines.join("\n"));
  if (details.range) {
    const { start, end } = details.range;
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    const said = errorText(new EngineError(details));
    // Our engine's error ends with the last output already.
    const output = said.includes(lastLines.at(-1) ?? "") ? [] : lastLines.slice(-8);
    const text = [said, ...(advice ? [t(advice)] : []), ...output].join("\n");
    const problem = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Error);
    problem.source = "drydock build";
    problem.code = details.code;
    problems?.set(file, [problem]);
  }
  const show = { label: msg("Show Log"), run: showLog };
  const go = details.range && {
    label: msg("Go to Line"),
    run: () => {
      const start = details.range?.start ?? { line: 0, character: 0 };
      const selection = new vscode.Range(start.line, start.character, start.line, start.character);
      return vscode.window.showTextDocument(file, { selection });
    },
  };
  const { action: _, ...rest } = details;
  const shown = advice ? { ...rest, hint: advice } : rest;
  services.ui.error(new EngineError(shown), ...(go ? [go, show] : [show]));
}
