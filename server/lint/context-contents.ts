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
export function wholeCopies({ stages, project }: FileView): readonly WholeCopy[] {
  const shipped: WholeCopy[] = [];
  const others: WholeCopy[] = [];
  for (const stage of stages) {
    const { wholes, deep } = copiesIn(stage);
    if (deep.some((one) => isBuiltFromAbove(one, project))) return [];
    if (wholes.length === 0) continue;
    const list = isShipped(stage) ? shipped : others;
    for (const one of wholes) list.push(one);
  }
  return shipped.concat(others);
}

/** What a stage takes from the context. */
interface StageCopies {
  readonly wholes: readonly WholeCopy[];
  /** Below a folder. */
  readonly deep: readonly CopyPart[];
  /** First parts of paths: they are wanted. */
  readonly wanted: ReadonlySet<string>;
}

/** By the view of a stage, which lives as long as nothing has changed for the stage. */
const copiesOf = new WeakMap<StageView, StageCopies>();

function copiesIn(stage: StageView): StageCopies {
  const known = copiesOf.get(stage);
  if (known) return known;
  const copies = readCopies(stage);
  copiesOf.set(stage, copies);
  return copies;
}

function readCopies(stage: StageView): StageCopies {
  const all = stage.stage.instructions.map((one) => one.trigger ?? one);
  const sources = all.flatMap(contextSources);
  return {
    wholes: all.flatMap((instruction) => {
      const source = contextSources(instruction).find(({ text }) => isWholeContext(text));
      return source ? [{ source, instruction, stage }] : [];
    }),
    deep: sources.filter(({ text }) => contextPath(text).includes("/")),
    wanted: new Set(sources.map(({ text }) => contextPath(text).split("/")[0] ?? "")),
  };
}

export function isShipped({ isLast, isBase, isSource }: StageView): boolean {
  return isLast || isBase || !isSource;
}

/** What lies in the context and has no business in an image, because the build makes it anew or never needs it. */
export function wasteIn({ stage }: WholeCopy, { stages, project }: FileView): readonly string[] {
  const candidates = candidatesIn(project);
  if (candidates.length === 0) return candidates;
  let known = wasteOf.get(stage);
  if (known?.candidates !== candidates) {
    known = { candidates, waste: candidates.filter((name) => isWaste(name, stage)) };
    wasteOf.set(stage, known);
  }
  return known.waste.filter((name) => !stages.some((one) => copiesIn(one).wanted.has(name)));
}

const wasteOf = new WeakMap<StageView, { readonly candidates: readonly string[]; readonly waste: readonly string[] }>();

function isWaste(name: string, stage: StageView): boolean {
  if (always.has(name)) return true;
  const runs = (program: string, pattern: RegExp) =>
    stage.commands(program).some(({ command }) => pattern.test(command.text));
  switch (name) {
    case ".git":
      // Build tools ask it for the version.
      return stage.commands("git").length === 0;
    case "node_modules":
      return stage
        .only("RUN")
        .some(({ installs }) => installs.some(({ install }) => nodeManagers.has(install.manager)));
    case "target":
      return runs("cargo", /\b(?:build|install)\b/) || runs("mvn", /./) || runs("mvnw", /./);
    default:
      return [...nodeManagers].some((program) => runs(program, /\bbuild\b/));
  }
}

const nodeManagers: ReadonlySet<string> = new Set(["npm", "yarn", "pnpm", "bun"]);

/** Names that may be waste and that the ignore file does not leave out. */
function candidatesIn(project: ProjectView): readonly string[] {
  const known = candidatesOf.get(project);
  if (known) return known;
  const isCandidate = (name: string) => always.has(name) || sometimes.has(name);
  const candidates = project.names.filter((name) => isCandidate(name) && !project.ignores(name));
  candidatesOf.set(project, candidates);
  return candidates;
}

const candidatesOf = new WeakMap<ProjectView, readonly string[]>();

const sometimes = new Set([".git", "node_modules", "target", "dist", ".next", ".nuxt", ".svelte-kit"]);

const always = new Set(
  ".venv venv __pycache__ .pytest_cache .mypy_cache .ruff_cache .tox .idea .vscode .gradle .terraform .DS_Store npm-debug.log coverage".split(
    " ",
  ),
);

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
