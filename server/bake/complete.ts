import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Position } from "../../engine/base/ranges.ts";
import { isDockerfileName } from "../dockerfile-search.ts";
import type { Offer, Offers } from "../features/completion/offer.ts";
import type { DockerfileNames } from "./dockerfiles.ts";
import type { BuildFile } from "./model.ts";
import type { Resolved } from "./resolve.ts";

export interface BuildPlace {
  readonly lines: readonly string[];
  readonly position: Position;
  /** Of the file, which relative paths count from. */
  readonly folder: string;
}

/**
 * Stages behind `target`, arguments below `args`, Dockerfiles behind `dockerfile`, folders behind `context` and `build`, in
 * lists of Bake other targets. Found by lines: what is being typed is rarely a file that a reader of YAML or HCL understands.
 */
export function buildOffers(
  { lines, position, folder }: BuildPlace,
  file: BuildFile,
  builds: readonly Resolved[],
  namesOf: (dockerfile: string) => DockerfileNames | undefined,
): Offers | undefined {
  const listed = file.isBake ? ofList(lines, position, file) : undefined;
  if (listed) return listed;
  const before = (lines[position.line] ?? "").slice(0, position.character);
  const value = setting.exec(before)?.groups;
  const isBareText = value?.quote === "" && /"|=$/.test(value.key ?? "");
  if (value?.name === "context" || (value?.name === "build" && !file.isBake)) {
    return foldersBelow(folder, value.typed ?? "", isBareText);
  }
  const one = builds.findLast(({ build }) => build.name.range.start.line <= position.line);
  if (!one) return undefined;
  const typed = value?.typed ?? /[^\s"'=:-][^\s"'=:]*$/.exec(before)?.[0] ?? "";
  const offers =
    value?.name === "dockerfile" ? dockerfilesIn(one.context) : namesIn(one, value?.name === "target", lines, position);
  return (
    offers && {
      typed,
      tail: /^[\w.-]*/,
      offers: isBareText ? offers.map(quoted) : offers,
    }
  );

  function namesIn(
    at: Resolved,
    isTarget: boolean,
    all: readonly string[],
    { line }: Position,
  ): readonly Offer[] | undefined {
    const names = at.dockerfile === undefined ? undefined : namesOf(at.dockerfile);
    if (!names) return undefined;
    if (isTarget)
      return names.stages.flatMap(({ name, base }) => (name ? [{ label: name, kind: "Module", detail: base }] : []));
    // The value behind a name is anything.
    if (!/^\s*(?:-\s*)?"?[\w.-]*$/.test(before) || !isBelowArgs(all, line)) return undefined;
    const known = new Set(
      at.build.args.filter(({ name }) => name.range.start.line !== line).map(({ name }) => name.text),
    );
    const seen = new Map(names.args.map((arg) => [arg.name, arg]));
    return [...seen.values()]
      .filter(({ name }) => !known.has(name))
      .map(
        ({ name, value: byDefault }): Offer => ({
          label: name,
          kind: "Variable",
          ...(byDefault && { detail: byDefault }),
        }),
      );
  }
}

/** At the start of a line or in braces; in HCL and JSON a text has quotes, a bare word of HCL is a variable. */
const setting =
  /(?:^|[{,])\s*(?<key>"?(?<name>target|dockerfile|context|build)"?\s*[:=])\s*(?<quote>["']?)(?<typed>[^"'\s,{}]*)$/;
const listStart = /(?<![\w-])(?<name>inherits|targets)"?\s*[:=]\s*\[(?<inside>[^[\]]*)$/;
/** Lists of targets are not longer. */
const mostLines = 100;

const quoted = (offer: Offer): Offer => ({ ...offer, insert: `"${offer.label}"` });

/** Names that stand in the list already are no choice, and neither is the block around it. */
function ofList(lines: readonly string[], { line, character }: Position, file: BuildFile): Offers | undefined {
  const current = lines[line] ?? "";
  const above = lines.slice(Math.max(0, line - mostLines), line);
  const list = listStart.exec([...above, current.slice(0, character)].join("\n"))?.groups;
  if (!list) return undefined;
  const behind = [current.slice(character), ...lines.slice(line + 1, line + mostLines)].join("\n");
  const inside = list.inside ?? "";
  const isInText = (inside.match(/"/g) ?? []).length % 2 === 1;
  const typed = (isInText ? /[^"]*$/ : /[^\s,"]*$/).exec(inside)?.[0] ?? "";
  const isTargets = list.name === "targets";
  const targets = file.builds.map(({ name }) => name);
  const around = (isTargets ? file.groups : targets).findLast(({ range }) => range.start.line <= line)?.text;
  const rest = `${isInText ? '"' : ""}${/^[^\]]*/.exec(behind)?.[0] ?? ""}`;
  const written = `${inside.slice(0, inside.length - typed.length - (isInText ? 1 : 0))}${rest}`;
  const seen = new Set([around, ...[...written.matchAll(/"([^"\n]*)"/g)].map(([, name]) => name)]);
  const offers = [...targets, ...(isTargets ? file.groups : [])]
    .filter(({ text }) => !seen.has(text))
    .map(({ text }): Offer => ({ label: text, kind: "Reference" }));
  return { typed, tail: /^[\w.-]*/, offers: isInText ? offers : offers.map(quoted) };
}

/** Folders that have a Dockerfile come first. */
function foldersBelow(folder: string, written: string, isBareText: boolean): Offers | undefined {
  const start = written.slice(0, written.lastIndexOf("/") + 1);
  if (start.includes("$") || start.includes("\0")) return undefined;
  const at = path.resolve(folder, start);
  const names = subfolders(at);
  if (!names) return undefined;
  const rank = new Map(names.map((name) => [name, existsSync(path.join(at, name, "Dockerfile")) ? 0 : 1]));
  const sorted = names.toSorted((a, b) => (rank.get(a) ?? 1) - (rank.get(b) ?? 1) || (a < b ? -1 : 1));
  const offers = [...(start === "" ? ["."] : []), ...sorted].map((label): Offer => ({ label, kind: "Folder" }));
  const typed = written.slice(start.length);
  return { typed, tail: /^[\w.-]*/, offers: isBareText && start === "" ? offers.map(quoted) : offers };
}

const mostFolders = 500;

function subfolders(folder: string): readonly string[] | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = entries.map(({ name }) => name).filter((name) => !name.startsWith(".") && name !== "node_modules");
    return names.slice(0, mostFolders);
  } catch {
    return undefined;
  }
}

function dockerfilesIn(context: string | undefined): readonly Offer[] | undefined {
  if (context === undefined) return undefined;
  try {
    const names = readdirSync(context).slice(0, 5000).filter(isDockerfileName).sort();
    return names.map((label): Offer => ({ label, kind: "File" }));
  } catch {
    return undefined;
  }
}

/** The nearest line above with less indentation opens `args`. */
function isBelowArgs(lines: readonly string[], line: number): boolean {
  const indent = (text: string) => text.length - text.trimStart().length;
  const own = indent(lines[line] ?? "");
  for (let at = line - 1; at >= 0; at -= 1) {
    const text = lines[at] ?? "";
    if (text.trim() === "" || /^\s*(?:#|\/\/|-)/.test(text)) continue;
    // A list may stand as far left as its key.
    const isItem = /^\s*-/.test(lines[line] ?? "");
    if (indent(text) < own || (isItem && indent(text) === own)) return /^\s*"?args"?\s*[:=]/.test(text);
  }
  return false;
}
