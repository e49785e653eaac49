import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";

/** What is known of an address from the last time; its body is `bodies/<digest>`. */
export interface Download {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Undefined when there is none, or when its body is not here any more. */
export function recall(address: string, folder: string): Download | undefined {
  try {
    const known = JSON.parse(readFileSync(memoryOf(address, folder), "utf8")) as Download;
    return statSync(bodyFile(folder, known.digest)).size === known.sizeBytes ? known : undefined;
  } catch {
    return undefined;
  }
}

export function memoryOf(address: string, folder: string): string {
  return path.join(folder, `${hexOf(digestOf(address))}.json`);
}

export function bodyFile(folder: string, digest: Digest): string {
  return path.join(folder, "bodies", hexOf(digest));
}
