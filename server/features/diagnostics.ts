import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from "vscode-languageserver";
import type { Message } from "../../engine/base/message.ts";
import type { Analysis } from "../analysis.ts";
import { baseFindings } from "../base-diagnostics.ts";

export type Translate = (message: Message) => string;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

export function diagnostics(analysis: Analysis, translate: Translate): Diagnostic[] {
  const own = analysis.findings.map(
    ({ rule, severity, message, why, range }): Diagnostic => ({
      range,
      severity: severities[severity],
      code: rule,
      source: "drydock",
      // The first line is what a list shows; the reason is there for who looks closer.
      message: why ? `${translate(message)}\n${translate(why)}` : translate(message),
    }),
  );
  const base = baseFindings(analysis).map(
    ({ code, message, range, severity, isDeprecated }): Diagnostic => ({
      range,
      severity: severities[severity],
      code,
      source: "drydock",
      message: translate(message),
      ...(isDeprecated && { tags: [DiagnosticTag.Deprecated] }),
    }),
  );
  return [...own, ...base];
}
