import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Dockerfile, Problem } from "../../engine/dockerfile/model.ts";
import { gatherFacts } from "./facts.ts";
import { comparePositions, contains } from "./fixes.ts";
import type { Fix, Rule, Severity } from "./rule.ts";
import { suppressions } from "./suppressions.ts";

/** Something to tell a person about a place in a Dockerfile: a rule's report or a problem of the parser. */
export interface Finding {
  /** A rule's id or the parser's code; `# drydock ignore=` takes both. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: Message;
  readonly why?: Message;
  readonly range: Range;
  readonly fix?: Fix & { readonly kind: "safe" | "suggestion" };
}

export interface LintOptions {
  /** Names in the Dockerfile's folder, when they are known. */
  readonly files?: readonly string[] | undefined;
  /** A person's choice, by rule id. */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
}

/** All findings in file order. Pure. */
export function runRules(
  dockerfile: Dockerfile,
  rules: readonly Rule[],
  options: LintOptions = {},
): readonly Finding[] {
  const facts = gatherFacts(dockerfile, options.files);
  const isSuppressed = suppressions(dockerfile, rules);
  const findings: Finding[] = [];
  const covered: Range[] = [];
  for (const rule of rules) {
    const chosen = options.severities?.[rule.id];
    if (chosen === "off") continue;
    for (const report of rule.check({ dockerfile, facts })) {
      if (report.covers) covered.push(report.covers);
      if (isSuppressed(rule.id, report.range.start.line)) continue;
      findings.push({
        rule: rule.id,
        severity: chosen ?? report.severity ?? rule.severity,
        message: report.message ?? rule.summary,
        why: rule.why,
        range: report.range,
        ...(report.fix && { fix: { ...report.fix, kind: rule.fix } }),
      });
    }
  }
  for (const problem of dockerfile.problems) {
    const chosen = options.severities?.[problem.code];
    if (chosen === "off" || covered.some((range) => contains(range, problem.range.start))) continue;
    if (!problem.fatal && isSuppressed(problem.code, problem.range.start.line)) continue;
    findings.push(fromProblem(problem, chosen));
  }
  return findings.sort((a, b) => comparePositions(a.range.start, b.range.start));
}

function fromProblem({ code, message, range, fatal }: Problem, chosen: Severity | undefined): Finding {
  return { rule: code, severity: chosen ?? (fatal ? "error" : "warning"), message, range };
}
