import { contains } from "../../lint/fixes.ts";
import { platformArguments } from "../../lint/known-variables.ts";
import type { StageView } from "../../lint/views.ts";
import { knownImage } from "../data/bases.ts";
import { annotationPrefix, annotations } from "../data/labels.ts";
import { environments, shells } from "../data/shells.ts";
import { signals } from "../data/signals.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, viewAt, workdirAt } from "./place.ts";
import { portOffers } from "./ports.ts";
import { ofCommand, startOffers } from "./start.ts";
import { userOffers } from "./users.ts";

/** Arguments of the instructions that are no command and no path. */
export function ofValue(place: Place): Offers | undefined {
  const { keyword, before } = place;
  const word = /(\S*)$/.exec(before)?.[1] ?? "";
  const isFirst = !/\S\s/.test(before);
  const first = (offers: readonly Offer[], tail?: RegExp): Offers | undefined =>
    isFirst ? { typed: word, offers, ...(tail && { tail }) } : undefined;
  switch (keyword) {
    case "EXPOSE":
      return /^\d+(?:-\d+)?\/\w*$/.test(word)
        ? { typed: word.slice(word.indexOf("/") + 1), offers: [value("tcp"), value("udp")] }
        : // What the port speaks stays.
          { typed: word, tail: /^[\d-]*/, offers: portOffers(place) };
    case "USER":
      return isFirst ? usersFor(place, word) : undefined;
    case "STOPSIGNAL":
      return first(
        Object.entries(signals).map(([label, detail]) => ({ label, kind: "EnumMember", detail })),
        /^[\w+]*/,
      );
    case "SHELL":
      return { typed: before, tail: /^.*/, offers: shells.map(value) };
    case "WORKDIR":
      return first(foldersOf(place));
    case "VOLUME":
      return before.startsWith("[")
        ? undefined
        : { typed: word, offers: ["/data", "/var/lib/data", workdirAt(place) ?? "/app"].map(value) };
    case "LABEL":
      return ofLabel(place, word);
    case "ENV":
      return isFirst || /=\S*\s+\S*$/.test(before)
        ? { typed: word, tail: /^[\w]*/, offers: word.includes("=") ? [] : environmentOf(place, word) }
        : undefined;
    case "ARG":
      return word.includes("=") ? undefined : { typed: word, tail: /^\w*/, offers: argumentsOf(place) };
    case "HEALTHCHECK":
      if (/^(?:--\S+\s+)*\S*$/.test(before))
        return { typed: word, offers: [again("CMD"), { label: "NONE", kind: "Keyword" }] };
      return { typed: word, offers: /CMD\s+\S*$/.test(before) ? ofCommand(place) : [] };
    case "CMD":
    case "ENTRYPOINT":
      return /^\S*$/.test(before) || before.startsWith("[") ? startOffers(place) : undefined;
    default:
      return undefined;
  }
}

/** A group that is written behind the name stays. */
function usersFor(place: Place, typed: string): Offers {
  const offers = userOffers(place);
  const hasGroup = typed !== "" && /^[^\s:]*:/.test(place.line.slice(place.position.character));
  if (!hasGroup) return { typed, tail: /^[^\s:]*/, offers };
  return {
    typed,
    tail: /^[^\s:]*/,
    offers: offers.map((offer) => ({ ...offer, label: offer.label.replace(/:.*$/, "") })),
  };
}

const value = (label: string): Offer => ({ label, kind: "Value" });
const again = (label: string): Offer => ({ label, kind: "Keyword", insert: `${label} `, again: true });

/** Is it the name in front of a value that stands there already? */
function hasValue({ line, position }: Place, typed: string): boolean {
  return typed !== "" && /^[\w.-]*"?=/.test(line.slice(position.character));
}

function ofLabel(place: Place, word: string): Offers {
  const { instruction, position } = place;
  const quoted = /^"?/.exec(word)?.[0] ?? "";
  const typed = word.slice(quoted.length);
  if (typed.includes("=")) return { typed: "", offers: [] };
  const others = instruction?.words.filter(({ range }) => !contains(range, position)) ?? [];
  const written = new Set(others.map(({ text }) => text.replace(/^"?([^"=]*).*$/s, "$1")));
  const isNameOnly = hasValue(place, typed);
  const offers = Object.entries(annotations)
    .map(([key, { says, like }]): Offer => {
      const label = annotationPrefix + key;
      if (isNameOnly) return { label, kind: "Property", detail: says, doc: `label/${key}` };
      // The quotes of a name end before the `=`.
      const value = quoted !== "" || /\s/.test(like) ? '"' : "";
      const start = `${label}${quoted}=${value}`;
      const snippet = `${start}\${1:${escaped(like)}}${value}`;
      return { label, kind: "Property", insert: start + like + value, snippet, detail: says, doc: `label/${key}` };
    })
    .filter(({ label }) => !written.has(label));
  return { typed, tail: quoted === "" || isNameOnly ? /^[\w.-]*/ : /^[\w.-]*"?/, offers };
}

function escaped(text: string): string {
  return text.replace(/[$}\\]/g, "\\$&");
}

function rootName(view: StageView | undefined): string {
  let root = view;
  while (root?.parent) root = root.parent;
  return root?.base.repository?.split("/").at(-1) ?? "";
}

function environmentOf(place: Place, typed: string): readonly Offer[] {
  const name = rootName(viewAt(place));
  const own = environments[name] ?? [];
  const others = [...(environments.debian ?? [])];
  const isNameOnly = hasValue(place, typed);
  return [...own, ...others].map((pair) => ({
    label: isNameOnly ? pair.replace(/=.*$/s, "") : pair,
    kind: "Variable",
  }));
}

/** Above all stages: what a FROM may want. In a stage: what has to be declared again, and what the builder sets. */
function argumentsOf(place: Place): readonly Offer[] {
  const { analysis, stage } = place;
  if (!stage)
    return ["NODE_VERSION=", "PYTHON_VERSION=", "VERSION=", "REGISTRY="].map((label) => ({ label, kind: "Variable" }));
  const view = viewAt(place);
  const declared = new Set(place.outer && view ? view.variablesAt(place.outer).keys() : []);
  const globals = [...analysis.views.globals.values()].map(
    ({ name, value: text }): Offer => ({
      label: name,
      kind: "Variable",
      ...(text !== undefined && { detail: `= ${text}` }),
    }),
  );
  const builders = [...platformArguments, "SOURCE_DATE_EPOCH", "BUILDKIT_INLINE_CACHE"].map(
    (label): Offer => ({ label, kind: "Constant" }),
  );
  return [...globals, ...builders, { label: "VERSION=", kind: "Variable" } as const].filter(
    ({ label }) => !declared.has(label),
  );
}

function foldersOf(place: Place): readonly Offer[] {
  const used = place.analysis.dockerfile.instructions.flatMap((one) =>
    one.keyword === "WORKDIR" && one !== place.instruction ? [one.rest.text.trim()] : [],
  );
  const view = viewAt(place);
  const known = view && knownImage(view.base)?.users?.includes("node") ? ["/home/node/app"] : [];
  return [...new Set([...used.reverse(), "/app", "/src", "/work", "/usr/src/app", ...known])]
    .filter((path) => path !== "")
    .map((label) => ({ label, kind: "Folder" }));
}
