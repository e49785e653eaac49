import { mountKeys, mountTypes, sharingModes } from "../../../engine/analysis.ts";
import { systemOf } from "../data/bases.ts";
import { cacheTargets, mountTypeDocs, sharingDocs } from "../data/mounts.ts";
import { mountKeys as keysOf } from "../flag-docs.ts";
import { contextOffers } from "./context-paths.ts";
import { imageOffers, stageOffers } from "./images.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, viewAt, workdirAt } from "./place.ts";
import { stageFileOffers } from "./stage-paths.ts";

const switches = new Set(["ro", "rw", "readonly", "readwrite", "required"]);
const likelyTypes = ["cache", "bind", "secret", "ssh", "tmpfs"];

/** What stands in the value of `--mount=`. */
export function ofMount(place: Place, written: string): Offers {
  const comma = written.lastIndexOf(",");
  const field = written.slice(comma + 1);
  const equals = field.indexOf("=");
  const before = readFields(written.slice(0, Math.max(0, comma)));
  const tail = /^[^\s,]*/;
  if (equals >= 0) {
    const typed = field.slice(equals + 1);
    const found = valuesOf(place, mountKeys[field.slice(0, equals)] ?? "", typed, before);
    return "offers" in found ? found : { typed, tail, offers: found };
  }
  const type = before.get("type") ?? "bind";
  const isFirst = before.size === 0;
  const keys = isFirst ? ["type"] : (keysOf[type] ?? []);
  const all = [...keys, ...(before.has("type") || isFirst ? [] : ["type"])];
  const offers = all
    .filter((key) => !before.has(mountKeys[key] ?? key))
    .map((key): Offer => {
      const doc = `mount/${mountKeys[key] ?? key}`;
      if (switches.has(key)) return { label: key, kind: "Property", doc, commit: [","] };
      return { label: `${key}=`, kind: "Property", doc, again: true };
    });
  // Whole values, for the commands of this RUN.
  const wholes = isFirst ? caches(place).map(({ target, isLocked }) => wholeCache(target, isLocked === true)) : [];
  const types = isFirst
    ? likelyTypes.map(
        (one): Offer => ({ label: `type=${one}`, kind: "EnumMember", detail: mountTypeDocs[one] ?? "", commit: [","] }),
      )
    : [];
  return {
    typed: field,
    tail: isFirst ? tail : /^[\w-]*=?/,
    offers: [...wholes, ...types, ...offers.filter(({ label }) => label !== "type=" || !isFirst)],
  };
}

function valuesOf(
  place: Place,
  key: string,
  typed: string,
  fields: ReadonlyMap<string, string>,
): readonly Offer[] | Offers {
  const type = fields.get("type") ?? "bind";
  // No commit character: a comma behind a path of one's own would take one that is only similar.
  const value = (label: string): Offer => ({ label, kind: "Value" });
  const oneOf = (label: string, detail: Offer["detail"]): Offer => ({
    label,
    kind: "EnumMember",
    detail: detail ?? "",
    commit: [","],
  });
  switch (key) {
    case "type":
      return likelyTypes
        .filter((one) => mountTypes.some((known) => known === one))
        .map((one) => oneOf(one, mountTypeDocs[one]));
    case "sharing":
      return sharingModes.map((one) => oneOf(one, sharingDocs[one]));
    case "from": {
      const images = imageOffers(place, typed);
      return { ...images, offers: [...stageOffers(place), ...images.offers] };
    }
    case "source": {
      const from = fields.get("from");
      const files = from === undefined ? contextOffers(place, typed) : stageFileOffers(place, from, typed);
      // No pattern, unlike what COPY takes.
      const offers = files?.offers.map((one) =>
        /[ [?]/.test(one.label) ? { ...one, insert: one.label.replaceAll(" ", "\\ ") } : one,
      );
      return files && offers ? { ...files, offers } : [];
    }
    case "target":
      if (type === "cache") return caches(place).map(({ target }) => value(target));
      if (type === "secret")
        return ["/run/secrets/", "/root/.npmrc", "/root/.netrc", "/root/.aws/credentials"].map(value);
      if (type === "tmpfs") return ["/tmp", "/run"].map(value);
      return [fields.get("source"), workdirAt(place), "/src", "."].flatMap((one) => (one ? [value(one)] : []));
    case "id":
      return idsOf(place, type).map(value);
    case "env":
      return ["NPM_TOKEN", "GITHUB_TOKEN", "AWS_ACCESS_KEY_ID", "PIP_INDEX_URL"].map(value);
    case "size":
      return ["64m", "256m", "1g"].map(value);
    case "mode":
      return (type === "secret" || type === "ssh" ? ["0400", "0440", "0600"] : ["0755", "0777"]).map(value);
    case "uid":
    case "gid":
      return ["0", "1000"].map(value);
    case "required":
    case "readonly":
    case "readwrite":
      return ["true", "false"].map(value);
    default:
      return [];
  }
}

function wholeCache(target: string, isLocked: boolean): Offer {
  const label = `type=cache,target=${target}${isLocked ? ",sharing=locked" : ""}`;
  return { label, kind: "Snippet", doc: "mounttype/cache" };
}

/** Where the programs of this RUN keep what they download; without a command yet, those of the image. */
function caches(place: Place): readonly { readonly target: string; readonly isLocked?: boolean }[] {
  const { instruction } = place;
  const words = new Set(instruction?.rest.text.split(/[\s;&|()"'/]+/) ?? []);
  const named = Object.keys(cacheTargets).filter((program) => words.has(program));
  const used = named.length > 0 ? named : usual(place);
  const seen = new Set<string>();
  return used.flatMap((program) =>
    (cacheTargets[program] ?? []).flatMap((one) => {
      const target = one.target.startsWith("/")
        ? one.target
        : `${workdirAt(place) ?? ""}/${one.target}`.replace(/\/+/g, "/");
      if (seen.has(target)) return [];
      seen.add(target);
      return [{ ...one, target }];
    }),
  );
}

const byImage: Readonly<Record<string, readonly string[]>> = {
  node: ["npm", "yarn", "pnpm"],
  python: ["pip", "uv", "poetry"],
  golang: ["go"],
  rust: ["cargo"],
  maven: ["mvn"],
  gradle: ["gradle"],
  composer: ["composer"],
  sdk: ["dotnet"],
};

function usual(place: Place): readonly string[] {
  let view = viewAt(place);
  while (view?.parent) view = view.parent;
  if (!view) return [];
  const name = view.base.repository?.split("/").at(-1) ?? "";
  const system = systemOf(view.base);
  return [...(byImage[name] ?? []), ...(system === undefined ? [] : [system === "apt" ? "apt-get" : system])];
}

/** Ids that the file uses for this kind of mount already, then usual ones. */
function idsOf({ analysis, instruction }: Place, type: string): readonly string[] {
  const used = analysis.dockerfile.instructions.flatMap((other) =>
    other.keyword === "RUN" && other !== instruction
      ? other.flags.flatMap(({ name, value = "" }) => {
          const fields = readFields(name === "mount" ? value : "");
          return fields.get("type") === type ? (fields.get("id") ?? []) : [];
        })
      : [],
  );
  const usualIds: Readonly<Record<string, readonly string[]>> = {
    secret: ["npmrc", "github_token", "aws", "netrc", "env"],
    ssh: ["default"],
    cache: ["apt-$TARGETARCH", "npm", "pip", "go-build"],
  };
  return [...new Set([...used, ...(usualIds[type] ?? [])])];
}

function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split(",")) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (key !== "") fields.set(mountKeys[key] ?? key, equals < 0 ? "" : field.slice(equals + 1));
  }
  return fields;
}
