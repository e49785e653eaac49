import { type Digest, digestOf } from "../base/digest.ts";
import type { BaseReference } from "../graph/plan.ts";
import { formatPlatform, samePlatform } from "../oci/platform.ts";
import type { Platform } from "../oci/types.ts";
import type { ImageRecord, ImageStore } from "../store/types.ts";
import type { SelectionMemo } from "./selection-memo.ts";

/** The image that a FROM means, if the store has it for the platform. */
export async function findStored(
  reference: BaseReference,
  images: Pick<ImageStore, "find">,
  memo: Pick<SelectionMemo, "get">,
): Promise<ImageRecord | undefined> {
  const remembered = memo.get(platformKey(reference));
  for (const known of [reference.name, ...(remembered === undefined ? [] : [remembered])]) {
    const record = await images.find(known);
    if (record && samePlatform(platformOf(record), reference.platform)) return record;
  }
  return undefined;
}

/** Under which it is remembered which image a name was for another platform than the machine's. */
export function platformKey({ name, platform }: BaseReference): Digest {
  return digestOf(JSON.stringify(["drydock-platform-1", name, formatPlatform(platform)]));
}

function platformOf({ config: { os, architecture, variant } }: ImageRecord): Platform {
  return { os, architecture, ...(variant ? { variant } : {}) };
}
