import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import path from "node:path";
import { resolveInRoot } from "../snapshot/root-path.ts";

/**
 * Mount points that a runtime makes in the root file system must not reach the layer. Notes what is missing of
 * `targets` now; the returned function, called after the run, removes what is there then and still empty.
 */
export function noteStubs(root: string, targets: readonly string[]): () => void {
  const missing: string[] = [];
  for (const target of targets) {
    // The runtime follows links (`/etc/resolv.conf -> ../run/…`), so the stub is at their end.
    let place = resolveInRoot(root, target);
    while (place.length > root.length && !typeOf(place)) {
      if (!missing.includes(place)) missing.push(place);
      place = path.dirname(place);
    }
  }
  missing.sort((a, b) => b.length - a.length);
  return () => {
    for (const place of missing) {
      const type = typeOf(place);
      if (type === "empty-file") unlinkSync(place);
      else if (type === "folder" && readdirSync(place).length === 0) rmdirSync(place);
    }
  };
}

function typeOf(place: string): "empty-file" | "folder" | "other" | undefined {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isDirectory()) return "folder";
  return stat.isFile() && stat.size === 0 ? "empty-file" : "other";
}
