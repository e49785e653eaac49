import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { FileView, InstructionView, StageView } from "./views.ts";

export type Severity = "error" | "warning" | "info" | "hint";

/** `recommended`: what a professional keeps on. `strict`: as much as hadolint's defaults. `learner`: recommended, explaining more. */
export type Preset = "recommended" | "strict" | "learner";

/** Replaces `range` by `newText`; an empty range inserts. */
export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

export interface Fix {
  /** What a person will see on the light bulb: an imperative sentence. */
  readonly title: Message;
  /** Do not overlap. */
  readonly edits: readonly TextEdit[];
  /** Others may make it needless or worse: all at once, it comes when they are made. */
  readonly isLast?: true;
  /** Text files to make, or to add to, beside the Dockerfile's (`.dockerignore`); `text` ends with a line end. */
  readonly files?: readonly { readonly name: string; readonly append: boolean; readonly text: string }[];
}

export interface Report {
  /** Of the very words that are wrong. */
  readonly range: Range;
  /** Default: the rule's summary. */
  readonly message?: Message;
  /** Default: the rule's. A person's setting wins over both. */
  readonly severity?: Severity;
  readonly fix?: Fix;
  /** Other things that a person may choose instead of `fix`; never part of fix-all. */
  readonly alternatives?: readonly Fix[];
  /** Other places that belong to it: the first of two, the place of a declaration. */
  readonly related?: readonly { readonly range: Range; readonly message: Message }[];
  /** `unnecessary`: shown faded; `deprecated`: struck through. */
  readonly tag?: "unnecessary" | "deprecated";
  /** What the parser and ShellCheck find from here on is the same mistake in other words and is not shown. */
  readonly covers?: Range;
}

/**
 * A Dockerfile with marks. A line `#   ^^^^` under a line marks the range of one expected report; the `#` is column 0, and
 * `#^^^` marks from column 0 on. Mark lines are taken out before the text is checked. What lies over several lines has no mark.
 */
export interface Example {
  readonly bad: string;
  /** What `bad` becomes when every fix is applied; absent when the rule offers none for it. */
  readonly good?: string;
  /** The context's files, path to text; absent when nothing is known of them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that the fix makes or adds to, with their text afterwards. */
  readonly filesAfter?: Readonly<Record<string, string>>;
  readonly options?: RuleOptions;
}

/** Options of rules, from drydock.yaml, .hadolint.yaml or settings. */
export interface RuleOptions {
  /** Registries that images may come from; `*` at one end stands for anything. Absent: every registry. */
  readonly trustedRegistries?: readonly string[];
  /** Name to type: text, url, rfc3339, semver, hash, spdx, email. Every label of it is required. */
  readonly labelSchema?: Readonly<Record<string, string>>;
  /** Labels that are not in the schema are reported. */
  readonly strictLabels?: boolean;
}

export interface Rule {
  /** `category/name`, also its path below rules/. */
  readonly id: string;
  /** In the preset `recommended`. */
  readonly severity: Severity | "off";
  /** Where another preset differs. `strict` keeps hadolint's own severity (style and info are `info`). */
  readonly presets?: Readonly<Partial<Record<Exclude<Preset, "recommended">, Severity | "off">>>;
  readonly summary: Message;
  readonly why: Message;
  /** More for a learner: what it is and what to do, in two or three sentences; shown by preset `learner` and on the docs page. */
  readonly learn?: Message;
  /** Rules of other linters with the same meaning, as `hadolint:DL3025`, `buildkit:JSONArgsRecommended`, `dockerfile-utils:45`: their ignore comments work here too. */
  readonly sameAs: readonly string[];
  /** Where we decide otherwise than an original, and why; for the docs page. */
  readonly note?: Message;
  /** `safe`: keeps what the image does, may run on save. `suggestion`: a person should look. `none`: there is no fix. */
  readonly fix: "safe" | "suggestion" | "none";
  /** Names of RuleOptions that it reads. */
  readonly options?: readonly (keyof RuleOptions)[];
  readonly examples: readonly Example[];
  /** Files that must stay without any report of this rule. */
  readonly fine?: readonly (string | Example["bad"] | (Omit<Example, "bad" | "good"> & { readonly text: string }))[];
  /** Keywords that `instruction` is asked for; the instruction behind ONBUILD is asked like any other. Absent: all. */
  readonly keywords?: readonly string[];
  /**
   * Marks (see marks.ts) of the instructions that its answers depend on, beside FROM, ARG above all stages, directives, and
   * where things stand. `instruction` is asked only about RUN and its kind with one of them; `stage` and `file` are asked again
   * only when such an instruction changes. For `stage` those of the stages above count too. Absent: everything.
   */
  readonly sees?: readonly string[];

  // At least one of the three. The smaller the scope, the less is done again after a keystroke.

  /** May depend on the view only. The answer is kept until the instruction's text or the SHELL in effect changes. */
  instruction?(this: void, view: InstructionView): Iterable<Report>;
  /** Kept until an instruction of the stage, its base stages, the files or its use by other stages change. */
  stage?(this: void, view: StageView): Iterable<Report>;
  /** Asked after every change: looks at stages, names, directives; never at every word of every instruction. */
  file?(this: void, view: FileView): Iterable<Report>;
}

export function defineRule(rule: Rule): Rule {
  return rule;
}
