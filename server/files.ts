import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const cache = new Map<string, { readonly mtimeMs: number; readonly names: readonly string[] }>();
const cacheSize = 50;

/**
 * The names in a document's folder; undefined for a document that is not a file of this machine. One stat a question:
 * a folder's time changes when a name comes or goes.
 */
export function filesBeside(uri: string): readonly string[] | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    const folder = path.dirname(fileURLToPath(uri));
    const { mtimeMs } = statSync(folder);
    const known = cache.get(folder);
    if (known?.mtimeMs === mtimeMs) return known.names;
    const names = readdirSync(folder).sort();
    if (cache.size >= cacheSize) cache.clear();
    cache.set(folder, { mtimeMs, names });
    return names;
  } catch {
    return undefined;
  }
}

/** A document's full path; undefined for one that is not a file of this machine. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
