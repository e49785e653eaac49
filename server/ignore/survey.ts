import { breather } from "../../engine/context/breathe.ts";
import type { IgnoreState } from "../../engine/context/ignore.ts";
import type { IgnoreLine } from "./lines.ts";
import type { ContextListing } from "./listing.ts";
import { decidingRule, type IgnoreMatcher } from "./matcher.ts";

/** What one pattern does in the context as it lies there. */
export interface PatternEffect {
  readonly line: IgnoreLine;
  /** Files and folders that it matches by itself; what is below a folder is not counted among them. */
  readonly matches: number;
  /** Files that it matches, with all below matched folders. */
  readonly files: number;
  readonly bytes: number;
  readonly examples: readonly string[];
  /** Files about which it has the last word. */
  readonly decides: number;
  /** Files or folders of the same name deeper in the context, not ignored. */
  readonly deeper: readonly string[];
}

export interface Survey {
  readonly effects: readonly PatternEffect[];
  /** Of the files that are not ignored. */
  readonly files: number;
  readonly bytes: number;
  readonly isWhole: boolean;
  readonly hasIgnored: boolean;
  readonly largest: readonly Large[];
}

export interface Large {
  readonly path: string;
  readonly isFolder: boolean;
  readonly files: number;
  readonly bytes: number;
}

const mostExamples = 5;
const mostLargest = 30;

interface Counted {
  matches: number;
  files: number;
  bytes: number;
  decides: number;
  readonly examples: string[];
  readonly deeper: string[];
}

/** Patterns × entries, in slices that let other work in between. */
export async function surveyContext(
  { entries, isWhole, hasIgnored }: ContextListing,
  { lines, ignore, single }: IgnoreMatcher,
  signal?: AbortSignal,
): Promise<Survey> {
  const breathe = breather(signal);
  const counted = lines.map((): Counted => ({ matches: 0, files: 0, bytes: 0, decides: 0, examples: [], deeper: [] }));
  const states = new Map<string, IgnoreState>();
  /** By folder: which patterns match it or a folder above it. */
  const raw = new Map<string, readonly boolean[]>();
  const byName = new Map(lines.flatMap((line, rule) => (isBareName(line) ? [[line.pattern, rule] as const] : [])));
  const sizes = new Sizes();

  for (const { path, isFolder, sizeBytes } of entries) {
    const pause = breathe();
    if (pause) await pause;
    const slash = path.lastIndexOf("/");
    const folder = slash < 0 ? "" : path.slice(0, slash);
    const state = ignore.step(path, states.get(folder));
    const above = raw.get(folder);
    const matched = single.map((one, rule) => {
      if (above?.[rule]) return true;
      const found = one.step(path, undefined).ignored;
      const count = counted[rule];
      if (found && count) {
        count.matches += 1;
        if (count.examples.length < mostExamples) count.examples.push(isFolder ? `${path}/` : path);
      }
      return found;
    });
    if (isFolder) {
      states.set(path, state);
      raw.set(path, matched);
    }
    if (slash >= 0 && !state.ignored) {
      const deeper = counted[byName.get(path.slice(slash + 1)) ?? -1]?.deeper;
      if (deeper && deeper.length < mostExamples) deeper.push(path);
    }
    if (isFolder) continue;
    for (const [rule, count] of counted.entries()) {
      if (!matched[rule]) continue;
      count.files += 1;
      count.bytes += sizeBytes;
    }
    const decider = counted[decidingRule(state) ?? -1];
    if (decider) decider.decides += 1;
    if (!state.ignored) sizes.add(path, sizeBytes);
  }
  return {
    effects: lines.map((line, rule) => ({ line, ...(counted[rule] as Counted) })),
    files: sizes.files,
    bytes: sizes.bytes,
    isWhole,
    hasIgnored,
    largest: sizes.largest(),
  };
}

/** A name without a folder and without wildcards: in .gitignore it would hold everywhere. */
export function isBareName({ pattern, isException, written }: IgnoreLine): boolean {
  return !isException && /^[^?/[\]*\\|{}]+$/.test(pattern) && !written.startsWith("/");
}

/** How much lies in each folder and file of the context. */
class Sizes {
  files = 0;
  bytes = 0;
  readonly #folders = new Map<string, { files: number; bytes: number }>();
  readonly #files: Large[] = [];

  add(path: string, bytes: number): void {
    this.files += 1;
    this.bytes += bytes;
    this.#files.push({ path, isFolder: false, files: 1, bytes });
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const folder = path.slice(0, end);
      const known = this.#folders.get(folder);
      if (known) {
        known.files += 1;
        known.bytes += bytes;
      } else this.#folders.set(folder, { files: 1, bytes });
    }
  }

  /** Folders and files, the largest first; of folders that hold one thing only that thing. */
  largest(): readonly Large[] {
    const folders = [...this.#folders].map(([path, size]): Large => ({ path, isFolder: true, ...size }));
    const all = [...folders.filter(({ files }) => files > 1), ...this.#files];
    return all.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)).slice(0, mostLargest);
  }
}
