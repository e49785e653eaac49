import { compileIgnore, readIgnoreFile } from "../../engine/context/ignore.ts";
import { unknownProject } from "../../server/lint/project-unknown.ts";
import type { ProjectView } from "../../server/lint/views.ts";

/** A build context of texts by path; nothing is known without. */
export function memoryProject(files: Readonly<Record<string, string>> | undefined): ProjectView {
  if (!files) return unknownProject;
  const paths = Object.keys(files);
  const ignoreText = files[".dockerignore"];
  const clean = (path: string) => path.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const { ignores } = compileIgnore(readIgnoreFile(ignoreText ?? ""));
  return {
    known: true,
    names: [...new Set(paths.map((path) => path.split("/")[0] ?? ""))].sort(),
    list: (folder) => {
      const start = clean(folder) === "" ? "" : `${clean(folder)}/`;
      const below = paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length).split("/"));
      const folders = new Map(below.map((parts) => [parts[0] ?? "", parts.length > 1]));
      const all = [...folders]
        .map(([name, isFolder]) => ({ name, isFolder }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return all.length === 0 ? undefined : all.filter(({ name }) => !ignores(start + name));
    },
    exists: (path) => {
      const asked = clean(path);
      return asked === "" || asked === "." || paths.some((one) => one === asked || one.startsWith(`${asked}/`));
    },
    text: (path) => files[clean(path)],
    ...(ignoreText !== undefined && { ignore: { name: ".dockerignore", text: ignoreText } }),
    ignores: (path) => clean(path) !== "" && ignores(clean(path)),
  };
}
