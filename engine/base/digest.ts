import { createHash, type Hash } from "node:crypto";

/** `sha256:` and 64 lower-case hexadecimal digits (OCI image spec 1.1, "Digests"). Only sha256 is accepted. */
export type Digest = string & { readonly __digest: unique symbol };

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

export function digestOf(data: string | Uint8Array): Digest {
  return toDigest(createHash("sha256").update(data));
}

/** Finishes a running sha256 and names it. */
export function toDigest(hash: Hash): Digest {
  return `sha256:${hash.digest("hex")}` as Digest;
}

/** The 64 hexadecimal digits, the form used in file names and short ids. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}
