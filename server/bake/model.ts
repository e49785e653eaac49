import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";

/** A build that a Compose or a Bake file describes: a service, a target. */
export interface Build {
  /** As the file calls it. */
  readonly name: Placed;
  /** The folder, relative to the file. Absent: the file's own. */
  readonly context?: Placed;
  /** Relative to the context. Absent: `Dockerfile`. */
  readonly dockerfile?: Placed;
  /** The Dockerfile stands in this file. */
  readonly isInline: boolean;
  /** The stage that is built. */
  readonly target?: Placed;
  readonly args: readonly BuildArg[];
  /** Bake: targets of this file whose values it takes over. */
  readonly inherits: readonly Placed[];
}

export interface BuildArg {
  readonly name: Placed;
  readonly value?: string;
}

/** A text of the file with its place. `isKnown` is false when a variable or a function stands in it. */
export interface Placed {
  readonly text: string;
  readonly range: Range;
  readonly isKnown: boolean;
}

/** A Compose or a Bake file, as far as it is about Dockerfiles. */
export interface BuildFile {
  readonly builds: readonly Build[];
  /** Bake: names in groups, which stand for builds. */
  readonly mentions: readonly Placed[];
  /** Bake: the groups' names. */
  readonly groups: readonly Placed[];
  readonly isBake: boolean;
}

export interface BuildProblem {
  /** `build/…` */
  readonly code: string;
  readonly severity: "warning" | "hint";
  readonly message: Message;
  readonly range: Range;
}

/** `$NAME` of Compose, `${…}` of HCL: only a run of the tool knows the value. */
export function isKnownText(text: string): boolean {
  return !/\$(?!\$)/.test(text.replaceAll("$$", ""));
}
