import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from "vscode-languageserver";
import type { Message } from "../../engine/base/message.ts";
import type { Analysis } from "../analysis.ts";
import type { Finding } from "../lint/finding.ts";
import { pageAddress } from "../rules/pages.ts";

export type Translate = (message: Message) => string;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

const tags = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;

/** VS Code shows no more of one file; the rest would only be carried around. */
const mostShown = 1000;

/** By who translates: findings that did not change keep their diagnostic. */
const known = new WeakMap<Translate, WeakMap<Finding, Diagnostic>>();

/** `pages`: the address under which the client shows pages of rules; always the same for one `translate`. */
export function diagnostics(analysis: Analysis, translate: Translate, pages?: string): Diagnostic[] {
  const made = known.get(translate) ?? new WeakMap<Finding, Diagnostic>();
  known.set(translate, made);
  const all = analysis.findings.map((finding) => {
    const diagnostic = made.get(finding) ?? ofFinding(finding, { uri: analysis.uri, translate, pages });
    made.set(finding, diagnostic);
    return diagnostic;
  });
  return all.length <= mostShown ? all : mostSerious(all);
}

interface Surroundings {
  readonly uri: string;
  readonly translate: Translate;
  readonly pages: string | undefined;
}

function mostSerious(all: readonly Diagnostic[]): Diagnostic[] {
  const levels: Diagnostic[][] = [[], [], [], [], []];
  for (const diagnostic of all) levels[diagnostic.severity ?? 0]?.push(diagnostic);
  return levels.flat().slice(0, mostShown);
}

function ofFinding(finding: Finding, { uri, translate, pages }: Surroundings): Diagnostic {
  const href = pageAddress(finding.rule, pages);
  const { rule, severity, message, why, learn, range, related, tag } = finding;
  return {
    range,
    severity: severities[severity],
    code: rule,
    ...(href && { codeDescription: { href } }),
    source: "drydock",
    // The first line is what a list shows; the reason is there for who looks closer.
    message: [message, why, learn].flatMap((text) => (text ? translate(text) : [])).join("\n"),
    ...(tag && { tags: [tags[tag]] }),
    ...(related && {
      relatedInformation: related.map((one) => ({
        location: { uri, range: one.range },
        message: translate(one.message),
      })),
    }),
  };
}
