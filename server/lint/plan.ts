import { chosenSeverity, severityOf } from "./config.ts";
import type { Finding, LintConfig } from "./finding.ts";
import type { Marks } from "./marks.ts";
import type { Report, Rule, Severity } from "./rule.ts";

/** A rule that a configuration leaves on. */
export interface ActiveRule {
  readonly rule: Rule;
  finding(report: Report): Finding;
}

/** Which rules are asked what, for one configuration. */
export interface Plan {
  readonly config: LintConfig;
  /** Rules with an `instruction` check that takes this keyword. */
  forKeyword(keyword: string): RuleList;
  readonly forStages: RuleList;
  readonly forFile: RuleList;
  /** `off` for what is no rule. */
  severityOf(id: string): Severity | "off";
  /** Place in the list of rules; problems of the parser come last. */
  orderOf(id: string): number;
}

/** Rules that are asked the same thing. */
export class RuleList {
  readonly all: readonly ActiveRule[];
  readonly #always: readonly ActiveRule[];
  readonly #byMark = new Map<string, ActiveRule[]>();

  constructor(all: readonly ActiveRule[]) {
    this.all = all;
    this.#always = all.filter(({ rule }) => !rule.sees);
    for (const one of all) {
      for (const mark of one.rule.sees ?? []) {
        const known = this.#byMark.get(mark);
        if (known) known.push(one);
        else this.#byMark.set(mark, [one]);
      }
    }
  }

  /** Those that see an instruction with these marks. */
  seeing(marks: Marks): readonly ActiveRule[] {
    if (marks.size === 0) return nobody;
    const found = new Set(this.#always);
    for (const mark of marks) for (const one of this.#byMark.get(mark) ?? nobody) found.add(one);
    return [...found];
  }
}

const nobody: readonly ActiveRule[] = [];

const plans = new WeakMap<readonly Rule[], WeakMap<LintConfig, Plan>>();

/** The same plan for all documents with the same configuration. */
export function planOf(rules: readonly Rule[], config: LintConfig): Plan {
  const known = plans.get(rules) ?? new WeakMap<LintConfig, Plan>();
  plans.set(rules, known);
  const plan = known.get(config) ?? makePlan(rules, config);
  known.set(config, plan);
  return plan;
}

function makePlan(rules: readonly Rule[], config: LintConfig): Plan {
  const severities = new Map<string, Severity | "off">();
  const active = rules.flatMap((rule) => {
    const chosen = chosenSeverity(rule, config);
    const severity = severityOf(rule, config);
    severities.set(rule.id, severity);
    return severity === "off" ? [] : [activate(rule, severity, chosen !== undefined, config.preset === "learner")];
  });
  const byKeyword = new Map<string, RuleList>();
  const order = new Map(rules.map(({ id }, at) => [id, at]));
  return {
    config,
    forKeyword: (keyword) => {
      const known = byKeyword.get(keyword);
      if (known) return known;
      const found = new RuleList(
        active.filter(({ rule }) => rule.instruction && (rule.keywords?.includes(keyword) ?? true)),
      );
      // Misspelt keywords are as many as there are typos.
      if (byKeyword.size < 100) byKeyword.set(keyword, found);
      return found;
    },
    forStages: new RuleList(active.filter(({ rule }) => rule.stage)),
    forFile: new RuleList(active.filter(({ rule }) => rule.file)),
    severityOf: (id) => severities.get(id) ?? "off",
    orderOf: (id) => order.get(id) ?? rules.length,
  };
}

function activate(rule: Rule, severity: Severity, isChosen: boolean, explains: boolean): ActiveRule {
  return {
    rule,
    finding: ({ range, message, severity: own, fix, alternatives, related, tag }) => ({
      rule: rule.id,
      severity: isChosen ? severity : (own ?? severity),
      message: message ?? rule.summary,
      why: rule.why,
      ...(explains && rule.learn && { learn: rule.learn }),
      range,
      sameAs: rule.sameAs,
      ...(fix && rule.fix !== "none" && { fix: { ...fix, kind: rule.fix } }),
      ...(alternatives && { alternatives }),
      ...(related && { related }),
      ...(tag && { tag }),
    }),
  };
}
