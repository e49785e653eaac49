import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";
import type { Command, Script } from "../shell/model.ts";
import type { Install } from "./package-managers.ts";
import type { RuleOptions } from "./rule.ts";

/** What a rule sees of one instruction. Everything is worked out when it is first asked for, and kept. */
export interface InstructionView {
  readonly instruction: Instruction;
  readonly keyword: string;
  /** It stands behind ONBUILD; `instruction` is the trigger, `onbuild` the whole. */
  readonly onbuild?: Instruction;
  readonly escape: "\\" | "`";
  /** RUN, CMD, ENTRYPOINT, HEALTHCHECK CMD: their commands; for other instructions an empty script. */
  readonly script: Script;
  /** SHELL in effect; the default is `["/bin/sh", "-c"]`, or cmd for Windows images. `isDefault`: nobody set it. */
  readonly shell: { readonly words: readonly string[]; readonly isDefault: boolean };
  /** Commands of that program, by its base name. */
  commands(...names: readonly string[]): readonly Command[];
  /** Commands that fetch the project's dependencies. */
  readonly installs: readonly { readonly command: Command; readonly install: Install }[];
  /** `RUN --mount=`: parsed, as far as they are well written. Variables are left in. */
  readonly mounts: readonly MountFlag[];
  readonly options: RuleOptions;
}

export interface MountFlag {
  readonly type: string;
  /** Absent when it is not written. */
  readonly target?: string;
  readonly id?: string;
  readonly from?: string;
  readonly source?: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** What a rule sees of one stage. */
export interface StageView {
  readonly stage: Stage;
  readonly index: number;
  /** Lower case; absent without AS. */
  readonly name?: string;
  readonly isLast: boolean;
  /** Another stage is built FROM it. */
  readonly isBase: boolean;
  /** A COPY --from or RUN --mount from= takes files of it. */
  readonly isSource: boolean;
  /** The stage that its FROM names. */
  readonly parent?: StageView;
  /** FROM's image with ARG defaults put in; `undefined` parts stay as written. */
  readonly base: BaseView;
  /** After FROM, ONBUILD triggers included as their own view (see `onbuild`). */
  readonly instructions: readonly InstructionView[];
  /** Those with one of these keywords, in order. */
  only(...keywords: readonly string[]): readonly InstructionView[];
  /** Commands of RUN (triggers too) with one of these names, in order, with where they stand. */
  commands(...names: readonly string[]): readonly { readonly view: InstructionView; readonly command: Command }[];
  /** ENV and ARG in effect before `instruction` (of this stage), parents' ENV and ARG included; `value` undefined: not known. */
  variablesAt(instruction: Instruction): ReadonlyMap<string, VariableView>;
  /** The working folder in effect before `instruction`; undefined: no WORKDIR yet (whatever the base image has). */
  workdirAt(instruction: Instruction): string | undefined;
  /** SHELL in effect before the instruction with this index; past the last one: what a stage built FROM this one starts with. */
  shellBefore(index: number): InstructionView["shell"];
  readonly project: ProjectView;
  readonly options: RuleOptions;
}

export interface BaseView {
  readonly kind: "image" | "stage" | "scratch";
  /** As written. */
  readonly text: string;
  /** With ARG defaults; undefined when it cannot be known (an ARG without default). */
  readonly resolved?: string;
  /** Parts of `resolved`, when it is an image: `registry` only when written. */
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

export interface VariableView {
  readonly name: string;
  readonly kind: "ARG" | "ENV";
  readonly value?: string;
  readonly instruction: Instruction;
}

/** What a rule sees of the whole file. */
export interface FileView {
  readonly dockerfile: Dockerfile;
  readonly stages: readonly StageView[];
  /** ARG before the first FROM, with defaults. */
  readonly globals: ReadonlyMap<string, VariableView>;
  /** By lower-case name; a later stage of one name wins, as for the builder. */
  stageNamed(name: string): StageView | undefined;
  /** Views of all instructions, also before the first FROM, triggers included. */
  readonly instructions: readonly InstructionView[];
  /** Of those above the first FROM. */
  readonly above: readonly InstructionView[];
  only(...keywords: readonly string[]): readonly InstructionView[];
  readonly project: ProjectView;
  readonly options: RuleOptions;
}

/** The build context's folder (the Dockerfile's, unless a setting says otherwise), as far as it can be seen. */
export interface ProjectView {
  /** False: nothing is known (an unsaved file, a virtual workspace): no rule may take absence for evidence. */
  readonly known: boolean;
  /** The folder's full path; absent when unknown. Files that fixes make are put in here. */
  readonly folder?: string;
  /** Names in the folder itself, sorted; empty when unknown. */
  readonly names: readonly string[];
  /** What a build sees in a folder below the context, sorted; `` is the context itself. Undefined when unknown or no folder. */
  list(folder: string): readonly ProjectEntry[] | undefined;
  /** Is there such a file or folder, below the context? Undefined when unknown. */
  exists(path: string): boolean | undefined;
  /** Text of a small file (at most 256 kB), kept; undefined when unknown, missing, larger or not text. */
  text(path: string): string | undefined;
  /** The ignore file that a build of this Dockerfile reads: `<Dockerfile>.dockerignore` or `.dockerignore`. */
  readonly ignore?: { readonly name: string; readonly text: string };
  /** Does the ignore file take this path (relative, with `/`) out of the context? False without an ignore file. */
  ignores(path: string): boolean;
}

/** A file or folder of the context that no ignore file takes away. */
export interface ProjectEntry {
  readonly name: string;
  readonly isFolder: boolean;
}
