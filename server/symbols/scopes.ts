import { platformArguments } from "../lint/known-variables.ts";
import type { VariablePlace } from "./names.ts";

/** What a stage declares, with the stage that it is built FROM. */
export interface StageDeclarations {
  readonly parent: number | undefined;
  readonly definitions: readonly Pick<VariablePlace, "name" | "isArg">[];
}

/**
 * Which variables are one. A build argument is one in the whole file, because `--build-arg` sets all ARGs of its name. ENV belongs
 * to its stage and to those built FROM it. Where the two share a name in one stage they are one: the later sets the other.
 */
export class Scopes {
  readonly #stages: readonly StageDeclarations[];
  readonly #own: readonly Map<string, string>[];
  readonly #globals: ReadonlySet<string>;
  readonly #declared = new Set<string>();
  /** An entity that turned out to be another one. */
  readonly #same = new Map<string, string>();

  constructor(globals: Iterable<string>, stages: readonly StageDeclarations[]) {
    this.#globals = new Set(globals);
    this.#stages = stages;
    for (const { definitions } of stages) for (const { name } of definitions) this.#declared.add(name);
    this.#own = stages.map(() => new Map());
    // A parent stands above, so it is complete.
    stages.forEach(({ definitions }, index) => {
      for (const { name, isArg } of definitions) this.#declare(index, name, isArg);
    });
  }

  /** The entity that a name stands for in FROM and in the ARGs above all stages. */
  global(name: string): string | undefined {
    return this.#globals.has(name) || platformArguments.has(name) ? this.#final(argument(name)) : undefined;
  }

  /** The entity that a name stands for in a stage; undefined when nobody declares it. */
  inside(index: number, name: string): string | undefined {
    const found = this.#lookUp(index, name);
    return found === undefined ? undefined : this.#final(found);
  }

  #declare(index: number, name: string, isArg: boolean): void {
    const before = this.#lookUp(index, name);
    const entity = isArg ? argument(name) : (before ?? `stage ${index} ${name}`);
    if (before !== undefined) this.#join(before, entity);
    this.#own[index]?.set(name, entity);
  }

  #lookUp(index: number, name: string): string | undefined {
    if (!this.#declared.has(name)) return undefined;
    for (let at: number | undefined = index; at !== undefined; at = this.#stages[at]?.parent) {
      const found = this.#own[at]?.get(name);
      if (found === undefined) continue;
      // The next question from here is answered at once.
      this.#own[index]?.set(name, found);
      return found;
    }
    return undefined;
  }

  #join(one: string, other: string): void {
    const [a, b] = [this.#final(one), this.#final(other)];
    if (a === b) return;
    if (a.startsWith(argumentMark)) this.#same.set(b, a);
    else this.#same.set(a, b);
  }

  #final(entity: string): string {
    let found = entity;
    for (let next = this.#same.get(found); next !== undefined; next = this.#same.get(found)) found = next;
    return found;
  }
}

const argumentMark = "argument ";

function argument(name: string): string {
  return `${argumentMark}${name}`;
}

/** Is it a build argument, that `--build-arg` sets? */
export function isArgument(entity: string): boolean {
  return entity.startsWith(argumentMark);
}
