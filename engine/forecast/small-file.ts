import { readFileSync } from "node:fs";

/** Undefined when it cannot be read: it may have been removed a moment ago. */
export function readSmallFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
