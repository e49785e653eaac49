import type { ProjectView } from "./views.ts";

/** Nothing is known of the build context. */
export const unknownProject: ProjectView = {
  known: false,
  names: [],
  list: () => undefined,
  exists: () => undefined,
  text: () => undefined,
  ignores: () => false,
};

/** Only the names in the folder itself are known. */
export function namedProject(names: readonly string[]): ProjectView {
  return {
    ...unknownProject,
    known: true,
    names,
    list: (folder) => (folder === "" ? names.map((name) => ({ name, isFolder: false })) : undefined),
    exists: (path) => (path.includes("/") ? undefined : names.includes(path)),
  };
}
