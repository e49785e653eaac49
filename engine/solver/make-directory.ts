import { workdirIsFile } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { TargetTree } from "./target-tree.ts";

/**
 * Time of folders that only a WORKDIR makes: no clock, so that the same Dockerfile makes the same layer, and no zero,
 * because zip archives begin in 1980.
 */
const mtimeMs = Date.UTC(1980, 0, 1);

/** WORKDIR: makes what is missing of a path, owned by the current USER. What exists stays as it is. */
export function makeDirectory(tree: TargetTree, path: string, owner: Owner): void {
  const place = tree.resolve(path);
  const type = tree.typeAt(place);
  if (type !== undefined && type !== "directory") throw workdirIsFile(path);
  tree.makeFolders(place, { mode: 0o755, ...owner, mtimeMs });
}
