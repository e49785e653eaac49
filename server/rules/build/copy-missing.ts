import { nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { compileGlob, escapeBrackets, hasWildcards } from "../../../engine/context/match.ts";
import { type CopyPart, contextPath, contextSources, isBuiltFromAbove } from "../../lint/copy-parts.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { ProjectView, StageView } from "../../lint/views.ts";

/** Files by which one knows a project's folder: then it is the context and not just where the Dockerfile happens to lie. */
const projectFiles = new Set(
  "package.json requirements.txt pyproject.toml Pipfile setup.py go.mod Cargo.toml pom.xml build.gradle build.gradle.kts Gemfile composer.json mix.exs Makefile".split(
    " ",
  ),
);

/** What is often made by a step before the build. */
const made =
  /(?:^|\/)(?:dist|build|out|target|bin|release|output|publish|artifacts?|public|node_modules|vendor|_build)(?:\/|$)|\.(?:jar|war|deb|rpm|tgz|whl|exe|tar(?:\.\w+)?|zip)$/;

export default defineRule({
  id: "build/copy-missing",
  severity: "warning",
  summary: msg("There is no such file in the build context"),
  why: msg(
    "COPY takes files from the build context only, the folder that is given to the build. A build ends here with an error; of a pattern that matches nothing it silently copies nothing.",
  ),
  learn: msg(
    "Paths of COPY begin at the folder that you build, not at your own working folder. Upper and lower case count.",
  ),
  sameAs: [],
  note: msg(
    "It is silent when nothing shows that the Dockerfile's folder is the context, and about what is usually made before a build.",
  ),
  fix: "suggestion",
  sees: ["COPY", "ADD"],
  examples: [
    {
      files: { Dockerfile: "", "requirements.txt": "", "app.py": "" },
      bad: "FROM python\nCOPY requirement.txt /app/\n#    ^^^^^^^^^^^^^^^\nCOPY app.py /app/\n",
      good: "FROM python\nCOPY requirements.txt /app/\nCOPY app.py /app/\n",
    },
    {
      files: { Dockerfile: "", "package.json": "{}", "src/a.js": "" },
      bad: 'FROM node\nCOPY ["Package.json", "./"]\n#     ^^^^^^^^^^^^^^\n',
      good: 'FROM node\nCOPY ["package.json", "./"]\n',
    },
    {
      files: { Dockerfile: "", "package.json": "{}", "src/a.js": "" },
      bad: "FROM node\nCOPY src/b.js ./c.js ./\n#    ^^^^^^^^\n#             ^^^^^^\n",
    },
    {
      files: { Dockerfile: "", "app/[slug]/page.tsx": "" },
      bad: "FROM node\nCOPY ./app/[slug]/ /x/\n#    ^^^^^^^^^^^^^\n",
      good: "FROM node\nCOPY ./app/[[]slug]/ /x/\n",
    },
    {
      files: { Dockerfile: "", "app/[[...all]]/page.tsx": "" },
      bad: 'FROM node\nCOPY ["app/[[...all]]/page.tsx", "/x/"]\n#     ^^^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM node\nCOPY ["app/[[][[]...all]]/page.tsx", "/x/"]\n',
    },
  ],
  fine: [
    {
      files: { Dockerfile: "", "src/a.js": "" },
      text: "FROM node\nCOPY src $X *.json /app/\nCOPY --from=x nothing /\n",
    },
    { files: { Dockerfile: "" }, text: "FROM node\nCOPY server/main.js /app/\n" },
    { files: { "go.mod": "" }, text: "FROM node\nCOPY dist /app/\nCOPY target/app.jar /\nCOPY <<EOF /x\na\nEOF\n" },
    { files: { "go.mod": "", ".gitignore": "# a\n/generated/\n" }, text: "FROM node\nCOPY generated/api.go /app/\n" },
    { files: { "app/[id]/a": "", "app/i/a": "" }, text: "FROM node\nCOPY app/[id]/ /x/\n" },
    { files: { "package.json": "{}" }, text: "FROM node\nCOPY [ab].js /x/\n" },
    { files: { "app/[id]/a": "" }, text: "FROM node\nCOPY app/[[]id]/ /x/\n" },
    "FROM node\nCOPY a /b\n",
  ],
  *stage(view) {
    const { project } = view;
    if (!project.known) return;
    const all = view.only("COPY", "ADD").flatMap(({ instruction }) => contextSources(instruction));
    for (const { text, range } of all) {
      if (!isNameTakenForPattern(text, project)) continue;
      const meant = escapeBrackets(text);
      yield {
        range,
        message: msg("[ and ] are a pattern for one of the characters between them: {path} is the name itself", {
          path: meant,
        }),
        fix: { title: msg("Change it to {name}", { name: meant }), edits: [rename(text, text, meant, range)] },
      };
    }
    const missing = all.filter((source) => isMissing(source, project));
    if (missing.length === 0 || missing.some((source) => isBuiltFromAbove(source, project))) return;
    const isContext = isPlainlyContext(view, all);
    const unversioned = (project.text(".gitignore") ?? "")
      .split("\n")
      .map((line) => line.trim().replace(/^\/|\/$/g, ""));
    for (const { text, range } of missing) {
      const path = contextPath(text);
      const meant = nearestName(path, project.names);
      if (meant !== undefined) {
        yield {
          range,
          message: msg("There is no {path} in the build context. Did you mean {meant}?", { path, meant }),
          fix: { title: msg("Change it to {name}", { name: meant }), edits: [rename(text, path, meant, range)] },
        };
      } else if (isContext && !made.test(path) && !unversioned.includes(path.split("/")[0] ?? "")) {
        yield { range, message: msg("There is no {path} in the build context", { path }) };
      }
    }
  },
});

function isMissing({ text }: CopyPart, project: ProjectView): boolean {
  const path = contextPath(text);
  // `..` is the matter of build/copy-outside-context.
  if (path === "" || /[$"'\\]/.test(text) || /^(?:\.\/+)*\.\./.test(text) || hasWildcards(path)) return false;
  return project.exists(path) === false && !project.ignores(path);
}

/** `app/[slug]/` is there, and nothing that it means as a pattern. */
function isNameTakenForPattern(text: string, project: ProjectView): boolean {
  if (!text.includes("[") || /[$"'\\*?]/.test(text)) return false;
  const path = contextPath(text);
  return project.exists(path) === true && !project.ignores(path) && !matchesSomething(path.split("/"), "", project);
}

function matchesSomething([first, ...more]: readonly string[], folder: string, project: ProjectView): boolean {
  const glob = first === undefined ? undefined : compileGlob(first);
  if (!glob) return false;
  const found = (project.list(folder) ?? []).filter(({ name }) => glob.matches(name));
  return more.length === 0
    ? found.length > 0
    : found.some(({ name }) => matchesSomething(more, folder === "" ? name : `${folder}/${name}`, project));
}

function isPlainlyContext({ project }: StageView, sources: readonly CopyPart[]): boolean {
  if (project.names.some((name) => projectFiles.has(name))) return true;
  return sources.some(({ text }) => {
    const path = contextPath(text);
    return path !== "" && !hasWildcards(path) && project.exists(path) === true;
  });
}

/** Of a path with folders only the first part can be compared. */
function nearestName(path: string, names: readonly string[]): string | undefined {
  if (path.includes("/")) return undefined;
  const sameLetters = names.find((name) => name.toLowerCase() === path.toLowerCase());
  return sameLetters ?? (path.length > 3 ? nearest(path, names) : undefined);
}

function rename(text: string, path: string, meant: string, range: CopyPart["range"]): Fix["edits"][number] {
  const { start, end } = range;
  const isQuoted = end.character - start.character > text.length;
  const at = start.character + (isQuoted ? 1 : 0) + text.lastIndexOf(path);
  const line = start.line;
  return replace({ start: { line, character: at }, end: { line, character: at + path.length } }, meant);
}
