import type { Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import { moved, type NamePlace } from "./names.ts";

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

/** Its range is made when somebody asks: a key that adds a line moves thousands of places, and few are looked at. */
export class PlacedOccurrence implements Occurrence {
  readonly kind: Occurrence["kind"];
  readonly name: string;
  readonly instruction: Instruction;
  readonly stage: number;
  readonly entity: string;
  readonly #place: NamePlace;
  #range: Range | undefined;

  constructor(
    place: NamePlace,
    { name, instruction, stage, entity }: Pick<Occurrence, "name" | "instruction" | "stage" | "entity">,
  ) {
    this.kind = place.kind === "variable" ? "variable" : "stage";
    this.name = name;
    this.instruction = instruction;
    this.stage = stage;
    this.entity = entity;
    this.#place = place;
  }

  get range(): Range {
    const { instruction } = this;
    this.#range ??= moved(this.#place.range, (instruction.trigger ?? instruction).range.start.line);
    return this.#range;
  }

  get isDefinition(): boolean {
    return this.#place.kind === "own name" || this.#role === "definition";
  }

  get isWrite(): boolean {
    return this.isDefinition || this.#role === "write";
  }

  get isNamed(): boolean {
    return this.#place.kind !== "stage" || !this.#place.isCounted;
  }

  get #role() {
    return this.#place.kind === "variable" ? this.#place.role : "use";
  }
}
