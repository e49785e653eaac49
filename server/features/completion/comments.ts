import type { Ignorable } from "../../lint/suppressions.ts";
import { codes } from "../../rules/codes.ts";
import type { Offer, Offers } from "./offer.ts";
import type { Place } from "./place.ts";

const directives: readonly Offer[] = [
  { label: "# syntax=docker/dockerfile:1", kind: "Keyword", doc: "directive/syntax" },
  { label: "# check=skip=", kind: "Keyword", doc: "directive/check", again: true },
  { label: "# check=error=true", kind: "Keyword", doc: "directive/check" },
  { label: "# escape=`", kind: "Keyword", doc: "directive/escape" },
];
const ignores: readonly Offer[] = [
  { label: "# drydock ignore=", kind: "Keyword", doc: "directive/ignore", again: true },
  { label: "# drydock global ignore=", kind: "Keyword", doc: "directive/ignore", again: true },
  { label: "# hadolint ignore=", kind: "Keyword", doc: "directive/ignore", again: true },
  { label: "# hadolint shell=/bin/bash", kind: "Keyword", doc: "directive/shell" },
];
const values: Readonly<Record<string, readonly string[]>> = {
  syntax: ["docker/dockerfile:1", "docker/dockerfile:1-labs", "docker/dockerfile-upstream:master"],
  escape: ["`", "\\"],
  check: ["skip=", "error=true", "experimental="],
};

const directive = /^\s*#\s*(syntax|escape|check)\s*=/i;

/** Parser directives, where they count, and the names of checks in comments that silence them. */
export function ofComment(place: Place): Offers {
  const { lineBefore } = place;
  const isAbove = standsAbove(place);
  const check = /^\s*#\s*check\s*=\s*(?:\S*;)?(?:skip|experimental)=(?:[\w,]*,)?(\w*)$/i.exec(lineBefore);
  if (check && isAbove) return { typed: check[1] ?? "", offers: [...ofNames("buildkit:"), name("all")] };
  const value = /^\s*#\s*(syntax|escape|check)\s*=\s*(?:\S*;)?([^\s;=]*)$/i.exec(lineBefore);
  if (value && isAbove) {
    const written = values[value[1]?.toLowerCase() ?? ""] ?? [];
    const offers = written.map((label): Offer => ({ label, kind: "Value", again: label.endsWith("=") }));
    return { typed: value[2] ?? "", tail: /^\S*/, offers };
  }
  const list =
    /^\s*#\s*(drydock|hadolint)\s+(?:(?:global|file|stage)\s+)?ignore\s*=\s*(?:[\w/:-]+\s*,\s*)*([\w/:-]*)$/i.exec(
      lineBefore,
    );
  if (list) {
    const twins = [...ofNames("hadolint:")];
    const own = codes.map((code): Offer => ({ ...name(code.id), detail: code.id, doc: `code/${code.id}` }));
    const all = list[1]?.toLowerCase() === "hadolint" ? twins : [...own, ...twins];
    const below = rulesBelow(place);
    const isFound = ({ detail }: Offer) => typeof detail === "string" && below.has(detail);
    const offers = [...all.filter(isFound), ...all.filter((one) => !isFound(one))];
    return { typed: list[2] ?? "", tail: /^[\w/:-]*/, offers };
  }
  const start = /^\s*(#(\s*)(?:[a-z]+\s?[a-z]*)?)$/i.exec(lineBefore);
  const offers = [...(isAbove ? missingDirectives(place) : []), ...ignores].map(
    (one): Offer => ({ ...one, filter: `#${start?.[2] ?? ""}${one.label.slice(2)}` }),
  );
  return { typed: start?.[1] ?? "", tail: /^\S*/, offers: start ? offers : [] };
}

function endOfLine({ line }: Place["position"]): Place["position"] {
  return { line, character: Number.POSITIVE_INFINITY };
}

/** What is said of the instruction below the comment. */
function rulesBelow({ analysis, position }: Place): ReadonlySet<string> {
  const range = analysis.dockerfile.instructions[analysis.indexAt(endOfLine(position)) + 1]?.range;
  const inside = analysis.recentFindings.filter(
    (one) => range && one.range.start.line >= range.start.line && one.range.start.line <= range.end.line,
  );
  return new Set(inside.map(({ rule }) => rule));
}

/** Directives count only above everything else, and each line above must be one too. */
function standsAbove({ analysis, position }: Place): boolean {
  const { lines } = analysis.dockerfile;
  for (let line = 0; line < position.line; line += 1) {
    if (!directive.test(lines.at(line))) return false;
  }
  return true;
}

/** A directive may be there once: a second one ends the build. */
function missingDirectives({ analysis, position }: Place): readonly Offer[] {
  const { lines } = analysis.dockerfile;
  const written = new Set<string | undefined>();
  for (let line = 0; line < lines.count; line += 1) {
    const name = directive.exec(lines.at(line))?.[1];
    if (line !== position.line && name === undefined) break;
    if (line !== position.line) written.add(name?.toLowerCase());
  }
  return directives.filter(({ label }) => !written.has(directive.exec(label)?.[1]));
}

function* ofNames(maker: string): Generator<Offer> {
  for (const { label, rule } of namesOf(maker)) yield { ...name(label), detail: rule.id, doc: `code/${rule.id}` };
}

const known = new Map<string, readonly { readonly label: string; readonly rule: Ignorable }[]>();

/** The names that one maker has for our rules, sorted, each once. */
function namesOf(maker: string) {
  const kept = known.get(maker);
  if (kept) return kept;
  const byName = new Map<string, Ignorable>();
  for (const rule of codes) {
    for (const twin of rule.sameAs) {
      const label = twin.startsWith(maker) ? twin.slice(maker.length) : undefined;
      if (label !== undefined && !byName.has(label)) byName.set(label, rule);
    }
  }
  const names = [...byName].map(([label, rule]) => ({ label, rule })).sort((a, b) => (a.label < b.label ? -1 : 1));
  known.set(maker, names);
  return names;
}

function name(label: string): Offer {
  return { label, kind: "EnumMember", commit: [","] };
}
