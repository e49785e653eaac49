import { isRecord } from "../oci/documents.ts";
import { discard, readText } from "./body.ts";
import { imageNotFound, noCatalog, protocolError } from "./errors.ts";
import { retrying } from "./retry.ts";
import type { Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";
import type { FoundRepository } from "./types.ts";

/** A catalog is read to this many names. */
const maxCatalogPages = 20;
const catalogPage = 1000;

/** Splits `localhost:5000/app` into host and term; without a host Docker Hub is meant. */
export function splitTerm(text: string): { readonly host?: string; readonly term: string } {
  const slash = text.indexOf("/");
  const first = slash < 0 ? text : text.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost";
  if (!isHost || first === "docker.io") return { term: isHost ? text.slice(slash + 1) : text };
  return { host: first, term: slash < 0 ? "" : text.slice(slash + 1) };
}

/** Docker Hub's index API, `GET /v1/search`. */
export async function searchHub(
  session: Session,
  term: string,
  limit: number,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<readonly FoundRepository[]> {
  const query = new URLSearchParams({ q: term, n: String(limit) });
  const answer = await readJson(session, `/v1/search?${query}`, timing, signal);
  if (!isRecord(answer) || !Array.isArray(answer.results)) throw protocolError(session.host, "it found no list");
  return answer.results.filter(isRecord).flatMap((found) =>
    typeof found.name === "string"
      ? [
          {
            name: shown(found.name),
            description: typeof found.description === "string" ? shown(found.description) : "",
            stars: typeof found.star_count === "number" ? found.star_count : 0,
            official: found.is_official === true,
            automated: found.is_automated === true,
          },
        ]
      : [],
  );
}

/** A private registry has no search, but perhaps a catalog (Docker Registry v2, "Catalog"). */
export async function searchCatalog(
  session: Session,
  term: string,
  limit: number,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<readonly FoundRepository[]> {
  const found: FoundRepository[] = [];
  let last: string | undefined;
  for (let page = 0; page < maxCatalogPages && found.length < limit; page++) {
    const query = new URLSearchParams({ n: String(catalogPage), ...(last === undefined ? {} : { last }) });
    const answer = await readJson(session, `/v2/_catalog?${query}`, timing, signal);
    if (!isRecord(answer) || !Array.isArray(answer.repositories)) throw noCatalog(session.host);
    const names = answer.repositories.filter((name) => typeof name === "string");
    for (const name of names.filter((each) => each.includes(term)).map(shown)) {
      found.push({ name: `${session.host}/${name}`, description: "", stars: 0, official: false, automated: false });
    }
    if (names.length < catalogPage || names.at(-1) === last) break;
    last = names.at(-1);
  }
  return found.slice(0, limit);
}

/** OCI distribution 1.1, "Listing Tags". @throws EngineError `image-not-found` */
export async function listTags(
  session: Session,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  for (let page = 0, last: string | undefined; page < maxCatalogPages; page++) {
    const query = new URLSearchParams({ n: String(catalogPage), ...(last === undefined ? {} : { last }) });
    const missing = () => imageNotFound(session.wanted, session.host);
    const answer = await readJson(session, `tags/list?${query}`, timing, signal, missing);
    const listed = isRecord(answer) && Array.isArray(answer.tags) ? answer.tags : [];
    const fresh = listed.filter((tag): tag is string => typeof tag === "string" && !tags.has(tag));
    for (const tag of fresh) tags.add(tag);
    if (listed.length < catalogPage || fresh.length === 0) break;
    last = fresh.at(-1);
  }
  return [...tags].sort();
}

async function readJson(
  session: Session,
  path: string,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
  missing = () => noCatalog(session.host),
): Promise<unknown> {
  const { host, transport } = session;
  return retrying(timing, signal, async () => {
    const { answer } = await session.send(path, { method: "GET", expect: [200, 404, 405], signal });
    if (answer.statusCode !== 200) {
      await discard(answer);
      throw missing();
    }
    const text = await readText(answer, { host, transport, signal });
    try {
      return JSON.parse(text);
    } catch {
      throw protocolError(host, "its answer is no JSON");
    }
  });
}

/** It is printed in terminals. */
function shown(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 1000);
}
