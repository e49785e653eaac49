import type { Instruction } from "../../engine/dockerfile/model.ts";
import { type CopyPart, contextPath, contextSources, isBuiltFromAbove, isWholeContext } from "./copy-parts.ts";
import type { Fix } from "./rule.ts";
import { isSecretFile } from "./secrets.ts";
import type { FileView, ProjectView, StageView } from "./views.ts";

/** A source that is the whole context, with the stage that it is copied into. */
export interface WholeCopy {
  readonly source: CopyPart;
  readonly instruction: Instruction;
  readonly stage: StageView;
}

/** The file's copies of everything: those whose stage ends up in an image first. None when the context is a folder above. */
export function wholeCopies(file: FileView): readonly WholeCopy[] {
  let isAbove = false;
  const found = file.stages.flatMap((stage) =>
    stage.stage.instructions.flatMap((instruction): readonly WholeCopy[] => {
      const own = instruction.trigger ?? instruction;
      if (own.keyword !== "COPY" && own.keyword !== "ADD") return [];
      const sources = contextSources(own);
      isAbove ||= sources.some((one) => isBuiltFromAbove(one, file.project));
      const source = sources.find(({ text }) => isWholeContext(text));
      return source ? [{ source, instruction: own, stage }] : [];
    }),
  );
  if (isAbove) return [];
  return [...found.filter(({ stage }) => isShipped(stage)), ...found.filter(({ stage }) => !isShipped(stage))];
}

export function isShipped({ isLast, isBase, isSource }: StageView): boolean {
  return isLast || isBase || !isSource;
}

/** What lies in the context and has no business in an image, because the build makes it anew or never needs it. */
export function wasteIn(copy: WholeCopy, file: FileView): readonly string[] {
  const { names } = file.project;
  const managers = new Set(
    copy.stage.only("RUN").flatMap(({ installs }) => installs.map(({ install }) => install.manager)),
  );
  const isInstalledBy = (...some: readonly string[]) => some.some((manager) => managers.has(manager));
  const runs = (program: string, pattern: RegExp) =>
    copy.stage.commands(program).some(({ command }) => pattern.test(command.text));
  const buildsNode = ["npm", "yarn", "pnpm", "bun"].some((program) => runs(program, /\bbuild\b/));
  const wanted = namedSources(file);
  const isWaste = (name: string): boolean => {
    if (wanted.has(name)) return false;
    if (always.has(name)) return true;
    switch (name) {
      case ".git":
        // Build tools ask it for the version.
        return copy.stage.commands("git").length === 0;
      case "node_modules":
        return isInstalledBy("npm", "yarn", "pnpm", "bun");
      case "target":
        return runs("cargo", /\b(?:build|install)\b/) || runs("mvn", /./) || runs("mvnw", /./);
      case "dist":
      case ".next":
      case ".nuxt":
      case ".svelte-kit":
        return buildsNode;
      default:
        return false;
    }
  };
  const candidates = candidatesOf.get(names) ?? names.filter((name) => always.has(name) || sometimes.has(name));
  candidatesOf.set(names, candidates);
  return candidates.filter((name) => isWaste(name) && !file.project.ignores(name));
}

const candidatesOf = new WeakMap<readonly string[], readonly string[]>();

const sometimes = new Set([".git", "node_modules", "target", "dist", ".next", ".nuxt", ".svelte-kit"]);

const always = new Set(
  ".venv venv __pycache__ .pytest_cache .mypy_cache .ruff_cache .tox .idea .vscode .gradle .terraform .DS_Store npm-debug.log coverage".split(
    " ",
  ),
);

/** First parts of paths that a COPY names: they are wanted. */
function namedSources({ stages }: FileView): ReadonlySet<string> {
  const sources = stages.flatMap(({ stage }) =>
    stage.instructions.flatMap((instruction) => contextSources(instruction.trigger ?? instruction)),
  );
  return new Set(sources.map(({ text }) => contextPath(text).split("/")[0] ?? ""));
}

/** Files in the context's folder that hold a secret, as far as names and texts show. */
export function secretsIn(project: ProjectView): readonly string[] {
  const suspects = suspectsOf.get(project.names) ?? project.names.filter(isSuspect);
  suspectsOf.set(project.names, suspects);
  return suspects.filter((name) => isSecret(name, project) && !project.ignores(name));
}

/** By the list of names, which all Dockerfiles of a folder share. */
const suspectsOf = new WeakMap<readonly string[], readonly string[]>();

function isSuspect(name: string): boolean {
  return /\.(?:pem|key)$/.test(name) || isSecretFile(name);
}

/** Where the name alone does not tell, the text does. */
function isSecret(name: string, project: ProjectView): boolean {
  if (/\.(?:pem|key)$/.test(name)) return /PRIVATE KEY-----/.test(project.text(name) ?? "");
  if (name === ".npmrc") return /_(?:authToken|password|auth)\s*=\s*[^\s$]/.test(project.text(name) ?? "");
  if (/^\.env(?:\.|$)/.test(name) && (name === ".env.test" || project.text(name)?.trim() === "")) return false;
  return isSecretFile(name);
}

/** Writes names into the ignore file; makes one when there is none. */
export function ignoreThem({ ignore }: ProjectView, names: readonly string[], title: Fix["title"]): Fix {
  const text = names.map((name) => `${name}\n`).join("");
  return { title, edits: [], files: [{ name: ignore?.name ?? ".dockerignore", append: true, text }] };
}

/** `a, b and 3 more`, without the words. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown}, …` : shown;
}
