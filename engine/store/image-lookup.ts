import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import { formatReference, type Reference, tryParseReference } from "../oci/reference.ts";
import type { Entry } from "./index-file.ts";
import type { ImageRecord } from "./types.ts";

export interface Image {
  readonly record: ImageRecord;
  readonly entries: readonly Entry[];
}

/** An image and what it was called by: that decides what a removal takes away. */
export type Found =
  | { readonly image: Image; readonly by: "id" }
  | { readonly image: Image; readonly by: "name" | "repo-digest"; readonly name: string };

/** Order as Docker's: a whole id, then a name, then the beginning of an id. Ambiguous beginnings find nothing. */
export function lookUp(images: readonly Image[], nameOrId: string): Found | undefined {
  const whole = nameOrId.startsWith("sha256:") ? nameOrId : `sha256:${nameOrId}`;
  if (isDigest(whole)) {
    const image = images.find(({ record }) => record.id === whole) ?? images.find(hasManifest(whole));
    if (image) return { image, by: "id" };
  }
  const reference = tryParseReference(nameOrId);
  const named = reference && (reference.digest ? byDigest(images, reference) : byName(images, reference));
  if (named) return named;

  const prefix = nameOrId.replace(/^sha256:/, "");
  if (!/^[0-9a-f]{3,64}$/.test(prefix)) return undefined;
  const [image, second] = images.filter(({ record }) => hexOf(record.id).startsWith(prefix));
  return image && !second ? { image, by: "id" } : undefined;
}

function byName(images: readonly Image[], reference: Reference): Found | undefined {
  const name = formatReference(reference);
  const image = images.find(({ record }) => record.names.includes(name));
  return image && { image, by: "name", name };
}

/** `name:tag@digest` means the digest; the tag is a remark (as in Docker). */
function byDigest(images: readonly Image[], { registry, repository, digest }: Reference): Found | undefined {
  if (!digest) return undefined;
  const name = formatReference({ registry, repository, digest });
  const pulled = images.find(({ record }) => record.repoDigests.includes(name));
  if (pulled) return { image: pulled, by: "repo-digest", name };
  const home = `${registry}/${repository}:`;
  const image = images.find(
    (candidate) => hasManifest(digest)(candidate) && candidate.record.names.some((tagged) => tagged.startsWith(home)),
  );
  return image && { image, by: "id" };
}

function hasManifest(digest: Digest): (image: Image) => boolean {
  return ({ entries }) => entries.some(({ descriptor }) => descriptor.digest === digest);
}
