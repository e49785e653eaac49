// The program's sources as text, and what the architecture and translation tests read from them. (TypeScript 7 has no stable
// compiler API; import statements and msg() calls have one shape each in this code, which Biome's formatter keeps.)
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Text by path from the repository's root. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** A path from the root for a relative import (`engine/base/digest.ts`), else the package's name as written. */
  readonly target: string;
  readonly isRelative: boolean;
  /** Erased by the compiler: nothing is loaded. */
  readonly typeOnly: boolean;
  readonly isExportAll: boolean;
}

export function readSources(folders: readonly string[] = ["client", "server", "engine"]): Sources {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name)),
  );
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  return new Map(sources.sort().map((file) => [file, readFileSync(file, "utf8")]));
}

// `import … from "x"`, `import "x"`, `export … from "x"` at the start of a line, over several lines or not.
const statement = /^(import|export)\s(?:(type)\s)?(?:([^"'`;()=]*?)\sfrom\s)?["']([^"'\n]+)["']/gm;
const dynamic = /\b(?:import|require)\(\s*["'`]([^"'`\n]+)["'`]/g;

export function importsOf(file: string, source: string): Import[] {
  const text = withoutComments(source);
  const imports = [...text.matchAll(statement)].map(([, keyword, type, names, specifier = ""]) => ({
    ...resolve(file, specifier),
    typeOnly: type !== undefined,
    isExportAll: keyword === "export" && (names ?? "").trim().startsWith("*"),
  }));
  for (const [, specifier = ""] of text.matchAll(dynamic)) {
    imports.push({ ...resolve(file, specifier), typeOnly: false, isExportAll: false });
  }
  return imports;
}

function resolve(file: string, specifier: string): { target: string; isRelative: boolean } {
  if (!specifier.startsWith(".")) return { target: specifier, isRelative: false };
  return { target: path.join(path.dirname(file), specifier), isRelative: true };
}

/** Comments become spaces; strings, templates and regular expressions with slashes keep theirs. */
export function withoutComments(source: string): string {
  const token = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g;
  return source.replace(token, (part) => (part.startsWith("/") ? part.replace(/[^\n]/g, " ") : part));
}

const call = /\bmsg\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`$]*`)?/g;

/** Templates of all msg() calls; a call whose template is not a plain literal is a problem. */
export function templatesOf(sources: Sources): { templates: Map<string, string>; problems: string[] } {
  const templates = new Map<string, string>();
  const problems: string[] = [];
  for (const [file, source] of sources) {
    if (file === "engine/base/message.ts") continue;
    for (const [, literal] of withoutComments(source).matchAll(call)) {
      if (literal === undefined) problems.push(`${file}: the template of a msg() call is not a literal`);
      else templates.set(evaluate(literal), file);
    }
  }
  return { templates, problems };
}

function evaluate(literal: string): string {
  const body = literal.slice(1, -1);
  const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r" };
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code, char) =>
    code === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
