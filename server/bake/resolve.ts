import path from "node:path";
import type { Build, BuildFile, Placed } from "./model.ts";

/** A build with what it takes over from others, and the Dockerfile that it means. */
export interface Resolved {
  readonly build: Build;
  /** Full path; undefined when it is written here, lies elsewhere or is not known. */
  readonly dockerfile: string | undefined;
  readonly context: string | undefined;
  readonly target: Placed | undefined;
}

const deepest = 20;

/** `folder`: of the file, which relative paths count from. */
export function resolveBuilds({ builds }: BuildFile, folder: string): readonly Resolved[] {
  const byName = new Map(builds.map((build) => [build.name.text, build]));
  return builds.map((build) => {
    const context = taken(build, byName, "context");
    const dockerfile = taken(build, byName, "dockerfile");
    const target = taken(build, byName, "target");
    const place = context ? folderOf(context, folder) : folder;
    const file = build.isInline || place === undefined ? undefined : fileOf(dockerfile, place);
    return { build, dockerfile: file, context: place, target };
  });
}

/** Its own, else that of the last build it inherits from. */
function taken(
  build: Build,
  byName: ReadonlyMap<string, Build>,
  what: "context" | "dockerfile" | "target",
  depth = 0,
): Placed | undefined {
  if (build[what] || depth > deepest) return build[what];
  for (const { text } of [...build.inherits].reverse()) {
    const parent = byName.get(text);
    const found = parent && parent !== build ? taken(parent, byName, what, depth + 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function folderOf({ text, isKnown }: Placed, folder: string): string | undefined {
  if (!isKnown || text.includes("\0") || /^(?:[a-z]+:|git@|~)/i.test(text)) return undefined;
  return path.resolve(folder, text);
}

function fileOf(dockerfile: Placed | undefined, context: string): string | undefined {
  if (!dockerfile) return path.join(context, "Dockerfile");
  return folderOf(dockerfile, context);
}
