import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";

/** What follows from the texts of some instructions alone: worked out once for each stage that stays the same. */
export class ByStage<T> {
  readonly #read: (instructions: readonly Instruction[], dockerfile: Dockerfile) => T;
  readonly #known = new WeakMap<Stage, T>();

  constructor(read: (instructions: readonly Instruction[], dockerfile: Dockerfile) => T) {
    this.#read = read;
  }

  /** Of the instructions above all stages, then of each stage with its FROM. */
  of(dockerfile: Dockerfile): readonly T[] {
    const { instructions, stages } = dockerfile;
    const count = stages[0] ? instructions.indexOf(stages[0].from) : instructions.length;
    const all = [this.#read(instructions.slice(0, count), dockerfile)];
    for (const stage of stages) {
      const found = this.#known.get(stage) ?? this.#read([stage.from, ...stage.instructions], dockerfile);
      this.#known.set(stage, found);
      all.push(found);
    }
    return all;
  }
}
