import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { SymbolKind, type WorkspaceSymbol } from "vscode-languageserver";
import { type Dockerfile, parse } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { findDockerfiles } from "../dockerfile-search.ts";

interface FoundStage {
  readonly name: string;
  readonly range: Range;
}

interface KnownFile {
  readonly stamp: string;
  readonly stages: readonly FoundStage[];
}

interface Surroundings {
  /** Full paths of the workspace's folders. */
  readonly folders: readonly string[];
  /** Of an open document: what is typed counts, not what is saved. */
  readonly analysisOf: (uri: string) => Pick<Analysis, "dockerfile"> | undefined;
  readonly token?: { readonly isCancellationRequested: boolean };
}

/** The editor asks again with each letter: folders are not walked anew for so long. */
const walkAgeMs = 3000;
const largestFile = 1024 * 1024;
const mostAnswers = 500;

/** The stages of all Dockerfiles in the workspace. A file is read once for each time that it changes. */
export class StageSearch {
  readonly #known = new Map<string, KnownFile>();
  #walk: { readonly folders: string; readonly at: number; readonly files: Promise<string[]> } | undefined;
  /** How many files were read; tests count. */
  reads = 0;

  async find(query: string, { folders, analysisOf, token }: Surroundings): Promise<WorkspaceSymbol[]> {
    const files = await this.#files(folders);
    const isMeant = matcher(query);
    const found: WorkspaceSymbol[] = [];
    for (const file of files) {
      if (token?.isCancellationRequested || found.length >= mostAnswers) break;
      const uri = pathToFileURL(file).href;
      const open = analysisOf(uri);
      const stages = open ? stagesIn(open.dockerfile) : await this.#stagesOf(file);
      const containerName = placeOf(file, folders);
      for (const { name, range } of stages) {
        if (isMeant(name)) found.push({ name, kind: SymbolKind.Module, containerName, location: { uri, range } });
      }
    }
    return found.slice(0, mostAnswers);
  }

  #files(folders: readonly string[]): Promise<string[]> {
    const key = folders.join("\0");
    const now = performance.now();
    if (this.#walk?.folders === key && now - this.#walk.at < walkAgeMs) return this.#walk.files;
    const files = findDockerfiles(folders).then((all) => {
      const there = new Set(all);
      for (const file of this.#known.keys()) if (!there.has(file)) this.#known.delete(file);
      return all;
    });
    this.#walk = { folders: key, at: now, files };
    return files;
  }

  async #stagesOf(file: string): Promise<readonly FoundStage[]> {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const stamp = `${ino}:${size}:${mtimeMs}`;
      const known = this.#known.get(file);
      if (known?.stamp === stamp) return known.stages;
      if (size > largestFile) return [];
      this.reads += 1;
      const stages = stagesIn(parse(await readFile(file, "utf8")));
      this.#known.set(file, { stamp, stages });
      return stages;
    } catch {
      // It went away, or may not be read.
      return [];
    }
  }
}

/** Those without a name are called by their image. */
function stagesIn({ stages }: Dockerfile): readonly FoundStage[] {
  return stages.map(({ name, from, index }) => ({
    name: name?.text ?? from.words[0]?.text ?? `${index}`,
    range: (name ?? from).range,
  }));
}

/** The letters of the query in order, as editors filter; the editor sorts. */
function matcher(query: string): (name: string) => boolean {
  const letters = [...query.toLowerCase()].filter((letter) => letter.trim() !== "");
  return (name) => {
    const text = name.toLowerCase();
    let at = 0;
    return letters.every((letter) => {
      at = text.indexOf(letter, at) + 1;
      return at > 0;
    });
  };
}

/** `services/api/Dockerfile`; in front of it the folder's name when there are several. */
function placeOf(file: string, folders: readonly string[]): string {
  const root = folders.find((folder) => file.startsWith(folder + path.sep));
  if (root === undefined) return file;
  const inside = path.relative(root, file).split(path.sep).join("/");
  return folders.length > 1 ? `${path.basename(root)}/${inside}` : inside;
}
