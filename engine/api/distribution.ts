import { parseReference } from "../oci/reference.ts";
import { type Call, integer, param, sendJson, text } from "./call.ts";
import { readCredentials } from "./credentials.ts";
import { badParameter } from "./errors.ts";
import { booleanFilter, readFilters } from "./filters.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const distributionRoutes: readonly Route[] = [
  route("GET", "/distribution/:name+/json", describe),
  route("GET", "/images/search", search),
];

const mostFound = 100;

/** What a name points to in its registry. */
async function describe(call: Call, { registry }: Services): Promise<void> {
  const reference = parseReference(param(call, "name"));
  const { descriptor, platforms } = await registry.describe(reference, optionsOf(call));
  sendJson(call, 200, {
    Descriptor: { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size },
    Platforms: platforms,
  });
}

async function search(call: Call, { registry }: Services): Promise<void> {
  const term = text(call, "term");
  if (term === undefined) throw badParameter("term", "");
  const limit = integer(call, "limit") || 25;
  if (limit < 1 || limit > mostFound) throw badParameter("limit", String(limit));
  const filters = readFilters(call, ["is-official", "is-automated", "stars"]);
  const official = booleanFilter(filters, "is-official");
  const automated = booleanFilter(filters, "is-automated");
  const stars = Number(filters.get("stars")?.[0] ?? 0);
  if (!Number.isInteger(stars)) throw badParameter("stars", filters.get("stars")?.[0] ?? "");
  const found = await registry.search(term, limit, optionsOf(call));
  const wanted = found.filter(
    (one) =>
      (official === undefined || one.official === official) &&
      (automated === undefined || one.automated === automated) &&
      one.stars >= stars,
  );
  sendJson(
    call,
    200,
    wanted.map((one) => ({
      name: one.name,
      description: one.description,
      star_count: one.stars,
      is_official: one.official,
      is_automated: one.automated,
    })),
  );
}

function optionsOf(call: Call) {
  const credentials = readCredentials(call.req.headers["x-registry-auth"]);
  return { signal: call.signal, ...(credentials ? { credentials } : {}) };
}
