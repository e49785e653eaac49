import { readFileSync, type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { msg } from "../../engine/base/message.ts";
import { type ReadConfig, readDrydockConfig, readHadolintConfig } from "./config-file.ts";
import type { Ignorable } from "./suppressions.ts";

const hadolintNames = [".hadolint.yaml", ".hadolint.yml"];
const drydockNames = ["drydock.yaml", ".drydock.yaml", "drydock.yml", ".drydock.yml"];
export const configFileNames: readonly string[] = [...hadolintNames, ...drydockNames];
const largestBytes = 256 * 1024;

/** The configuration files that hold for Dockerfiles of a folder, full paths. */
export interface ConfigFiles {
  readonly hadolint?: string;
  readonly drydock?: string;
}

/**
 * Looks in the folder and upwards, for each of the two kinds the nearest; not above `root`, nor above a repository.
 * Some dozen calls of stat, so that nobody has to be told when a file comes or goes.
 */
export function findConfigFiles(folder: string, root?: string): ConfigFiles {
  let hadolint: string | undefined;
  let drydock: string | undefined;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    hadolint ??= firstFile(hadolintNames.map((name) => path.join(at, name)));
    drydock ??= firstFile(drydockNames.map((name) => path.join(at, name)));
    const isEnd = at === root || at === path.dirname(at) || (hadolint !== undefined && drydock !== undefined);
    if (isEnd || stat(path.join(at, ".git")) !== undefined) break;
  }
  return { ...(hadolint && { hadolint }), ...(drydock && { drydock }) };
}

/** Where hadolint looks when a project has no file of it. */
export function homeHadolintFile(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const home = environment.HOME || homedir();
  const settings = environment.XDG_CONFIG_HOME || path.join(home, ".config");
  const both = (name: string) => [`${name}.yaml`, `${name}.yml`];
  return firstFile([
    ...both(path.join(settings, "hadolint")),
    ...both(path.join(home, ".hadolint", "hadolint")),
    ...both(path.join(home, ".hadolint", "config")),
    ...both(path.join(home, ".hadolint")),
  ]);
}

interface Kept {
  readonly mtimeMs: number;
  readonly size: number;
  readonly ignorable: readonly Ignorable[];
  readonly config: ReadConfig;
}

const kept = new Map<string, Kept>();

/** Reads a configuration file; what has not changed since is not read again. It never throws. */
export function readConfigFile(file: string, kind: keyof ConfigFiles, ignorable: readonly Ignorable[]): ReadConfig {
  const stats = stat(file);
  const known = kept.get(file);
  const isKept = known?.mtimeMs === stats?.mtimeMs && known?.size === stats?.size && known?.ignorable === ignorable;
  if (known && stats && isKept) return known.config;
  const config = readNow(file, kind, ignorable, stats);
  if (kept.size >= 200) kept.clear();
  if (stats) kept.set(file, { mtimeMs: stats.mtimeMs, size: stats.size, ignorable, config });
  return config;
}

function readNow(
  file: string,
  kind: keyof ConfigFiles,
  ignorable: readonly Ignorable[],
  stats: Stats | undefined,
): ReadConfig {
  const start = { line: 0, character: 0 };
  const failed = (message: ReturnType<typeof msg>): ReadConfig => ({
    layer: {},
    problems: [{ file, severity: "error", message, range: { start, end: start } }],
  });
  if (!stats?.isFile()) return failed(msg("{file} does not exist", { file }));
  if (stats.size > largestBytes) return failed(msg("{file} is too large for a configuration file", { file }));
  try {
    const text = readFileSync(file, "utf8");
    return kind === "drydock" ? readDrydockConfig(file, text, ignorable) : readHadolintConfig(file, text, ignorable);
  } catch (error) {
    return failed(msg("{file} cannot be read: {reason}", { file, reason: (error as Error).message }));
  }
}

function firstFile(files: readonly string[]): string | undefined {
  return files.find((file) => stat(file)?.isFile());
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
