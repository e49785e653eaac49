import type { Stage } from "../../engine/dockerfile/model.ts";
import type { ScriptToCheck } from "../shell/shellcheck.ts";
import type { LazyFileView } from "./file-view.ts";
import { type SystemShell, systemShell } from "./scripts.ts";
import type { ShellInEffect } from "./shell-in-effect.ts";
import type { LazyStageView } from "./stage-view.ts";

/** Of one stage: the same list as long as neither the stage nor what it inherits has changed. */
export type StageScripts = readonly ScriptToCheck[];

interface Known {
  readonly shell: ShellInEffect;
  readonly system: SystemShell;
  readonly comments: string;
  readonly parent: StageScripts | undefined;
  readonly scripts: StageScripts;
}

/** The scripts of all stages with the variables in effect, for ShellCheck; one document's. */
export class ScriptLists {
  readonly #known = new WeakMap<Stage, Known>();

  of(file: LazyFileView): readonly StageScripts[] {
    const lists = new Map<LazyStageView, StageScripts>();
    for (const view of file.stages) lists.set(view, this.#ofStage(view, view.parent && lists.get(view.parent)));
    return [...lists.values()];
  }

  #ofStage(view: LazyStageView, parent: StageScripts | undefined): StageScripts {
    const { stage, file } = view;
    const shell = view.shellBefore(0);
    const system = systemShell(view);
    const known = this.#known.get(stage);
    const isSameShell = known?.shell === shell && known.system === system;
    if (isSameShell && known.comments === file.shellComments && known.parent === parent) return known.scripts;
    const scripts = view.instructions.flatMap(({ script, instruction, onbuild }) => {
      if (script.text === "") return [];
      const variables = [...view.variablesAt(onbuild ?? instruction).keys()];
      return [{ script, variables, ...(system && { systemShell: system }) }];
    });
    this.#known.set(stage, { shell, system, comments: file.shellComments, parent, scripts });
    return scripts;
  }
}
