import { escapeBrackets } from "../../../engine/context/match.ts";
import type { ProjectEntry } from "../../lint/views.ts";
import type { Offer, Offers } from "./offer.ts";
import type { Place } from "./place.ts";

/** What is rarely copied: shown last. */
const rarely = /^(?:\.|node_modules$|Dockerfile|Containerfile|docker-compose|compose\.|README|LICENSE)/i;

/** Files of the build context in the folder that was typed so far; undefined when the context is not known. */
export function contextOffers({ analysis }: Place, typed: string, inQuotes = false): Offers | undefined {
  const { project } = analysis;
  const slash = typed.lastIndexOf("/");
  // As it is called, not as `entryOffers` writes it.
  const folder = typed
    .slice(0, slash + 1)
    .replaceAll("[[]", "[")
    .replaceAll("?", " ");
  // `..` and `/` stop at the context's root, as for the builder.
  const entries = project.list(folder.replace(/^(?:\.{0,2}\/)+/, ""));
  if (!entries) return undefined;
  const often = entries.filter(({ name }) => !rarely.test(name));
  const seldom = entries.filter(({ name }) => rarely.test(name));
  return entryOffers([...often, ...seldom], typed.slice(slash + 1), inQuotes);
}

export function entryOffers(entries: readonly ProjectEntry[], typed: string, inQuotes = false): Offers {
  const offers = entries.map(({ name, isFolder }): Offer => {
    const label = isFolder ? `${name}/` : name;
    // Sources are patterns. A blank ends a word outside JSON, whatever stands around it: there a wildcard takes its place.
    // $ begins a variable.
    const pattern = escapeBrackets(label);
    const written = inQuotes ? pattern : pattern.replaceAll(" ", "?");
    return {
      label,
      kind: isFolder ? "Folder" : "File",
      insert: written.replaceAll("$", inQuotes ? "\\\\$" : "\\$"),
      filter: label,
      again: isFolder,
    };
  });
  return { typed, tail: /^[^\s/,"]*\/?/, offers };
}
