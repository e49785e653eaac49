import { problemCodes } from "../../engine/analysis.ts";
import type { Dockerfile, Problem } from "../../engine/dockerfile/model.ts";
import { chosenSeverity } from "./config.ts";
import { Covered } from "./covered.ts";
import type { Finding, LintConfig, ShellCheckFindings } from "./finding.ts";
import { comparePositions } from "./fixes.ts";
import type { Plan } from "./plan.ts";
import { problems } from "./problem-names.ts";
import type { Results } from "./results.ts";
import type { Rule } from "./rule.ts";
import { type Ignorable, suppressionsOf, unusedRule } from "./suppressions.ts";
import { Twins } from "./twins.ts";

/** Puts together what a person sees: rules' findings, the parser's and ShellCheck's, less what is ignored or said already. */
export class Shown {
  readonly #ignorable: readonly Ignorable[];
  readonly #problems = new WeakMap<Problem, Finding>();
  readonly #chosen = new WeakMap<Finding, Finding>();

  constructor(rules: readonly Rule[]) {
    this.#ignorable = ignorableOf(rules);
  }

  of(
    dockerfile: Dockerfile,
    all: readonly Results[],
    plan: Plan,
    shellCheck: ShellCheckFindings | undefined,
  ): readonly Finding[] {
    const { honourIgnores } = plan.config;
    const suppressions = honourIgnores ? suppressionsOf(dockerfile, this.#ignorable) : undefined;
    const isShown = ({ rule, sameAs, range }: Finding) => !suppressions?.silences(rule, sameAs, range.start.line);
    const shown: Finding[] = [];
    const covered = new Covered();
    const twins = new Twins();
    for (const { findings, covers } of all) {
      for (const range of covers) covered.add(range);
      for (const finding of findings) {
        if (shellCheck) twins.add(finding);
        if (isShown(finding)) shown.push(finding);
      }
    }
    for (const problem of dockerfile.problems) {
      if (covered.has(problem.range.start)) continue;
      const finding = this.#ofProblem(problem, plan.config);
      if (finding && (finding.fatal || isShown(finding))) shown.push(finding);
    }
    for (const own of shellCheck?.findings ?? []) {
      const isSaid = twins.has(own) || covered.has(own.range.start);
      const finding = isSaid ? undefined : this.#ofShellCheck(own, plan.config);
      if (finding && isShown(finding)) shown.push(finding);
    }
    const unused = plan.severityOf(unusedRule);
    if (suppressions && unused !== "off") {
      const isOn = (id: string) => isProblem(id) || plan.severityOf(id) !== "off";
      shown.push(...suppressions.unused({ isOn, hasShellCheck: shellCheck?.isComplete ?? false, severity: unused }));
    }
    return shown.sort(
      (a, b) => comparePositions(a.range.start, b.range.start) || plan.orderOf(a.rule) - plan.orderOf(b.rule),
    );
  }

  /** With the severity that a person has chosen for it. */
  #ofShellCheck(finding: Finding, config: LintConfig): Finding | undefined {
    const severity = chosenSeverity({ id: finding.rule, sameAs: finding.sameAs }, config);
    if (severity === "off") return undefined;
    if (severity === undefined || severity === finding.severity) return finding;
    const known = this.#chosen.get(finding);
    if (known?.severity === severity) return known;
    const chosen = { ...finding, severity };
    this.#chosen.set(finding, chosen);
    return chosen;
  }

  #ofProblem(problem: Problem, config: LintConfig): Finding | undefined {
    const { code, message, range, fatal } = problem;
    const { severity: own, sameAs, why }: KnownProblem = isProblem(code) ? problemCodes[code] : unknownProblem;
    const chosen = chosenSeverity({ id: code, sameAs }, config);
    if (chosen === "off" && !fatal) return undefined;
    const severity = fatal ? "error" : ((chosen === "off" ? undefined : chosen) ?? own);
    const known = this.#problems.get(problem);
    if (known?.severity === severity) return known;
    const finding: Finding = { rule: code, severity, message, ...(why && { why }), range, sameAs, fatal };
    this.#problems.set(problem, finding);
    return finding;
  }
}

type KnownProblem = Pick<Finding, "severity" | "sameAs" | "why">;

const unknownProblem: KnownProblem = { severity: "warning", sameAs: [] };

function isProblem(code: string): code is keyof typeof problemCodes {
  return Object.hasOwn(problemCodes, code);
}

const ignorables = new WeakMap<readonly Rule[], readonly Ignorable[]>();

/** The same list for all documents: what follows from it is kept by it. */
function ignorableOf(rules: readonly Rule[]): readonly Ignorable[] {
  const ignorable = ignorables.get(rules) ?? [...rules, ...problems];
  ignorables.set(rules, ignorable);
  return ignorable;
}
