import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Dockerfile } from "../../engine/dockerfile/model.ts";
import type { Facts } from "./facts.ts";

export type Severity = "error" | "warning" | "info" | "hint";

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
}

export interface Report {
  readonly range: Range;
  /** Default: the rule's summary. */
  readonly message?: Message;
  /** Default: the rule's. A person's setting wins over both. */
  readonly severity?: Severity;
  readonly fix?: Fix;
  /** The parser's problems that start in here are the same mistake in other words and are not shown. */
  readonly covers?: Range;
}

/**
 * A Dockerfile with marks. A line `#   ^^^^` under a line marks the range of one expected report; the `#` is column 0, and
 * `#^^^` marks from column 0 on. Mark lines are taken out before the text is checked.
 */
export interface Example {
  readonly bad: string;
  /** What `bad` becomes when every fix is applied; absent when the rule offers none for it. */
  readonly good?: string;
  /** Names in the Dockerfile's folder; absent when unknown. */
  readonly files?: readonly string[];
}

export interface Rule {
  /** `category/name`, also its path below rules/. */
  readonly id: string;
  readonly severity: Severity;
  readonly summary: Message;
  readonly why: Message;
  /** Rules of other linters with the same meaning, as `hadolint:DL3025`: their ignore comments work here too. */
  readonly sameAs: readonly string[];
  /** `safe`: keeps what the image does, may run on save. `suggestion`: a person should look. */
  readonly fix: "safe" | "suggestion";
  readonly examples: readonly Example[];
  /** Files that must stay without any report of this rule. */
  readonly fine?: readonly string[];
  check(this: void, input: { readonly dockerfile: Dockerfile; readonly facts: Facts }): Iterable<Report>;
}

export function defineRule(rule: Rule): Rule {
  return rule;
}
