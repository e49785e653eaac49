import { keywords } from "../data/keywords.ts";
import type { Offer, Offers } from "./offer.ts";
import { instructionAbove, type Place, writesLower } from "./place.ts";
import { templateOffers } from "./templates.ts";

const beforeStages = ["FROM", "ARG"];
const notBehindOnbuild = new Set(["FROM", "ONBUILD", "MAINTAINER"]);
/** What people write next; the rest follows in the usual order. */
const next: Readonly<Record<string, readonly string[]>> = {
  FROM: ["WORKDIR", "RUN", "COPY", "ENV", "ARG"],
  ARG: ["ENV", "RUN", "ARG"],
  WORKDIR: ["COPY", "RUN"],
  COPY: ["RUN", "COPY", "CMD"],
  RUN: ["COPY", "RUN", "ENV", "CMD"],
  ENV: ["RUN", "EXPOSE", "WORKDIR"],
  USER: ["EXPOSE", "CMD", "ENTRYPOINT"],
  EXPOSE: ["CMD", "ENTRYPOINT", "HEALTHCHECK"],
  HEALTHCHECK: ["CMD", "ENTRYPOINT"],
  ENTRYPOINT: ["CMD"],
};

/** Instructions that may stand here, with whole forms of them; whole files where there is no stage yet. */
export function ofKeyword(place: Place): Offers {
  const { before: typed, keyword, analysis, line, position } = place;
  const isLower = writesLower(place);
  const goesOn = /^\w*[ \t]*\S/.test(line.slice(position.character).replace(/^\w+/, ""));
  const offers = namesAt(place).flatMap((name) => instruction(name, isLower, goesOn));
  const plain = offers.filter(({ kind }) => kind === "Keyword");
  const forms = offers.filter(({ kind }) => kind !== "Keyword");
  const isEmpty = keyword === "" && analysis.dockerfile.stages.length === 0 && !goesOn;
  const { fitting, others } = isEmpty ? templateOffers(place) : noTemplates;
  return { typed, tail: /^\w*/, offers: [...fitting, ...plain, ...forms, ...others] };
}

const noTemplates = { fitting: [], others: [] };

function namesAt(place: Place): readonly string[] {
  const all = Object.keys(keywords);
  if (place.keyword === "ONBUILD") return all.filter((name) => !notBehindOnbuild.has(name));
  if (!place.stage) return beforeStages;
  return [...new Set([...(next[instructionAbove(place)?.keyword ?? ""] ?? []), ...all])];
}

/** `goesOn`: arguments stand there already. */
function instruction(name: string, isLower: boolean, goesOn: boolean): readonly Offer[] {
  const known = keywords[name];
  if (!known) return [];
  const written = isLower ? name.toLowerCase() : name;
  const doc = `keyword/${name}`;
  const forms = (goesOn ? [] : known.forms).map((form): Offer => {
    const shown = plainForm(form);
    const inline = shown.replace(/\s*\n\s*/g, " … ");
    return {
      label: `${written} ${inline}`,
      kind: "Snippet",
      filter: `${written} ${inline}`,
      insert: `${written} ${shown}`,
      snippet: `${written} ${form}`,
      doc,
    };
  });
  const plain: Offer = {
    label: written,
    kind: "Keyword",
    insert: goesOn ? written : `${written} `,
    detail: known.says,
    doc,
    again: !goesOn,
    deprecated: name === "MAINTAINER",
  };
  return [plain, ...forms];
}

/** A snippet's text with its places filled. */
function plainForm(form: string): string {
  return form.replace(/\$\{\d+:([^}]*)\}/g, "$1");
}
