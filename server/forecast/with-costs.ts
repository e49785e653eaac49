import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver";
import type { Message } from "../../engine/base/message.ts";
import { type Advice, costRules, severityBy } from "./advice.ts";

const severities = {
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

interface Weighing {
  readonly advice: readonly Advice[];
  /** A person has said how serious the rule is. */
  isChosen(rule: string): boolean;
  readonly translate: (message: Message) => string;
}

/** What a finding is worth, under its words; as serious as it is worth, unless a person has said how serious it is. */
export function withCosts(diagnostics: Diagnostic[], { advice, isChosen, translate }: Weighing): Diagnostic[] {
  if (advice.length === 0) return diagnostics;
  return diagnostics.map((diagnostic) => {
    const rule = String(diagnostic.code);
    if (!costRules.has(rule)) return diagnostic;
    const { start } = diagnostic.range;
    const found = advice.find(
      (one) =>
        one.rule === rule && one.range.start.line === start.line && one.range.start.character === start.character,
    );
    if (!found) return diagnostic;
    const level = isChosen(rule) ? undefined : severityBy(found);
    const { words } = found;
    return {
      ...diagnostic,
      ...(level ? { severity: severities[level] } : {}),
      message: words ? `${diagnostic.message}\n${translate(words)}` : diagnostic.message,
    };
  });
}
