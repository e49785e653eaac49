import type { Digest } from "../base/digest.ts";
import type { Reference } from "../oci/reference.ts";
import type { Descriptor, Platform } from "../oci/types.ts";
import type { LayerForm } from "../store/types.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token (docker's identitytoken) instead of the password. */
  readonly identityToken?: string;
  /** A bearer token that the client has got itself. */
  readonly registryToken?: string;
}

export interface PullOptions {
  /** An exported build cache will do as well as an image. */
  readonly cache?: boolean;
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

export interface PushOptions {
  /** How layers and documents go out. Default: plain tars compressed with gzip, media types as they are. */
  readonly form?: LayerForm;
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Repositories of the same registry that are thought to have the blob (as it is stored here). */
  readonly homesOf?: (digest: Digest) => readonly string[];
  /** Wins over docker's config.json and its credential helpers. */
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
}

export interface PushProgress {
  /** Short digest of a layer as it is stored here. */
  readonly item: string;
  readonly status: "preparing" | "waiting" | "pushing" | "pushed" | "exists" | "mounted";
  readonly currentBytes: number;
  readonly totalBytes?: number;
  /** For `mounted`: the repository that had it. */
  readonly from?: string;
}

/** Login data of one registry, checked there. */
export interface LoggedIn {
  /** What to keep instead of the password, if the registry gave it. */
  readonly identityToken?: string;
}

export interface RemoteImage {
  readonly descriptor: Descriptor;
  readonly platforms: readonly Platform[];
}

export interface FoundRepository {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
}

export interface CallOptions {
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
}

export interface RegistryClient extends Registry, RegistryReader {
  /**
   * Sends a manifest or an index and everything below it; what is there already is not sent. Mirrors are never written to.
   * Returns the descriptor that the name points to now.
   * @throws EngineError `registry-denied`, `registry-unreachable`, `registry-rate-limited`, `registry-protocol`, …
   */
  push(reference: Reference, manifest: Descriptor, options?: PushOptions): Promise<Descriptor>;
}

/** What needs no store of this machine. */
export interface RegistryReader {
  /** Asks the registry whether it takes this login. @throws EngineError `unauthorized`, `registry-unreachable`, … */
  checkLogin(registry: string, credentials: Credentials, signal?: AbortSignal): Promise<LoggedIn>;
  /** Checks a login and keeps it as `docker login` does. Returns where. */
  login(registry: string, credentials: Credentials, signal?: AbortSignal): Promise<StoredLogin>;
  /** Takes what is kept away. False when there was nothing. */
  logout(registry: string, signal?: AbortSignal): Promise<boolean>;
  /** What a name points to, without pulling it. */
  describe(reference: Reference, options?: CallOptions): Promise<RemoteImage>;
  /** All tags of a repository, sorted. */
  tags(reference: Reference, options?: CallOptions): Promise<readonly string[]>;
  /** Docker Hub's search; for `host:5000/term` the catalog of that registry. */
  search(term: string, limit: number, options?: CallOptions): Promise<readonly FoundRepository[]>;
}

/** For whoever looks around. */
export interface RegistryBrowser extends RegistryReader {
  /** The repositories of one user or organisation of Docker Hub. @throws EngineError `image-not-found`, `registry-unreachable`, … */
  namespace(name: string, options?: CallOptions): Promise<readonly FoundRepository[]>;
}

export interface StoredLogin {
  /** A credential helper's name, or the path of docker's config.json. */
  readonly place: string;
  readonly byHelper: boolean;
}

export interface Registry {
  /**
   * Brings an image and all its blobs into the content store; nothing is named.
   * @throws EngineError `image-not-found`, `registry-unreachable`, `registry-denied`, `registry-rate-limited`,
   * `registry-protocol`, `content-corrupt`, `disk-full`, `cancelled`.
   */
  pull(reference: Reference, options?: PullOptions): Promise<PulledImage>;
}
