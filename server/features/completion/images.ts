import { msg } from "../../../engine/base/message.ts";
import { knownImages, otherImages } from "../data/bases.ts";
import { stageNames } from "../data/shells.ts";
import type { Offer, Offers } from "./offer.ts";
import type { ImageKnowledge, Place } from "./place.ts";
import { sortTags } from "./tag-order.ts";

/** More is not read; typing on brings the others. */
const mostTags = 300;

/** Images by name, and behind a colon their tags. */
export function imageOffers(place: Place, typed: string): Offers {
  const { images: known } = place;
  const colon = /^([^$@]+?):([\w.-]*)$/.exec(typed);
  const isPort = colon !== null && /^(?:localhost|[^/]*\.[^/]*)$/.test(colon[1] ?? "") && /^\d*$/.test(colon[2] ?? "");
  if (colon && !isPort) return tagOffers(colon[1] ?? "", colon[2] ?? "", known);
  const local = (known.images ?? []).map((label): Offer => ({ label, kind: "Module", detail: msg("on this machine") }));
  const names = new Set(local.map(({ label }) => label));
  const official = Object.entries(knownImages).map(([name, { tag }]): Offer => {
    const label = tag === "" ? name : `${name}:${tag}`;
    return { label, kind: "Module" };
  });
  const others = otherImages.map((label): Offer => ({ label, kind: "Module" }));
  const offers = [...local, ...[...official, ...others].filter(({ label }) => !names.has(label))];
  return { typed, tail: /^[\w./:@-]*/, offers, ...(known.images === undefined && { wants: { images: true } }) };
}

function tagOffers(repository: string, typed: string, known: ImageKnowledge): Offers {
  const tags = known.tags(repository);
  const local = (known.images ?? []).flatMap((name) =>
    name.startsWith(`${repository}:`) ? [name.slice(repository.length + 1)] : [],
  );
  const own = Object.hasOwn(knownImages, repository) ? knownImages[repository]?.tag : undefined;
  const fitting = sortTags(tags ?? []).filter((tag) => tag.includes(typed));
  const remote = [
    ...fitting.filter((tag) => tag.startsWith(typed)),
    ...fitting.filter((tag) => !tag.startsWith(typed)),
  ];
  const labels = [...new Set([...local, ...(own ? [own] : []), ...remote.slice(0, mostTags)])];
  const here = new Set(local);
  return {
    typed,
    tail: /^[\w.-]*/,
    offers: labels.map((label) => ({
      label,
      kind: "Value",
      ...(here.has(label) && { detail: msg("on this machine") }),
    })),
    isIncomplete: tags === undefined || remote.length > mostTags,
    ...(tags === undefined && { wants: { tags: repository, images: true } }),
  };
}

/** Stages above the one at the cursor, nearest first; the last of one name is the one that the builder takes. */
export function stageOffers({ analysis, stage }: Place): readonly Offer[] {
  const above = analysis.dockerfile.stages.filter(({ index }) => stage === undefined || index < stage.index);
  const seen = new Set<string>();
  return above.reverse().flatMap(({ name, from }): Offer[] => {
    const key = name?.text.toLowerCase();
    if (!name || key === undefined || seen.has(key)) return [];
    seen.add(key);
    return [{ label: name.text, kind: "Class", detail: `FROM ${from.words[0]?.text ?? ""}` }];
  });
}

/** FROM: an image or a stage, AS, and a name that says what the stage is for. */
export function ofFrom(place: Place): Offers {
  const words = place.before.replace(/^(?:--\S+\s+)*/, "").split(/\s+/);
  const typed = words.at(-1) ?? "";
  if (words.length === 1) {
    const images = imageOffers(place, typed);
    return typed.includes(":") ? images : { ...images, offers: [...stageOffers(place), ...images.offers] };
  }
  if (words.length === 2) {
    const isLower = place.outer?.keywordWord.text === place.outer?.keywordWord.text.toLowerCase();
    const label = isLower ? "as" : "AS";
    return { typed, offers: [{ label, kind: "Keyword", insert: `${label} `, again: true, doc: "keyword/AS" }] };
  }
  return { typed, offers: words.length === 3 ? freeNames(place) : [] };
}

function freeNames({ analysis, stage }: Place): readonly Offer[] {
  const taken = new Set(
    analysis.dockerfile.stages.flatMap((one) => (one === stage ? [] : (one.name?.text.toLowerCase() ?? []))),
  );
  return stageNames.filter((name) => !taken.has(name)).map((label) => ({ label, kind: "Class" }));
}
