import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";

/** Something about a line of a .dockerignore that is not what it looks like. */
export interface IgnoreProblem {
  /** `dockerignore/…` */
  readonly code: string;
  readonly severity: "error" | "warning" | "info" | "hint";
  readonly message: Message;
  readonly range: Range;
  /** The line could go: it is shown faded. */
  readonly isUnnecessary?: boolean;
  readonly fix?: IgnoreFix;
}

export interface IgnoreFix {
  readonly title: Message;
  readonly range: Range;
  readonly newText: string;
}
