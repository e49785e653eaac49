import type { Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";

/** One place where a stage or a variable is named. */
export interface Occurrence {
  readonly kind: "stage" | "variable";
  /** As a definition writes it. */
  readonly name: string;
  readonly range: Range;
  readonly isDefinition: boolean;
  /** Also in a script that sets it anew. */
  readonly isWrite: boolean;
  /** False for `--from=0`: it means the stage but does not hold its name. */
  readonly isNamed: boolean;
  /** The instruction it stands in. */
  readonly instruction: Instruction;
  /** Index of the stage it stands in; -1 above all stages. */
  readonly stage: number;
  /** The same for all places of one stage or variable. */
  readonly entity: string;
}

/** What a stage takes: another stage or an image, by FROM, `--from=` or a mount. */
export interface StageLink {
  readonly stage: Stage;
  readonly target: Stage | undefined;
  /** The stage or image, variables put in; undefined when that is not known. */
  readonly text: string | undefined;
  readonly range: Range;
  /** Through a variable in FROM: no name stands there. */
  readonly isComputed: boolean;
  readonly isBase: boolean;
}
