import type { Digest } from "../base/digest.ts";
import type { Reference } from "../oci/reference.ts";
import type { Descriptor, Platform } from "../oci/types.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token (docker's identitytoken) instead of the password. */
  readonly identityToken?: string;
}

export interface PullOptions {
  readonly platform?: Platform;
  /** Wins over docker's config.json and its credential helpers. */
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface PullProgress {
  /** Short digest of a layer, or `manifest`. */
  readonly item: string;
  readonly status: "waiting" | "downloading" | "verifying" | "downloaded" | "exists";
  readonly currentBytes: number;
  readonly totalBytes?: number;
}

export interface PulledImage {
  /** The image's manifest (of the platform), complete in the content store. */
  readonly manifest: Descriptor;
  /** Digest that the name pointed to: manifest or index. */
  readonly rootDigest: Digest;
}

export interface Registry {
  /**
   * Brings an image and all its blobs into the content store; nothing is named.
   * @throws EngineError `image-not-found`, `registry-unreachable`, `registry-denied`, `registry-rate-limited`,
   * `registry-protocol`, `content-corrupt`, `disk-full`, `cancelled`.
   */
  pull(reference: Reference, options?: PullOptions): Promise<PulledImage>;
}
