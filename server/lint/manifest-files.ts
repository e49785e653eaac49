import type { ProjectView } from "./views.ts";

/** Files that list what a project depends on; a part of `Install` and `BuildFetch`. */
interface Lists {
  readonly manifests: readonly string[];
  readonly usual: string;
}

/** Where a manifest names other places of the project, which the step that reads it then needs too. */
const pointers: Readonly<Record<string, RegExp>> = {
  "package.json": /"workspaces"\s*:|:\s*"(?:file|link|portal|workspace):|"(?:pre|post)?install"\s*:|"prepare"\s*:/,
  "pnpm-workspace.yaml": /^(?:packages|patchedDependencies)\s*:/m,
  ".yarnrc.yml": /^(?:yarnPath|plugins)\s*:/m,
  "requirements.txt": /^\s*(?:-[rce]\s|--(?:requirement|constraint|editable)|\.{1,2}\/)/m,
  "pyproject.toml": /\bpath\s*=\s*"|\[tool\.uv\.workspace\]/,
  Pipfile: /\bpath\s*=/,
  "go.mod": /=>\s*\.{1,2}\//,
  "pom.xml": /<modules>/,
  "settings.gradle": /\binclude/,
  "settings.gradle.kts": /\binclude/,
  "build.gradle": /\blibs\./,
  "build.gradle.kts": /\blibs\./,
  Gemfile: /\bpath:|^\s*gemspec\b|eval_gemfile|\.(?:ruby|tool)-version/m,
  "composer.json": /"type"\s*:\s*"path"/,
  "pubspec.yaml": /^\s+path\s*:/m,
};
const gatherers = ["go.work", "lerna.json", "rush.json"];

/** The manifests that are in `folder` of the context (`""`: the context itself), as paths below the context. */
export function existingManifests({ manifests }: Lists, project: ProjectView, folder: string): readonly string[] {
  return manifests.flatMap((name) => {
    // Only the names in the context's own folder are known.
    if (name.startsWith("*")) return folder === "" ? project.names.filter((one) => one.endsWith(name.slice(1))) : [];
    const path = folder === "" ? name : `${folder}/${name}`;
    return project.exists(path) && !project.ignores(path) ? [path] : [];
  });
}

/** What has to be copied before dependencies are fetched; undefined when more than these files is needed, or may be. */
export function manifestsToCopy(lists: Lists, project: ProjectView, folder: string): readonly string[] | undefined {
  if (!project.known) return lists.usual.split(" ");
  const found = existingManifests(lists, project, folder);
  if (found.length === 0) return folder === "" ? lists.usual.split(" ") : undefined;
  const isGathered = gatherers.some((name) => project.exists(folder === "" ? name : `${folder}/${name}`));
  const needsMore = found.some((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return name.endsWith(".sln") || (pointers[name]?.test(project.text(path) ?? "") ?? false);
  });
  return isGathered || needsMore ? undefined : found;
}
