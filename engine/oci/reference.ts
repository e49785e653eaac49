import { type Digest, isDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { msg } from "../base/message.ts";

/** A name for an image, complete: `docker.io/library/node:latest`. */
export interface Reference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path within the registry: `library/node`. */
  readonly repository: string;
  /** Present unless only a digest was given. */
  readonly tag?: string;
  readonly digest?: Digest;
}

// github.com/distribution/reference, "Grammar": a first component with a dot, a colon or the name localhost is a host.
const host =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** `undefined` when the text is not an image reference. */
export function tryParseReference(text: string): Reference | undefined {
  const at = text.indexOf("@");
  const digest = at >= 0 ? text.slice(at + 1) : undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  let name = at >= 0 ? text.slice(0, at) : text;

  let tag: string | undefined;
  const colon = name.lastIndexOf(":");
  if (colon > name.lastIndexOf("/")) {
    tag = name.slice(colon + 1);
    name = name.slice(0, colon);
    if (!tagPattern.test(tag)) return undefined;
  }

  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasHost = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const registry = hasHost ? first : "docker.io";
  let repository = hasHost ? name.slice(slash + 1) : name;
  if (!host.test(registry) || repository.length === 0 || repository.length > 255) return undefined;
  if (!repository.split("/").every((part) => component.test(part))) return undefined;
  const normalRegistry = registry === "index.docker.io" ? "docker.io" : registry;
  if (normalRegistry === "docker.io" && !repository.includes("/")) repository = `library/${repository}`;

  return {
    registry: normalRegistry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: "latest" } : {}),
    ...(digest !== undefined ? { digest } : {}),
  };
}

/** @throws EngineError `invalid-argument` with what a name may look like. */
export function parseReference(text: string): Reference {
  const reference = tryParseReference(text);
  if (reference) return reference;
  throw new EngineError({
    code: "invalid-argument",
    message: msg('invalid reference format: "{name}" is not an image name', { name: text }),
    hint: msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0."),
  });
}

/** The complete form, the key of the tag store. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
}

/** The form people use: without `docker.io/library/` and `docker.io/`. */
export function familiarReference(reference: Reference): string {
  return formatReference(reference).replace(/^docker\.io\/(library\/)?/, "");
}
