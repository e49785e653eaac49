import type { Dockerfile, Instruction } from "../../engine/dockerfile/model.ts";
import { LazyInstructionView, type Surroundings } from "./instruction-view.ts";
import type { RuleOptions } from "./rule.ts";
import { readGlobals } from "./scope.ts";
import { linuxShell, type ShellInEffect } from "./shell-in-effect.ts";
import { readStageLinks, type StageLinks } from "./stage-links.ts";
import { LazyStageView, type StageSurroundings } from "./stage-view.ts";
import { controlComments } from "./suppressions-read.ts";
import { ViewIndex } from "./view-index.ts";
import type { FileView, InstructionView, ProjectView, VariableView } from "./views.ts";

/** Views that outlive a version of the file: those of instructions that did not change. */
export class InstructionViews {
  readonly #around: Surroundings;
  readonly #views = new WeakMap<Instruction, LazyInstructionView>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get escape(): "\\" | "`" {
    return this.#around.escape;
  }

  get options(): RuleOptions {
    return this.#around.options;
  }

  of(instruction: Instruction, shell: ShellInEffect, onbuild?: Instruction): LazyInstructionView {
    const known = this.#views.get(instruction);
    if (known?.shell === shell && known.onbuild === onbuild) return known;
    const view = new LazyInstructionView(instruction, shell, this.#around, onbuild);
    this.#views.set(instruction, view);
    return view;
  }
}

/** One version of a file. */
export class LazyFileView implements FileView, StageSurroundings {
  readonly dockerfile: Dockerfile;
  readonly project: ProjectView;
  readonly stages: readonly LazyStageView[];
  readonly links: StageLinks;
  readonly views: InstructionViews;
  #shellComments: string | undefined;
  #globals: ReadonlyMap<string, VariableView> | undefined;
  #instructions: readonly InstructionView[] | undefined;
  #index: ViewIndex | undefined;
  #named: ReadonlyMap<string, LazyStageView> | undefined;

  /** `before`: of the version before, whose views of stages that are the same go on. */
  constructor(dockerfile: Dockerfile, project: ProjectView, views: InstructionViews, before?: LazyFileView) {
    this.dockerfile = dockerfile;
    this.project = project;
    this.views = views;
    this.links = readStageLinks(dockerfile, before?.links);
    const old = before && this.#seesAlike(before) ? before : undefined;
    if (old) this.#globals = old.#globals;
    const made: LazyStageView[] = [];
    for (const stage of dockerfile.stages) {
      const above = this.links.parents[stage.index];
      const parent = above === undefined ? undefined : made[above];
      const known = old?.stages[stage.index];
      const isSame = known?.stage === stage && known.parent === parent;
      made.push(isSame ? known.goOn(this) : new LazyStageView(stage, parent, this, known));
    }
    this.stages = made;
  }

  /** Whether a stage that is the same sees the same from its place. */
  #seesAlike({ views, dockerfile, shellComments }: LazyFileView): boolean {
    const { globalArgs } = this.dockerfile;
    return (
      views === this.views &&
      shellComments === this.shellComments &&
      dockerfile.globalArgs.length === globalArgs.length &&
      dockerfile.globalArgs.every((one, at) => one === globalArgs[at])
    );
  }

  get escape(): "\\" | "`" {
    return this.dockerfile.escape;
  }

  get options(): RuleOptions {
    return this.views.options;
  }

  get shellComments(): string {
    this.#shellComments ??= readShellComments(this.dockerfile);
    return this.#shellComments;
  }

  get count(): number {
    return this.stages.length;
  }

  get globals(): ReadonlyMap<string, VariableView> {
    this.#globals ??= readGlobals(this.dockerfile.globalArgs, this.escape);
    return this.#globals;
  }

  viewOf(instruction: Instruction, shell: ShellInEffect, onbuild?: Instruction): InstructionView {
    return this.views.of(instruction, shell, onbuild);
  }

  stageNamed(name: string): LazyStageView | undefined {
    this.#named ??= new Map(this.stages.flatMap((stage) => (stage.name === undefined ? [] : [[stage.name, stage]])));
    return this.#named.get(name.toLowerCase());
  }

  get instructions(): readonly InstructionView[] {
    this.#instructions ??= this.#readInstructions();
    return this.#instructions;
  }

  get above(): readonly InstructionView[] {
    const { instructions, stages } = this.dockerfile;
    const views: InstructionView[] = [];
    for (const one of instructions) {
      if (one === stages[0]?.from) break;
      views.push(this.viewOf(one, linuxShell));
      if (one.trigger) views.push(this.viewOf(one.trigger, linuxShell, one));
    }
    return views;
  }

  /** What stages have is theirs already: a key in a long file makes one list. */
  #readInstructions(): readonly InstructionView[] {
    const views = [...this.above];
    for (const view of this.stages) {
      views.push(this.viewOf(view.stage.from, view.shellBefore(0)));
      for (const one of view.instructions) views.push(one);
    }
    return views;
  }

  only(...keywords: readonly string[]): readonly InstructionView[] {
    this.#index ??= new ViewIndex(this.instructions);
    return this.#index.only(keywords);
  }
}

function readShellComments(dockerfile: Dockerfile): string {
  const { shells } = controlComments(dockerfile);
  return shells.length === 0 ? "" : JSON.stringify(shells);
}
