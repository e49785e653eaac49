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
/** Some registries give no more than a hundred tags at once. */
const maxTagPages = 100;

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

/** Docker Hub's pages, `GET /v2/repositories/{namespace}/`: a hundred at once, and `next` while there are more. */
export async function listNamespace(
  session: Session,
  namespace: string,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<readonly FoundRepository[]> {
  const found: FoundRepository[] = [];
  const missing = () => imageNotFound(session.wanted, session.host);
  for (let page = 1; page <= maxCatalogPages; page++) {
    const path = `/v2/repositories/${encodeURIComponent(namespace)}/?page_size=100&page=${page}`;
    const { value } = await readPage(session, path, timing, signal, missing);
    if (!isRecord(value) || !Array.isArray(value.results)) throw protocolError(session.host, "it found no list");
    for (const { name, description, star_count: stars } of value.results.filter(isRecord)) {
      if (typeof name !== "string") continue;
      found.push({
        name: shown(namespace === "library" ? name : `${namespace}/${name}`),
        description: typeof description === "string" ? shown(description) : "",
        stars: typeof stars === "number" ? stars : 0,
        official: namespace === "library",
        automated: false,
      });
    }
    if (typeof value.next !== "string") break;
  }
  return found;
}

/**
 * OCI distribution 1.1, "Listing Tags": a registry that gives fewer at once than were asked for says in `Link` how it goes on;
 * one without `Link` has more when the page was full.
 * @throws EngineError `image-not-found`
 */
export async function listTags(
  session: Session,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  const missing = () => imageNotFound(session.wanted, session.host);
  let query: string | undefined = `n=${catalogPage}`;
  for (let page = 0; query !== undefined && page < maxTagPages; page++) {
    const { value, link } = await readPage(session, `tags/list?${query}`, timing, signal, missing);
    const listed = isRecord(value) && Array.isArray(value.tags) ? value.tags : [];
    const fresh = listed.filter((tag): tag is string => typeof tag === "string" && !tags.has(tag));
    for (const tag of fresh) tags.add(tag);
    const last = fresh.at(-1);
    if (last === undefined) break;
    const following =
      listed.length < catalogPage ? undefined : `${new URLSearchParams({ n: String(catalogPage), last })}`;
    query = nextQuery(link) ?? following;
  }
  return [...tags].sort();
}

/** Of a `Link` header only its query counts: the next page is asked where the first one was. */
function nextQuery(link: string): string | undefined {
  const [, address] = /<([^>]*)>\s*;\s*rel="?next\b/i.exec(link) ?? [];
  if (address === undefined || !URL.canParse(address, "https://registry.invalid")) return undefined;
  return new URL(address, "https://registry.invalid").search.slice(1) || undefined;
}

interface Page {
  readonly value: unknown;
  /** The `Link` header, empty without one. */
  readonly link: string;
}

async function readJson(
  session: Session,
  path: string,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return (await readPage(session, path, timing, signal, () => noCatalog(session.host))).value;
}

async function readPage(
  session: Session,
  path: string,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
  missing: () => Error,
): Promise<Page> {
  const { host, transport } = session;
  return retrying(timing, signal, async () => {
    const { answer } = await session.send(path, { method: "GET", expect: [200, 404, 405], signal });
    if (answer.statusCode !== 200) {
      await discard(answer);
      throw missing();
    }
    const text = await readText(answer, { host, transport, signal });
    try {
      return { value: JSON.parse(text), link: String(answer.headers.link ?? "") };
    } catch {
      throw protocolError(host, "its answer is no JSON");
    }
  });
}

/** It is printed in terminals. */
function shown(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 1000);
}
