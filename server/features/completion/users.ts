import { msg } from "../../../engine/base/message.ts";
import type { StageView } from "../../lint/views.ts";
import { knownImage } from "../data/bases.ts";
import type { Offer } from "./offer.ts";
import { type Place, viewAt } from "./place.ts";

/** Users that exist here: made by a command above, of the base image, and numbers that need no name. */
export function userOffers(place: Place): readonly Offer[] {
  const offers: Offer[] = [];
  const seen = new Set<string>();
  const add = (label: string, detail: Offer["detail"]) => {
    if (!seen.has(label)) offers.push({ label, kind: "Value", ...(detail !== undefined && { detail }) });
    seen.add(label);
  };
  for (let view = viewAt(place); view; view = view.parent) {
    for (const name of created(view)) add(name, msg("made above"));
    for (const name of knownImage(view.base)?.users ?? []) add(name, msg("of the base image"));
  }
  add("10001:10001", undefined);
  add("65532:65532", msg("nonroot of distroless images"));
  add("nobody", undefined);
  add("root", undefined);
  return offers;
}

/** `--chown=`: users with their group. */
export function ownerOffers(place: Place): readonly Offer[] {
  return userOffers(place).map((offer) =>
    /[:$]/.test(offer.label) || offer.label === "nobody" ? offer : { ...offer, label: `${offer.label}:${offer.label}` },
  );
}

const adding = /\b(?:useradd|adduser)\b([^;&|\n]*)/g;

/** The last word of useradd and adduser is the name. Read without the shell's grammar: a stage may have thousands of commands. */
function created({ stage }: StageView): readonly string[] {
  return stage.instructions.flatMap((one) => {
    const { keyword, rest, heredocs } = one.trigger ?? one;
    if (keyword !== "RUN") return [];
    const texts = [rest.text, ...heredocs.map(({ content }) => content)];
    return texts.flatMap((text) =>
      [...text.matchAll(adding)].flatMap(([, words = ""]) => /(?:^|\s)([a-z_][\w-]*)\s*$/.exec(words)?.[1] ?? []),
    );
  });
}
