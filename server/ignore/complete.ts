import { readdirSync } from "node:fs";
import path from "node:path";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Position } from "../../engine/base/ranges.ts";
import type { Offer, Offers } from "../features/completion/offer.ts";
import type { IgnoreLine } from "./lines.ts";

const mostListed = 1000;

interface Suggestion {
  readonly pattern: string;
  readonly why: Message;
  /** It fits when the context's root holds one of these; always without. */
  readonly with?: RegExp;
}

const git = msg("version control: large, and no part of an app");
const secrets = msg("passwords and keys would end up in the image");
const installed = msg("installed anew during the build");
const built = msg("built anew during the build");
const local = msg("of use on this machine only");
const pythonProject = /^(?:requirements.*\.txt|pyproject\.toml|setup\.py|Pipfile)$/;
const nodeProject = /^package\.json$/;

const suggestions: readonly Suggestion[] = [
  { pattern: ".git", why: git },
  { pattern: "**/node_modules", why: installed, with: nodeProject },
  { pattern: "**/.env*", why: secrets },
  { pattern: "**/*.pem", why: secrets },
  { pattern: "**/*.key", why: secrets },
  { pattern: ".npmrc", why: secrets, with: nodeProject },
  { pattern: "dist", why: built, with: nodeProject },
  { pattern: ".next", why: built, with: /^next\.config\./ },
  { pattern: "coverage", why: local, with: nodeProject },
  { pattern: "**/npm-debug.log*", why: local, with: nodeProject },
  { pattern: "**/__pycache__", why: local, with: pythonProject },
  { pattern: "**/*.py[co]", why: local, with: pythonProject },
  { pattern: ".venv", why: installed, with: pythonProject },
  { pattern: ".pytest_cache", why: local, with: pythonProject },
  { pattern: "target", why: built, with: /^(?:Cargo\.toml|pom\.xml)$/ },
  { pattern: "build", why: built, with: /^build\.gradle/ },
  { pattern: ".gradle", why: local, with: /^build\.gradle/ },
  { pattern: "**/bin", why: built, with: /\.(?:csproj|sln)$/ },
  { pattern: "**/obj", why: built, with: /\.(?:csproj|sln)$/ },
  { pattern: "vendor/bundle", why: installed, with: /^Gemfile$/ },
  { pattern: "vendor", why: installed, with: /^composer\.json$/ },
  { pattern: "Dockerfile*", why: msg("the build reads it all the same, and its edits cost no cache") },
  { pattern: ".dockerignore", why: msg("the build reads it all the same, and its edits cost no cache") },
  { pattern: "compose*.y*ml", why: local, with: /^compose/ },
  { pattern: "docker-compose*.y*ml", why: local, with: /^docker-compose/ },
  { pattern: ".vscode", why: local },
  { pattern: ".idea", why: local },
  { pattern: "**/.DS_Store", why: local },
  { pattern: "**/*.log", why: local },
];

/** Patterns that suit the project, and paths of the context below what is typed so far. */
export function ignoreOffers(
  text: string,
  position: Position,
  lines: readonly IgnoreLine[],
  context: string | undefined,
): Offers | undefined {
  const before = text.slice(0, position.character);
  if (before.startsWith("#")) return undefined;
  const typed = before.replace(/^\s*(?:!\s*)?/, "");
  const isException = before.trimStart().startsWith("!");
  const here = position.line;
  const known = new Set(lines.filter(({ line }) => line !== here).map(({ written }) => written));
  const slash = typed.lastIndexOf("/");
  const folder = typed.slice(0, slash + 1);
  const names = context === undefined ? [] : entriesIn(context, folder);
  const paths = names.map(({ name, isFolder }): Offer => {
    const insert = escaped(folder + name) + (isFolder ? "/" : "");
    return { label: insert, kind: isFolder ? "Folder" : "File", again: isFolder };
  });
  const isStart = slash < 0 || typed.startsWith("**/");
  const root = context !== undefined && folder !== "" ? entriesIn(context, "") : names;
  const fitting = suggestions.filter(
    (one) => !known.has(one.pattern) && (!one.with || root.some(({ name }) => one.with?.test(name))),
  );
  const patterns = fitting.map(({ pattern, why }): Offer => ({ label: pattern, kind: "Value", detail: why }));
  const free = paths.filter(({ label }) => !known.has(label) && !known.has(label.replace(/\/$/, "")));
  const offers = isException || !isStart ? free : [...patterns, ...free];
  return { typed, tail: /^\S*/, offers: unique(offers) };
}

/** Of two with one label the first. */
function unique(offers: readonly Offer[]): readonly Offer[] {
  const seen = new Set<string>();
  return offers.filter(({ label }) => {
    const name = label.replace(/\/$/, "");
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function entriesIn(context: string, folder: string): readonly { readonly name: string; readonly isFolder: boolean }[] {
  // Nothing leads out of the context.
  const inside = path.posix.normalize(`/${folder}`);
  if (inside.includes("\0")) return [];
  try {
    const entries = readdirSync(path.join(context, inside), { withFileTypes: true }).slice(0, mostListed);
    return entries
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** As a pattern that means just this name. */
function escaped(name: string): string {
  return name.replace(/[*?[\]\\]/g, "\\$&");
}
