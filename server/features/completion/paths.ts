import { knownImage } from "../data/bases.ts";
import { contextOffers } from "./context-paths.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, viewAt, workdirAt } from "./place.ts";
import { stageFileOffers } from "./stage-paths.ts";

/** Sources and the destination of COPY and ADD, in both forms. */
export function ofCopy(place: Place): Offers | undefined {
  const { instruction, before, keyword } = place;
  const behindFlags = before.replace(/^(?:--\S+\s+)*/, "");
  const isJson = behindFlags.startsWith("[");
  const word = isJson ? /"([^"]*)$/.exec(behindFlags)?.[1] : (/(?:^|\s)"?([^\s"]*)$/.exec(behindFlags)?.[1] ?? "");
  if (word === undefined || word.startsWith("<<")) return undefined;
  if (keyword === "ADD" && /^(?:https?|git|ssh):/.test(word)) return undefined;
  const isFirst = isJson ? !/",/.test(behindFlags) : !/\s/.test(behindFlags.trimStart());
  const from = instruction?.flags.find(({ name }) => name === "from")?.value;
  const sources = from === undefined ? contextOffers(place, word, isJson) : stageFileOffers(place, from, word);
  const addresses = keyword === "ADD" && word === "" ? ["https://", "https://github.com/"] : [];
  const more = addresses.map((label): Offer => ({ label, kind: "Reference" }));
  if (isFirst)
    return sources
      ? { ...sources, offers: [...sources.offers, ...dot(word, from), ...more] }
      : { typed: word, offers: [...dot(word, from), ...more] };
  if (word.startsWith("/") || word === "") {
    const targets = targetsOf(place)
      .filter((path) => path.startsWith(word))
      .map((label): Offer => ({ label, kind: "Folder" }));
    // Further sources stay possible; both begin where the word begins.
    const others = sources && sources.typed === word ? sources.offers : [];
    return { typed: word, tail: /^[^\s"]*/, offers: [...targets, ...others] };
  }
  return sources;
}

function dot(word: string, from: string | undefined): readonly Offer[] {
  return word === "" && from === undefined ? [{ label: ".", kind: "Folder" }] : [];
}

const served: Readonly<Record<string, readonly string[]>> = {
  nginx: ["/usr/share/nginx/html/", "/etc/nginx/conf.d/", "/etc/nginx/templates/"],
  "nginx-unprivileged": ["/usr/share/nginx/html/", "/etc/nginx/conf.d/"],
  httpd: ["/usr/local/apache2/htdocs/"],
  php: ["/var/www/html/", "/usr/local/etc/php/conf.d/"],
  caddy: ["/usr/share/caddy/", "/etc/caddy/Caddyfile"],
  postgres: ["/docker-entrypoint-initdb.d/"],
  mysql: ["/docker-entrypoint-initdb.d/"],
  mariadb: ["/docker-entrypoint-initdb.d/"],
  tomcat: ["/usr/local/tomcat/webapps/"],
};

/** Folders that files are put into here. */
function targetsOf(place: Place): readonly string[] {
  const view = viewAt(place);
  const workdir = workdirAt(place);
  const name = view?.base.repository?.split("/").at(-1) ?? "";
  const ofImage = view && (knownImage(view.base) || name in served) ? (served[name] ?? []) : [];
  const folders = (view?.stage.instructions ?? [])
    .filter(({ keyword }) => keyword === "WORKDIR")
    .map(({ rest }) => rest.text.trim())
    .filter((path) => path.startsWith("/"));
  return [
    ...new Set([
      "./",
      ...ofImage,
      ...(workdir === undefined || workdir === "/" ? [] : [`${workdir}/`]),
      ...folders.map((path) => `${path.replace(/\/+$/, "")}/`),
      "/app/",
      "/usr/local/bin/",
    ]),
  ];
}
