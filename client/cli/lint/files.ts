import { type Stats, statSync } from "node:fs";
import path from "node:path";
import { type Message, msg } from "../../../engine/base/message.ts";

// Its ES modules look for themselves by `import.meta.url`, which a bundle does not have.
const { globSync, isDynamicPattern } = require("tinyglobby") as typeof import("tinyglobby");

export interface FoundFiles {
  /** In the order in which they were named, those of a folder sorted; each once. */
  readonly files: readonly string[];
  readonly errors: readonly Message[];
}

const patterns = [
  "Dockerfile",
  "Containerfile",
  "{Dockerfile,Containerfile}.*",
  "*.{Dockerfile,Containerfile,dockerfile,containerfile}",
];
const ignored = ["**/.git/**", "**/node_modules/**", "**/*.dockerignore", "**/*.containerignore"];
const options = { onlyFiles: true, expandDirectories: false, followSymbolicLinks: false, dot: true } as const;

/** Files as they are, folders for their Dockerfiles, everything else as a pattern; `-` is standard input. */
export function findFiles(names: readonly string[]): FoundFiles {
  const files = new Set<string>();
  const errors: Message[] = [];
  for (const name of names) {
    const found = filesOf(name);
    if (Array.isArray(found)) for (const file of found) files.add(file);
    else errors.push(found as Message);
  }
  return { files: [...files], errors };
}

function filesOf(name: string): readonly string[] | Message {
  if (name === "-") return [name];
  const stats = stat(name);
  if (stats && !stats.isDirectory()) return [name];
  if (stats) {
    const found = globSync(
      patterns.map((pattern) => `**/${pattern}`),
      { ...options, ignore: ignored, cwd: name },
    );
    const inside = found.sort().map((file) => (path.normalize(name) === "." ? file : path.join(name, file)));
    return inside.length > 0 ? inside : msg("there is no Dockerfile in {folder}", { folder: name });
  }
  if (!isDynamicPattern(name)) return msg("{file} does not exist", { file: name });
  const found = globSync([name], { ...options, ignore: ignored.slice(0, 2) });
  return found.length > 0 ? found.sort() : msg("no file matches {pattern}", { pattern: name });
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
