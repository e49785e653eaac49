import type { CacheItem } from "../store/cache-prune.ts";
import { type Call, flag, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { readFilters, untilMs } from "./filters.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const buildCacheRoutes: readonly Route[] = [route("POST", "/build/prune", pruneBuildCache)];

/**
 * Without `all` only what no image holds. The bytes to keep have had three names: keep-storage, reserved-space (API 1.48)
 * and max-used-space; the smallest of those given counts.
 */
async function pruneBuildCache(call: Call, { buildCache }: Services): Promise<void> {
  const filters = readFilters(call, ["until", "unused-for", "id", "type", "label", "label!"]);
  const until = filters.has("until") ? filters : new Map([["until", filters.get("unused-for") ?? []]]);
  // The cache has no labels: nothing has the one that is wanted. `system prune --filter label=…` asks here as well.
  if (filters.has("label")) return sendJson(call, 200, { CachesDeleted: [], SpaceReclaimed: 0 });
  const keep = ["keep-storage", "reserved-space", "max-used-space"].flatMap((name) => bytes(call, name) ?? []);
  const [ids, kinds] = [filters.get("id"), filters.get("type")];
  const { ids: deleted, freedBytes } = await buildCache.prune({
    all: flag(call, "all"),
    ...((until.get("until") ?? []).length > 0 ? { unusedSince: untilMs(until) } : {}),
    ...(ids ? { ids: ids.map((id) => id.replace(/^sha256:/, "")) } : {}),
    ...(kinds ? { kinds } : {}),
    ...(keep.length > 0 ? { keepBytes: Math.min(...keep) } : {}),
  });
  sendJson(call, 200, { CachesDeleted: deleted, SpaceReclaimed: freedBytes });
}

/** 0 means that nothing was said: clients send it always. */
function bytes(call: Call, name: string): number | undefined {
  const value = text(call, name);
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw badParameter(name, value);
  return Number(value) || undefined;
}

/** An entry of `GET /system/df`. */
export function cacheView(item: CacheItem): object {
  return {
    ID: item.id,
    Parent: "",
    Type: item.kind,
    Description: item.description,
    InUse: item.inUse,
    Shared: item.shared,
    Size: item.sizeBytes,
    CreatedAt: new Date(item.createdAt).toISOString(),
    LastUsedAt: new Date(item.usedAt).toISOString(),
    UsageCount: 1,
  };
}
