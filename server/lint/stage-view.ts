import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";
import { readBase } from "./base-view.ts";
import { lastBefore } from "./last-before.ts";
import type { RuleOptions } from "./rule.ts";
import { Scope } from "./scope.ts";
import { commentedShell, type ShellInEffect, shellAfter, shellOfImage } from "./shell-in-effect.ts";
import type { StageLinks } from "./stage-links.ts";
import { type PlacedCommand, ViewIndex } from "./view-index.ts";
import type { BaseView, InstructionView, ProjectView, StageView, VariableView } from "./views.ts";

/** What a stage's view needs from the file. */
export interface StageSurroundings {
  readonly escape: "\\" | "`";
  readonly options: RuleOptions;
  readonly project: ProjectView;
  readonly globals: ReadonlyMap<string, VariableView>;
  readonly links: StageLinks;
  readonly count: number;
  readonly dockerfile: Dockerfile;
  /** `# hadolint shell=` comments as text, empty without any. */
  readonly shellComments: string;
  viewOf(instruction: Instruction, shell: ShellInEffect, onbuild?: Instruction): InstructionView;
}

/** Each answer is worked out when it is first asked for, in one pass over the stage, and kept. */
export class LazyStageView implements StageView {
  readonly stage: Stage;
  declare readonly name?: string;
  declare readonly parent?: LazyStageView;
  #file: StageSurroundings;
  #base: BaseView | undefined;
  #shells: readonly ShellFrom[] | undefined;
  #views: readonly InstructionView[] | undefined;
  #index: ViewIndex | undefined;
  #places: ReadonlyMap<Instruction, number> | undefined;
  #scope: Scope | undefined;

  /** `before`: of the same place in a version with the same surroundings. */
  constructor(stage: Stage, parent: LazyStageView | undefined, file: StageSurroundings, before?: LazyStageView) {
    this.stage = stage;
    this.#file = file;
    if (stage.name) this.name = stage.name.text.toLowerCase();
    if (parent) this.parent = parent;
    if (before && before.parent === parent && settlesAlike(before.stage, stage)) {
      this.#base = before.#base;
      this.#shells = before.#shells;
      this.#scope = before.#scope;
    }
  }

  /** The same view in the next version of the file: what was worked out of the stage's own text still holds. */
  goOn(file: StageSurroundings): this {
    this.#file = file;
    return this;
  }

  get file(): StageSurroundings {
    return this.#file;
  }

  get index(): number {
    return this.stage.index;
  }

  get isLast(): boolean {
    return this.index === this.file.count - 1;
  }

  get isBase(): boolean {
    return this.file.links.bases.has(this.index);
  }

  get isSource(): boolean {
    return this.file.links.sources.has(this.index);
  }

  get project(): ProjectView {
    return this.file.project;
  }

  get options(): RuleOptions {
    return this.file.options;
  }

  get base(): BaseView {
    this.#base ??= readBase(this.stage, this.parent !== undefined, this.file.globals, this.file.escape);
    return this.#base;
  }

  get instructions(): readonly InstructionView[] {
    this.#views ??= this.stage.instructions.flatMap((instruction, at) => {
      const shell = this.shellBefore(at);
      const own = this.file.viewOf(instruction, shell);
      return instruction.trigger ? [own, this.file.viewOf(instruction.trigger, shell, instruction)] : [own];
    });
    return this.#views;
  }

  only(...keywords: readonly string[]): readonly InstructionView[] {
    return this.#indexed().only(keywords);
  }

  commands(...names: readonly string[]): readonly PlacedCommand[] {
    return this.#indexed().commands(names);
  }

  variablesAt(instruction: Instruction): ReadonlyMap<string, VariableView> {
    return this.#scoped().variablesBefore(this.#placeOf(instruction));
  }

  workdirAt(instruction: Instruction): string | undefined {
    return this.#scoped().workdirBefore(this.#placeOf(instruction));
  }

  /** The shell that holds for the stage's instruction with this index; after the last one: for stages built FROM it. */
  shellBefore(index: number): ShellInEffect {
    if (!this.#shells) for (const view of this.#fromTheTop((one) => one.#shells === undefined)) view.#readShells();
    const shells = this.#shells as readonly ShellFrom[];
    return (lastBefore(shells, index) ?? (shells[0] as ShellFrom)).shell;
  }

  #readShells(): void {
    const { instructions, from } = this.stage;
    const { dockerfile, shellComments } = this.file;
    const inherited = this.parent?.shellBefore(this.parent.stage.instructions.length);
    const shells = [{ at: -1, shell: inherited ?? shellOfImage(this.base, from) }];
    this.#shells = shells;
    if (shellComments === "" && !setsShell(this.stage)) return;
    instructions.forEach((instruction, at) => {
      const { shell } = shells.at(-1) as ShellFrom;
      const said = shellComments === "" ? undefined : commentedShell(dockerfile, instruction);
      if (said && said !== shell) shells.push({ at: at - 1, shell: said });
      if (instruction.keyword === "SHELL") shells.push({ at, shell: shellAfter(instruction, said ?? shell) });
    });
  }

  #readScope(): Scope {
    const above = this.parent ? this.parent.#scope : undefined;
    this.#scope = new Scope(this.stage.instructions, above, this.file.globals, this.file.escape);
    return this.#scope;
  }

  /** This stage and those above it that `isMissing`, topmost first: chains of thousands would be too deep to recurse. */
  #fromTheTop(isMissing: (view: LazyStageView) => boolean): readonly LazyStageView[] {
    const chain: LazyStageView[] = [];
    for (let view: LazyStageView | undefined = this; view && isMissing(view); view = view.parent) chain.push(view);
    return chain.reverse();
  }

  #indexed(): ViewIndex {
    this.#index ??= new ViewIndex(this.instructions);
    return this.#index;
  }

  #scoped(): Scope {
    if (!this.#scope) for (const view of this.#fromTheTop((one) => one.#scope === undefined)) view.#readScope();
    return this.#scope ?? this.#readScope();
  }

  /** Past the end for what is not of this stage: then everything of the stage holds. */
  #placeOf(instruction: Instruction): number {
    const { instructions } = this.stage;
    this.#places ??= new Map(
      instructions.flatMap((one, at): [Instruction, number][] =>
        one.trigger
          ? [
              [one, at],
              [one.trigger, at],
            ]
          : [[one, at]],
      ),
    );
    if (instruction === this.stage.from) return -1;
    return this.#places.get(instruction) ?? instructions.length;
  }
}

/** Whether what differs between two versions sets no variable, folder or shell. */
function settlesAlike(a: Stage, b: Stage): boolean {
  if (a.from !== b.from || a.instructions.length !== b.instructions.length) return false;
  return a.instructions.every((one, at) => {
    const other = b.instructions[at];
    return one === other || !(settling.has(one.keyword) || settling.has(other?.keyword ?? ""));
  });
}

const settling = new Set(["ENV", "ARG", "WORKDIR", "SHELL"]);

const settingShell = new WeakMap<Stage, boolean>();

function setsShell(stage: Stage): boolean {
  const sets = settingShell.get(stage) ?? stage.instructions.some(({ keyword }) => keyword === "SHELL");
  settingShell.set(stage, sets);
  return sets;
}

interface ShellFrom {
  readonly at: number;
  readonly shell: ShellInEffect;
}
