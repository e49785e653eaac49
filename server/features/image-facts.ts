/** What an engine on this machine knows of an image. */
export interface ImageFacts {
  /** Names that it has there, as `node:24-slim`. */
  readonly tags: readonly string[];
  readonly digest?: string;
  readonly sizeBytes?: number;
  readonly createdMs?: number;
  readonly platforms: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly ports: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** Null: the image is not on this machine. Undefined: there is nobody to ask, or no answer came in time. */
export type FindImage = (reference: string) => Promise<ImageFacts | null | undefined>;
