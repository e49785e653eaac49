import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";
import type { Script } from "../shell/model.ts";
import { scriptOf } from "../shell/script.ts";
import { type Changes, changesIn, changesInFile, together } from "./changes.ts";
import { withCheckDirective } from "./check-directive.ts";
import { InstructionViews, LazyFileView } from "./file-view.ts";
import { defaultLintConfig, type Finding, type LintConfig, type LintInput } from "./finding.ts";
import { type Marks, marksOf, noMarks } from "./marks.ts";
import { type ActiveRule, type Plan, planOf, type RuleList } from "./plan.ts";
import { unknownProject } from "./project-unknown.ts";
import { joined, movedTo, noResults, type Results } from "./results.ts";
import type { Report, Rule } from "./rule.ts";
import { linuxShell, type ShellInEffect } from "./shell-in-effect.ts";
import { Shown } from "./shown.ts";
import { kept, surroundingsOf } from "./stage-key.ts";
import { ScriptLists, type StageScripts } from "./stage-scripts.ts";
import type { LazyStageView } from "./stage-view.ts";
import type { InstructionView, ProjectView } from "./views.ts";

export type OnRuleError = (ruleId: string, error: unknown) => void;

/** What one call of `check` had to do; the rest was known. */
export interface Work {
  instructions: number;
  stages: number;
  scripts: number;
  /** Checks that were asked something. */
  rules: number;
}

interface KnownInstruction {
  readonly shell: ShellInEffect;
  readonly results: Results;
}

interface KnownContent extends KnownInstruction {
  readonly marks: Marks | undefined;
}

/** What was said of the instructions of a stage. */
interface KnownInside {
  readonly shell: ShellInEffect;
  readonly comments: string;
  readonly results: readonly Results[];
}

interface KnownStage {
  readonly view: LazyStageView;
  readonly stage: Stage;
  readonly line: number;
  readonly around: readonly unknown[];
  /** Since the version before, the stages above included. */
  readonly changes: Changes;
  /** Of its own instructions, when it stands where it stood. */
  readonly placed: Changes;
  readonly answers: readonly Answer[];
}

/** What one rule said of a stage or the file; nothing is no answer. */
interface Answer {
  readonly active: ActiveRule;
  readonly results: Results;
}

/** What was looked at last. */
interface KnownFile {
  readonly dockerfile: Dockerfile;
  readonly project: ProjectView;
  readonly answers: readonly Answer[];
}

/**
 * Checks the versions of one document. What an instruction's checks said is kept by the text of the instruction and the
 * shell that holds for it; what a stage's checks said, until something changes that a StageView shows.
 */
export class Linter {
  /** What the last check found; of an older version, perhaps. */
  last: readonly Finding[] | undefined;
  readonly work: Work = { instructions: 0, stages: 0, scripts: 0, rules: 0 };
  readonly #rules: readonly Rule[];
  readonly #shown: Shown;
  readonly #onError: OnRuleError;
  #plan: Plan | undefined;
  #views: InstructionViews | undefined;
  #text = "";
  #byContent = new WeakMap<object, KnownContent>();
  #byInstruction = new WeakMap<Instruction, KnownInstruction>();
  #byStage = new WeakMap<Stage, KnownInside>();
  #stages: readonly KnownStage[] = [];
  /** Of the version that was asked about last. */
  #file: LazyFileView | undefined;
  #last: KnownFile | undefined;
  #scripts = new ScriptLists();
  #globals: readonly unknown[] = [];
  /** What all stages see of the file. */
  #seen: readonly unknown[] | undefined;

  constructor(rules: readonly Rule[], onError: OnRuleError = () => {}) {
    this.#rules = rules;
    this.#shown = new Shown(rules);
    this.#onError = onError;
  }

  /** All findings in file order; those that were there before, at the same place, are the same objects. */
  check(
    dockerfile: Dockerfile,
    { config = defaultLintConfig, project = unknownProject, shellCheck }: LintInput = {},
  ): readonly Finding[] {
    Object.assign(this.work, { instructions: 0, stages: 0, scripts: 0, rules: 0 });
    const plan = this.#planFor(withCheckDirective(config, dockerfile, this.#rules));
    const file = this.#viewOf(dockerfile, config, project);
    const all: Results[] = [...this.#aboveStages(file, plan)];
    for (const view of file.stages) for (const results of this.#insideStage(view, file, plan)) all.push(results);
    for (const { answers } of this.#ofStages(file, plan)) for (const { results } of answers) all.push(results);
    for (const { results } of this.#ofFile(file, plan)) all.push(results);
    this.last = this.#shown.of(dockerfile, all, plan, shellCheck);
    return this.last;
  }

  /** What ShellCheck is asked about: a list for each stage, the same one as long as its stage has not changed. */
  scripts(
    dockerfile: Dockerfile,
    { config = defaultLintConfig, project = unknownProject }: LintInput = {},
  ): readonly StageScripts[] {
    return this.#scripts.of(this.#viewOf(dockerfile, config, project));
  }

  /** Reads the scripts that are new, as a check does, but asks no rule: whether their grammar is there is known then. */
  readScripts(dockerfile: Dockerfile, { config = defaultLintConfig, project = unknownProject }: LintInput = {}): void {
    const file = this.#viewOf(dockerfile, config, project);
    for (const view of file.stages) {
      if (this.#byStage.has(view.stage)) continue;
      view.stage.instructions.forEach((instruction, at) => {
        const shell = view.shellBefore(at);
        if (this.#byContent.get(instruction.content)?.shell === shell) return;
        const { trigger } = instruction;
        void file.viewOf(instruction, shell).script;
        if (trigger) void file.viewOf(trigger, shell, instruction).script;
      });
    }
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
    this.#last = undefined;
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
    const placed = this.#byInstruction.get(instruction);
    if (placed?.shell === shell) return placed.results;
    const { line } = instruction.range.start;
    const { content } = instruction;
    const known = this.#byContent.get(content);
    if (known?.shell === shell) {
      const results = movedTo(known.results, line);
      this.#byInstruction.set(instruction, { shell, results });
      return results;
    }
    this.work.instructions += 1;
    const { keyword, trigger } = instruction;
    const view = file.viewOf(instruction, shell);
    const behind = trigger && file.viewOf(trigger, shell, instruction);
    const marks = this.#marksOf(view, behind);
    const ask = (rules: RuleList, one: InstructionView) =>
      this.#ask(marks ? rules.seeing(marks) : rules.all, "instruction", one, line);
    let results = ask(plan.forKeyword(keyword), view);
    if (behind) results = joined(results, ask(plan.forKeyword(behind.keyword), behind));
    this.#byContent.set(content, { shell, results, marks });
    this.#byInstruction.set(instruction, { shell, results });
    return results;
  }

  /** Undefined when the script cannot be read: whoever asks about it says so. */
  #marksOf(view: InstructionView, trigger: InstructionView | undefined): Marks | undefined {
    try {
      return marksOf(view, trigger);
    } catch {
      return undefined;
    }
  }

  #ofStages(file: LazyFileView, plan: Plan): readonly KnownStage[] {
    const before = this.#stages;
    const now: KnownStage[] = [];
    // Only the values of ARGs above all stages are seen from inside one; their places are not.
    this.#globals = kept(
      this.#globals,
      file.dockerfile.globalArgs.map(({ content }) => content),
    );
    const sees = [this.#globals, file.project, file.links, file.shellComments, file.count];
    const isSame = kept(this.#seen, sees) === this.#seen;
    this.#seen = sees;
    for (const view of file.stages) {
      const known = before[view.index];
      const parent = view.parent && now[view.parent.index];
      const goesOn = isSame && known?.view === view && (!parent || isSettled(parent));
      if (!goesOn) now.push(this.#ofStage(view, known, parent, plan));
      else now.push(isSettled(known) ? known : { ...known, changes: noMarks, placed: noMarks });
    }
    this.#stages = now;
    return now;
  }

  #ofStage(
    view: LazyStageView,
    before: KnownStage | undefined,
    parent: KnownStage | undefined,
    plan: Plan,
  ): KnownStage {
    const { stage } = view;
    const { line } = stage.from.range.start;
    const around = kept(before?.around, surroundingsOf(view, this.#globals, parent ? line - parent.line : 0));
    const isSame = before?.around === around;
    const own = before && changesIn(before.stage, stage, (one, at) => this.#marksAt(one, view, at));
    const changes = isSame ? together(own, parent ? parent.changes : noMarks) : undefined;
    const place = { view, stage, line, around, changes, placed: before?.line === line ? own : undefined };
    if (before && changes?.size === 0) return { ...place, answers: movedAnswers(before.answers, line) };
    this.work.stages += 1;
    const answers = this.#askAgain(plan.forStages, changes, before?.answers ?? [], "stage", view, line);
    return { ...place, answers };
  }

  /** Places count from the first line, and stay where they are unless anything may have changed. */
  #ofFile(file: LazyFileView, plan: Plan): readonly Answer[] {
    const { dockerfile, project } = file;
    const before = this.#last;
    const isKnown = before !== undefined && before.project === project;
    const stages = this.#stages.map(({ placed }) => placed);
    const changes = isKnown ? changesInFile(before.dockerfile, dockerfile, stages) : undefined;
    const answers = this.#askAgain(plan.forFile, changes, before?.answers ?? [], "file", file, 0);
    this.#last = { dockerfile, project, answers };
    return answers;
  }

  /** Marks of an instruction of this version or the one before; undefined: not known any more. */
  #marksAt({ content }: Instruction, view: LazyStageView, at: number): Marks | undefined {
    const known = this.#byContent.get(content);
    return known?.shell === view.shellBefore(at) ? known.marks : undefined;
  }

  /** The answers of rules that do not see what has changed are kept. */
  #askAgain(
    rules: RuleList,
    changes: Changes,
    before: readonly Answer[],
    scope: "stage" | "file",
    view: LazyStageView | LazyFileView,
    line: number,
  ): readonly Answer[] {
    const asked = changes ? rules.seeing(changes) : rules.all;
    if (asked.length === 0) return movedAnswers(before, line);
    const answers = changes ? movedAnswers(before, line).filter(({ active }) => !asked.includes(active)) : [];
    for (const active of asked) {
      const results = this.#ask([active], scope, view, line);
      if (results !== noResults) answers.push({ active, results });
    }
    return answers;
  }

  /** A check that throws is left out. */
  #ask(rules: readonly ActiveRule[], scope: "instruction" | "stage" | "file", view: unknown, line: number): Results {
    let results: { line: number; findings: Finding[]; covers: Report["range"][] } | undefined;
    this.work.rules += rules.length;
    for (const { rule, finding } of rules) {
      const check = rule[scope] as ((view: unknown) => Iterable<Report>) | undefined;
      const found = results?.findings.length ?? 0;
      const covered = results?.covers.length ?? 0;
      try {
        for (const report of check?.(view) ?? []) {
          results ??= { line, findings: [], covers: [] };
          results.findings.push(finding(report));
          if (report.covers) results.covers.push(report.covers);
        }
      } catch (error) {
        if (results) {
          results.findings.length = found;
          results.covers.length = covered;
        }
        this.#onError(rule.id, error);
      }
    }
    return results ?? noResults;
  }
}

/** It is as it was, at its place. */
function isSettled({ changes, placed }: KnownStage): boolean {
  return changes === noMarks && placed === noMarks;
}

function movedAnswers(answers: readonly Answer[], line: number): Answer[] {
  return answers.map((one) => {
    const results = movedTo(one.results, line);
    return results === one.results ? one : { active: one.active, results };
  });
}
