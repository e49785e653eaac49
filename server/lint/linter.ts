import { problemCodes } from "../../engine/analysis.ts";
import type { Dockerfile, Instruction, Problem, Stage } from "../../engine/dockerfile/model.ts";
import type { Script } from "../shell/model.ts";
import { scriptOf } from "../shell/script.ts";
import { withCheckDirective } from "./check-directive.ts";
import { chosenSeverity } from "./config.ts";
import { Covered } from "./covered.ts";
import { InstructionViews, LazyFileView } from "./file-view.ts";
import {
  defaultLintConfig,
  type Finding,
  type LintConfig,
  type LintInput,
  type ShellCheckFindings,
} from "./finding.ts";
import { comparePositions } from "./fixes.ts";
import { type ActiveRule, type Plan, planOf } from "./plan.ts";
import { problems } from "./problem-names.ts";
import { unknownProject } from "./project-unknown.ts";
import { movedTo, noResults, type Results } from "./results.ts";
import type { Report, Rule } from "./rule.ts";
import { linuxShell, type ShellInEffect } from "./shell-in-effect.ts";
import { kept, stageBody, stageKey } from "./stage-key.ts";
import { ScriptLists, type StageScripts } from "./stage-scripts.ts";
import type { LazyStageView } from "./stage-view.ts";
import { type Ignorable, suppressionsOf, unusedRule } from "./suppressions.ts";
import { Twins } from "./twins.ts";
import type { ProjectView } from "./views.ts";

export type OnRuleError = (ruleId: string, error: unknown) => void;

/** What one call of `check` had to do; the rest was known. */
export interface Work {
  instructions: number;
  stages: number;
  scripts: number;
}

interface KnownInstruction {
  readonly shell: ShellInEffect;
  readonly results: Results;
}

/** What was said of the instructions of a stage. */
interface KnownInside {
  readonly shell: ShellInEffect;
  readonly comments: string;
  readonly results: readonly Results[];
}

interface KnownStage {
  readonly stage: Stage;
  readonly body: readonly unknown[];
  readonly key: readonly unknown[];
  readonly results: Results;
}

const nothingSaid = noResults(0);

/**
 * Checks the versions of one document. What an instruction's checks said is kept by the text of the instruction and the
 * shell that holds for it; what a stage's checks said, until something changes that a StageView shows.
 */
export class Linter {
  /** What the last check found; of an older version, perhaps. */
  last: readonly Finding[] | undefined;
  readonly work: Work = { instructions: 0, stages: 0, scripts: 0 };
  readonly #rules: readonly Rule[];
  readonly #ignorable: readonly Ignorable[];
  readonly #onError: OnRuleError;
  #plan: Plan | undefined;
  #views: InstructionViews | undefined;
  #text = "";
  #byContent = new WeakMap<object, KnownInstruction>();
  #byInstruction = new WeakMap<Instruction, KnownInstruction>();
  #byStage = new WeakMap<Stage, KnownInside>();
  #stages: readonly KnownStage[] = [];
  /** Of the version that was asked about last. */
  #file: LazyFileView | undefined;
  #scripts = new ScriptLists();
  #globals: readonly unknown[] = [];

  constructor(rules: readonly Rule[], onError: OnRuleError = () => {}) {
    this.#rules = rules;
    this.#ignorable = ignorableOf(rules);
    this.#onError = onError;
  }

  /** All findings in file order; those that were there before, at the same place, are the same objects. */
  check(
    dockerfile: Dockerfile,
    { config = defaultLintConfig, project = unknownProject, shellCheck }: LintInput = {},
  ): readonly Finding[] {
    Object.assign(this.work, { instructions: 0, stages: 0, scripts: 0 });
    const plan = this.#planFor(withCheckDirective(config, dockerfile, this.#rules));
    const file = this.#viewOf(dockerfile, config, project);
    const all: Results[] = [...this.#aboveStages(file, plan)];
    for (const view of file.stages) all.push(...this.#insideStage(view, file, plan));
    all.push(...this.#ofStages(file, plan), this.#ask(plan.forFile, "file", file, 0));
    this.last = this.#assemble(dockerfile, all, plan, shellCheck);
    return this.last;
  }

  /** What ShellCheck is asked about: a list for each stage, the same one as long as its stage has not changed. */
  scripts(
    dockerfile: Dockerfile,
    { config = defaultLintConfig, project = unknownProject }: LintInput = {},
  ): readonly StageScripts[] {
    return this.#scripts.of(this.#viewOf(dockerfile, config, project));
  }

  /** What rules see of a version, for features that ask about it. */
  view(dockerfile: Dockerfile, { config = defaultLintConfig, project = unknownProject }: LintInput = {}): LazyFileView {
    return this.#viewOf(dockerfile, config, project);
  }

  #viewOf(dockerfile: Dockerfile, config: LintConfig, project: ProjectView): LazyFileView {
    const views = this.#viewsFor(dockerfile, config);
    const known = this.#file;
    if (known?.dockerfile === dockerfile && known.project === project && known.views === views) return known;
    this.#text = dockerfile.text;
    this.#file = new LazyFileView(dockerfile, project, views, known);
    return this.#file;
  }

  #planFor(config: LintConfig): Plan {
    if (this.#plan?.config === config) return this.#plan;
    this.#plan = planOf(this.#rules, config);
    this.forget();
    return this.#plan;
  }

  #viewsFor(dockerfile: Dockerfile, { options }: LintConfig): InstructionViews {
    if (this.#views?.escape === dockerfile.escape && this.#views.options === options) return this.#views;
    this.forget();
    this.#views = new InstructionViews({
      escape: dockerfile.escape,
      options,
      scriptOf: (instruction, shell) => this.#script(instruction, shell),
    });
    return this.#views;
  }

  /** Everything is asked again: a grammar has come. */
  forget(): void {
    this.#views = undefined;
    this.#file = undefined;
    this.#scripts = new ScriptLists();
    this.#byContent = new WeakMap();
    this.#byInstruction = new WeakMap();
    this.#byStage = new WeakMap();
    this.#stages = [];
  }

  #script(instruction: Instruction, shell: ShellInEffect): Script {
    this.work.scripts += 1;
    const { escape: escapeCharacter = "\\" } = this.#views ?? {};
    return scriptOf(instruction, { shell, escape: escapeCharacter, text: this.#text });
  }

  #aboveStages(file: LazyFileView, plan: Plan): readonly Results[] {
    const { instructions, stages } = file.dockerfile;
    const count = stages[0] ? instructions.indexOf(stages[0].from) : instructions.length;
    return instructions.slice(0, count).map((one) => this.#ofInstruction(one, linuxShell, file, plan));
  }

  /** A stage that is the same object is not looked into. */
  #insideStage(view: LazyStageView, file: LazyFileView, plan: Plan): readonly Results[] {
    const { stage } = view;
    const shell = view.shellBefore(0);
    const known = this.#byStage.get(stage);
    if (known?.shell === shell && known.comments === file.shellComments) return known.results;
    const results = [this.#ofInstruction(stage.from, shell, file, plan)];
    stage.instructions.forEach((instruction, at) => {
      results.push(this.#ofInstruction(instruction, view.shellBefore(at), file, plan));
    });
    const some = results.filter(({ findings, covers }) => findings.length > 0 || covers.length > 0);
    this.#byStage.set(stage, { shell, comments: file.shellComments, results: some });
    return some;
  }

  #ofInstruction(instruction: Instruction, shell: ShellInEffect, file: LazyFileView, plan: Plan): Results {
    const { keyword, trigger } = instruction;
    const own = plan.forKeyword(keyword);
    const triggered = trigger ? plan.forKeyword(trigger.keyword) : [];
    if (own.length === 0 && triggered.length === 0) return nothingSaid;
    const placed = this.#byInstruction.get(instruction);
    if (placed?.shell === shell) return placed.results;
    const { line } = instruction.range.start;
    const { content } = instruction;
    const known = this.#byContent.get(content);
    let results: Results;
    if (known?.shell === shell) {
      results = movedTo(known.results, line);
    } else {
      this.work.instructions += 1;
      results = this.#ask(own, "instruction", file.viewOf(instruction, shell), line);
      if (trigger) {
        const more = this.#ask(triggered, "instruction", file.viewOf(trigger, shell, instruction), line);
        results = {
          line,
          findings: [...results.findings, ...more.findings],
          covers: [...results.covers, ...more.covers],
        };
      }
      this.#byContent.set(content, { shell, results });
    }
    this.#byInstruction.set(instruction, { shell, results });
    return results;
  }

  #ofStages(file: LazyFileView, plan: Plan): readonly Results[] {
    if (plan.forStages.length === 0) return [];
    const before = this.#stages;
    const now: KnownStage[] = [];
    // Only the values of ARGs above all stages are seen from inside one; their places are not.
    this.#globals = kept(
      this.#globals,
      file.dockerfile.globalArgs.map(({ content }) => content),
    );
    for (const view of file.stages) now.push(this.#ofStage(view, before[view.index], now, plan));
    this.#stages = now;
    return now.map(({ results }) => results);
  }

  #ofStage(view: LazyStageView, before: KnownStage | undefined, above: readonly KnownStage[], plan: Plan): KnownStage {
    const { stage } = view;
    const { line } = stage.from.range.start;
    const parent = view.parent && above[view.parent.index];
    const parentDistance = parent ? line - parent.results.line : 0;
    const body = before?.stage === stage ? before.body : kept(before?.body, stageBody(stage));
    const now = stageKey(view, { body, globals: this.#globals, parent: parent?.key, parentDistance });
    const key = kept(before?.key, now);
    if (before && key === before.key) return { stage, body, key, results: movedTo(before.results, line) };
    this.work.stages += 1;
    return { stage, body, key, results: this.#ask(plan.forStages, "stage", view, line) };
  }

  /** A check that throws is left out. */
  #ask<S extends "instruction" | "stage" | "file">(
    rules: readonly ActiveRule[],
    scope: S,
    view: Parameters<NonNullable<Rule[S]>>[0],
    line: number,
  ): Results {
    if (rules.length === 0) return noResults(line);
    const findings: Finding[] = [];
    const covers: Report["range"][] = [];
    for (const { rule, finding } of rules) {
      const check = rule[scope] as ((view: unknown) => Iterable<Report>) | undefined;
      const found = findings.length;
      const covered = covers.length;
      try {
        for (const report of check?.(view) ?? []) {
          findings.push(finding(report));
          if (report.covers) covers.push(report.covers);
        }
      } catch (error) {
        findings.length = found;
        covers.length = covered;
        this.#onError(rule.id, error);
      }
    }
    return { line, findings, covers };
  }

  #assemble(
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

  readonly #problems = new WeakMap<Problem, Finding>();
  readonly #chosen = new WeakMap<Finding, Finding>();

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
