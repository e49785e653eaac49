import { readFileSync, type Stats, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Dockerfile, parse, readPairs } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";

export interface NamedStage {
  /** Undefined without AS: its number names it. */
  readonly name: string | undefined;
  readonly index: number;
  readonly range: Range;
  /** The image or stage it begins with, as written. */
  readonly base: string;
  readonly steps: number;
}

export interface NamedArg {
  readonly name: string;
  readonly range: Range;
  readonly value: string | undefined;
}

/** What other files can name in a Dockerfile. */
export interface DockerfileNames {
  readonly uri: string;
  readonly stages: readonly NamedStage[];
  readonly args: readonly NamedArg[];
}

const largest = 1024 * 1024;
const mostKept = 200;

/** A Dockerfile is read once for each time that it changes; what is open counts as it is typed. */
export class KnownDockerfiles {
  readonly #known = new Map<string, { readonly stamp: string; readonly names: DockerfileNames }>();
  readonly #ofOpen = new WeakMap<Dockerfile, DockerfileNames>();
  readonly #openAt: (uri: string) => Dockerfile | undefined;
  /** How many files were read; tests count. */
  reads = 0;

  constructor(openAt: (uri: string) => Dockerfile | undefined) {
    this.#openAt = openAt;
  }

  /** Undefined when there is no such file, or it cannot be read. */
  of(file: string): DockerfileNames | undefined {
    const uri = pathToFileURL(file).href;
    const open = this.#openAt(uri);
    if (open) {
      const names = this.#ofOpen.get(open) ?? namesIn(open, uri);
      this.#ofOpen.set(open, names);
      return names;
    }
    const stats = stat(file);
    if (!stats?.isFile() || stats.size > largest) return undefined;
    const stamp = `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
    const known = this.#known.get(file);
    if (known?.stamp === stamp) return known.names;
    const text = read(file);
    if (text === undefined) return undefined;
    this.reads += 1;
    if (this.#known.size >= mostKept) this.#known.clear();
    const names = namesIn(parse(text), uri);
    this.#known.set(file, { stamp, names });
    return names;
  }
}

/** As builders find them: names without regard to case, the last of several; else the number. */
export function stageNamed({ stages }: DockerfileNames, text: string): NamedStage | undefined {
  const named = stages.findLast(({ name }) => name?.toLowerCase() === text.toLowerCase());
  return named ?? (/^\d+$/.test(text) ? stages[Number(text)] : undefined);
}

function namesIn({ stages, globalArgs, instructions }: Dockerfile, uri: string): DockerfileNames {
  const args = [...globalArgs, ...instructions.filter(({ keyword }) => keyword === "ARG")];
  return {
    uri,
    stages: stages.map(({ name, from, index, instructions: steps }) => ({
      name: name?.text,
      index,
      range: (name ?? from).range,
      base: from.words[0]?.text ?? "",
      steps: steps.length,
    })),
    args: [...new Set(args)].flatMap((arg) =>
      readPairs(arg).pairs.map(({ name, nameSpan, value }) => ({
        name,
        range: arg.rest.rangeOf(nameSpan.start, nameSpan.end),
        value,
      })),
    ),
  };
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
