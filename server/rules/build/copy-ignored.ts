import { msg } from "../../../engine/base/message.ts";
import { compileIgnore, readIgnoreFile } from "../../../engine/context/ignore.ts";
import { compileGlob, hasWildcards } from "../../../engine/context/match.ts";
import { contextPath, contextSources, isWholeContext } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";
import type { ProjectView } from "../../lint/views.ts";

export default defineRule({
  id: "build/copy-ignored",
  severity: "warning",
  summary: msg("The ignore file takes these files out of the build context: there is nothing to copy"),
  why: msg(
    "The builder does not see what .dockerignore names. Copy something else, or take the line out of the ignore file.",
  ),
  sameAs: ["buildkit:CopyIgnoredFile"],
  note: msg("Lines with ! count, too: BuildKit gives up where an ignore file has one."),
  fix: "none",
  sees: ["COPY", "ADD"],
  examples: [
    {
      files: { ".dockerignore": "dist\n*.log\n", "dist/a.js": "", "a.log": "", "b.js": "" },
      bad: "FROM node\nCOPY dist /app/\n#    ^^^^\nCOPY b.js ./a.log /app/\n#         ^^^^^^^\nADD *.log /logs/\n#   ^^^^^\n",
    },
    {
      files: { ".dockerignore": "*\n", "a.js": "" },
      bad: "FROM node\nCOPY . .\n#    ^\nONBUILD COPY a.js .\n#            ^^^^\n",
    },
    {
      files: { ".dockerignore": "dist\n!dist/keep\n", "dist/a.js": "", "dist/keep/b.js": "" },
      bad: "FROM node\nCOPY dist/a.js .\n#    ^^^^^^^^^\nCOPY dist/keep .\nCOPY dist .\n",
    },
  ],
  fine: [
    {
      files: { ".dockerignore": "dist\n", "src/a.js": "" },
      text: "FROM node\nCOPY --from=build dist .\nCOPY src $X .\n",
    },
    { files: { ".dockerignore": "*\n!src\n", "src/a.js": "" }, text: "FROM node\nCOPY . .\nCOPY src .\nCOPY s* .\n" },
    { files: { dist: "" }, text: "FROM node\nCOPY dist .\n" },
    "FROM node\nCOPY dist .\n",
  ],
  *stage(view) {
    const { project } = view;
    if (!project.known || !project.ignore) return;
    const hidden = hiddenBy(project.ignore, project.names);
    for (const { instruction } of view.only("COPY", "ADD")) {
      for (const { text, range } of contextSources(instruction)) {
        if (text.includes("$") || !hidden(text)) continue;
        yield {
          range,
          message: msg("{file} takes {path} out of the build context: there is nothing to copy", {
            file: project.ignore.name,
            path: text,
          }),
        };
      }
    }
  },
});

type Test = (source: string) => boolean;

/** Is everything that a source means taken out? In doubt: no. */
function hiddenBy({ name, text }: NonNullable<ProjectView["ignore"]>, names: readonly string[]): Test {
  const patterns = readIgnoreFile(text);
  const ignore = tryCompile(patterns, name);
  if (!ignore) return () => false;
  const takesAll = !ignore.hasExceptions && patterns.some((pattern) => /^(?:\*|\*\*|\*\*\/\*)$/.test(pattern));
  const isHidden = (path: string) => ignore.ignores(path) && !ignore.mayReinclude(path);
  return (source) => {
    if (isWholeContext(source)) return takesAll;
    const path = contextPath(source);
    if (path === "") return takesAll;
    if (!hasWildcards(path)) return isHidden(path);
    const glob = path.includes("/") ? undefined : compileGlob(path);
    const meant = names.filter((one) => glob?.matches(one));
    return meant.length > 0 && meant.every(isHidden);
  };
}

/** A pattern that the builder refuses is told by a build. */
function tryCompile(patterns: readonly string[], name: string) {
  try {
    return compileIgnore(patterns, name);
  } catch {
    return undefined;
  }
}
