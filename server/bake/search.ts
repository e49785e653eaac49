import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Location } from "vscode-languageserver";
import { isBakeName, isComposeName } from "../companion.ts";
import { findDockerfiles } from "../dockerfile-search.ts";
import { type BuildsIn, readBuilds } from "./companion.ts";
import { type DockerfileNames, stageNamed } from "./dockerfiles.ts";

const largest = 512 * 1024;
/** Files that appear are told of by most editors; not by all. */
const walkAgeMs = 10_000;
const limits = { files: 300, folders: 3000 };

interface Surroundings {
  readonly folders: readonly string[];
  /** Of an open document: what is typed counts, not what is saved. */
  readonly textOf: (uri: string) => string | undefined;
  readonly isCancelled: () => boolean;
}

/** What is asked for: a stage or an argument of a Dockerfile. */
export interface Wanted {
  /** Full path. */
  readonly dockerfile: string;
  readonly names: DockerfileNames;
  readonly kind: "stage" | "arg";
  readonly name: string;
}

/** The Compose and Bake files of the workspace. A file is read once for each time that it changes. */
export class BuildSearch {
  readonly #known = new Map<string, { readonly stamp: string; readonly builds: BuildsIn }>();
  #walk: { readonly key: string; readonly at: number; readonly files: Promise<readonly string[]> } | undefined;
  /** How many files were read; tests count. */
  reads = 0;

  /** Where these files name a stage or an argument. */
  async uses(wanted: Wanted, surroundings: Surroundings): Promise<readonly Location[]> {
    const found: Location[] = [];
    for (const file of await this.#files(surroundings)) {
      if (surroundings.isCancelled()) break;
      const { builds } = (await this.#buildsOf(file, surroundings)) ?? { builds: [] };
      const uri = pathToFileURL(file).href;
      for (const { build, dockerfile } of builds) {
        if (dockerfile !== wanted.dockerfile) continue;
        const places =
          wanted.kind === "arg"
            ? build.args.flatMap(({ name }) => (name.text === wanted.name ? [name] : []))
            : build.target && isStage(build.target.text, wanted)
              ? [build.target]
              : [];
        found.push(...places.map(({ range }) => ({ uri, range })));
      }
    }
    return found;
  }

  forget(): void {
    this.#walk = undefined;
  }

  #files({ folders, isCancelled }: Surroundings): Promise<readonly string[]> {
    const key = folders.join("\0");
    const now = performance.now();
    if (this.#walk?.key === key && now - this.#walk.at < walkAgeMs) return this.#walk.files;
    const isWanted = (name: string) => isComposeName(name) || isBakeName(name);
    const files = findDockerfiles(folders, { ...limits, isWanted, isCancelled });
    this.#walk = { key, at: now, files };
    return files;
  }

  async #buildsOf(file: string, { textOf }: Surroundings): Promise<BuildsIn | undefined> {
    const kind = isBakeName(file.slice(file.search(/[^/\\]*$/))) ? "bake" : "compose";
    const open = textOf(pathToFileURL(file).href);
    if (open !== undefined) return readBuilds(open, file, kind);
    try {
      const { ino, size, mtimeMs } = await stat(file);
      const stamp = `${ino}:${size}:${mtimeMs}`;
      const known = this.#known.get(file);
      if (known?.stamp === stamp) return known.builds;
      if (size > largest) return undefined;
      this.reads += 1;
      const builds = readBuilds(await readFile(file, "utf8"), file, kind);
      this.#known.set(file, { stamp, builds });
      return builds;
    } catch {
      // It went away, or may not be read.
      return undefined;
    }
  }
}

/** `target: 0` and another case mean the same stage. */
function isStage(text: string, { names, name }: Wanted): boolean {
  const stage = stageNamed(names, text);
  return stage !== undefined && stage === stageNamed(names, name);
}
