import { readdirSync } from "node:fs";
import type { Position } from "../../engine/base/ranges.ts";
import { isDockerfileName } from "../dockerfile-search.ts";
import type { Offer, Offers } from "../features/completion/offer.ts";
import type { DockerfileNames } from "./dockerfiles.ts";
import type { Resolved } from "./resolve.ts";

/**
 * Stages behind `target`, arguments below `args`, Dockerfiles behind `dockerfile`. Found by lines: what is being typed is
 * rarely a file that a reader of YAML or HCL understands.
 */
export function buildOffers(
  lines: readonly string[],
  position: Position,
  builds: readonly Resolved[],
  namesOf: (dockerfile: string) => DockerfileNames | undefined,
): Offers | undefined {
  const one = builds.findLast(({ build }) => build.name.range.start.line <= position.line);
  if (!one) return undefined;
  const before = (lines[position.line] ?? "").slice(0, position.character);
  const value = /^\s*(?<key>"?(?<name>target|dockerfile)"?\s*[:=])\s*(?<quote>["']?)(?<typed>[^"'\s]*)$/.exec(
    before,
  )?.groups;
  const typed = value?.typed ?? /[^\s"'=:-][^\s"'=:]*$/.exec(before)?.[0] ?? "";
  const offers =
    value?.name === "dockerfile" ? dockerfilesIn(one.context) : namesIn(one, value?.name === "target", lines, position);
  // In HCL and JSON a text has quotes; a bare word of HCL is a variable.
  const isBare = value?.quote === "" && /"|=$/.test(value.key ?? "");
  return (
    offers && {
      typed,
      tail: /^[\w.-]*/,
      offers: isBare ? offers.map((offer) => ({ ...offer, insert: `"${offer.label}"` })) : offers,
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
