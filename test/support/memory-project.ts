import { unknownProject } from "../../server/lint/project-unknown.ts";
import type { ProjectView } from "../../server/lint/views.ts";

/** A build context of texts by path; nothing is known without. An ignore file takes away the paths that it lists literally. */
export function memoryProject(files: Readonly<Record<string, string>> | undefined): ProjectView {
  if (!files) return unknownProject;
  const paths = Object.keys(files);
  const ignoreText = files[".dockerignore"];
  const clean = (path: string) => path.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const ignored = (ignoreText ?? "").split("\n").map((line) => clean(line.trim()));
  return {
    known: true,
    names: [...new Set(paths.map((path) => path.split("/")[0] ?? ""))].sort(),
    exists: (path) => {
      const asked = clean(path);
      return asked === "" || asked === "." || paths.some((one) => one === asked || one.startsWith(`${asked}/`));
    },
    text: (path) => files[clean(path)],
    ...(ignoreText !== undefined && { ignore: { name: ".dockerignore", text: ignoreText } }),
    ignores: (path) => ignored.some((one) => one !== "" && (clean(path) === one || clean(path).startsWith(`${one}/`))),
  };
}
