import { instructionForms } from "../../../engine/analysis.ts";
import { imageOffers, stageOffers } from "./images.ts";
import { ofMount } from "./mounts.ts";
import type { Offer, Offers } from "./offer.ts";
import type { Place } from "./place.ts";
import { ownerOffers } from "./users.ts";

/** The flags of an instruction, the likely ones first; `=` where a value follows. */
const order: Readonly<Record<string, readonly string[]>> = {
  COPY: ["from", "chown", "chmod", "link", "parents", "exclude"],
  ADD: ["checksum", "chown", "chmod", "link", "keep-git-dir", "unpack", "exclude"],
};
const platforms = [
  "$BUILDPLATFORM",
  "$TARGETPLATFORM",
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v7",
  "linux/ppc64le",
  "linux/s390x",
  "linux/riscv64",
  "windows/amd64",
];

type Values = (place: Place, typed: string) => readonly Offer[] | Offers;

const fixed =
  (...labels: readonly string[]): Values =>
  () =>
    labels.map((label) => ({ label, kind: "Value" }));
const yesOrNo = fixed("true", "false");
const modes = fixed("755", "644", "600", "u=rwX,go=rX", "+x");

const values: Readonly<Record<string, Values>> = {
  "FROM platform": fixed(...platforms),
  "COPY from": (place, typed) => {
    const images = imageOffers(place, typed);
    return { ...images, offers: [...stageOffers(place), ...images.offers] };
  },
  "COPY chown": ownerOffers,
  "ADD chown": ownerOffers,
  "COPY chmod": modes,
  "ADD chmod": modes,
  "COPY link": yesOrNo,
  "ADD link": yesOrNo,
  "COPY parents": yesOrNo,
  "ADD keep-git-dir": yesOrNo,
  "ADD unpack": yesOrNo,
  "COPY exclude": fixed("**/*.md", "**/*.test.*", "**/node_modules", ".git"),
  "ADD exclude": fixed("**/*.md", "**/*.test.*", ".git"),
  "ADD checksum": fixed("sha256:"),
  "RUN network": fixed("none", "default", "host"),
  "RUN security": fixed("sandbox", "insecure"),
  "RUN device": fixed("vendor.com/device", "nvidia.com/gpu=all"),
  "HEALTHCHECK interval": fixed("30s", "10s", "1m", "5m"),
  "HEALTHCHECK timeout": fixed("3s", "5s", "10s", "30s"),
  "HEALTHCHECK start-period": fixed("5s", "10s", "30s", "1m"),
  "HEALTHCHECK start-interval": fixed("1s", "5s"),
  "HEALTHCHECK retries": fixed("3", "5", "1"),
};

/** Flags and their values, as long as only flags stand before the cursor. */
export function ofFlag(place: Place): Offers | undefined {
  const { before, keyword } = place;
  const found = /^(?:--\S+\s+)*(-\S*)$/.exec(before);
  const typed = found?.[1];
  if (typed === undefined) return undefined;
  const value = /^--([\w-]+)=(.*)$/.exec(typed);
  if (value) return valuesOf(place, value[1] ?? "", value[2] ?? "");
  const forms = instructionForms[keyword]?.flags ?? {};
  const written = new Set(
    [...before.slice(0, before.length - typed.length).matchAll(/--([\w-]+)/g), ...behind(place)].map(
      ([, name]) => name,
    ),
  );
  const names = [...new Set([...(order[keyword] ?? []), ...Object.keys(forms)])];
  const offers = names
    .filter((name) => forms[name] === "texts" || !written.has(name))
    .map((name): Offer => {
      const isSwitch = forms[name] === "boolean";
      const label = isSwitch ? `--${name}` : `--${name}=`;
      return {
        label,
        kind: "Property",
        doc: `flag/${keyword}/${name}`,
        again: !isSwitch,
        ...(isSwitch && { commit: [" "] }),
      };
    });
  return { typed, tail: /^[\w-]*=?/, offers };
}

function valuesOf(place: Place, flag: string, typed: string): Offers {
  if (place.keyword === "RUN" && flag === "mount") return ofMount(place, typed);
  const found = values[`${place.keyword} ${flag}`]?.(place, typed) ?? [];
  return "offers" in found ? found : { typed, tail: /^[^\s]*/, offers: found };
}

/** Flags that stand right behind the cursor. */
function behind({ line, position }: Place): Iterable<readonly string[]> {
  const rest = /^\S*((?:\s+--\S+)*)/.exec(line.slice(position.character))?.[1] ?? "";
  return rest.matchAll(/--([\w-]+)/g);
}
