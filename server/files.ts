import { fileURLToPath } from "node:url";

/** A document's full path; undefined for one that is not a file of this machine. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
