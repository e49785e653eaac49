import type { Digest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

export function blobNotFound(digest: Digest): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("the store has no content {digest}", { digest }),
    hint: msg("Pull or build the image again."),
  });
}

export function blobIncomplete(expectedBytes: number, actualBytes: number): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("content ended after {actual} of {expected} bytes", { actual: actualBytes, expected: expectedBytes }),
    hint: msg("The source is damaged or the transfer was cut off. Try again."),
    retryable: true,
  });
}

export function blobTooLong(expectedBytes: number): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("content is longer than the {expected} bytes that were announced", { expected: expectedBytes }),
    hint: msg("The source is damaged or not what it says. Nothing was stored."),
  });
}

export function blobMismatch(expected: Digest, actual: Digest): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("content has the digest {actual}, not {expected}", { actual, expected }),
    hint: msg("The source is damaged or not what it says. Nothing was stored."),
  });
}

export function documentCorrupt(digest: Digest, cause?: unknown): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("the stored document {digest} is damaged", { digest }),
    hint: msg("Remove the image and pull or build it again."),
    cause,
  });
}

export function documentTooLarge(digest: Digest, sizeBytes: number): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("the stored document {digest} is too large to be one ({size} bytes)", { digest, size: sizeBytes }),
    hint: msg("Remove the image and pull or build it again."),
  });
}

export function diskFull(folder: string, cause: unknown): EngineError {
  return new EngineError({
    code: "disk-full",
    message: msg("no space left in {folder}", { folder }),
    hint: msg("Remove images and containers that are no longer needed, or free space on this disk, then try again."),
    cause,
  });
}

export function cancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("cancelled") });
}

export function imageNotFound(name: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("No such image: {name}", { name }),
    hint: msg("The list of images shows the names that exist here; pull or build the image first."),
  });
}

export function imageIncomplete(digest: Digest): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("the image {digest} is not complete in the store", { digest }),
    hint: msg("Pull or build the image again."),
  });
}

export function imageHasSeveralNames(id: string, names: readonly string[]): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("unable to remove image {id} (must be forced): it has several names: {names}", {
      id,
      names: names.join(", "),
    }),
    hint: msg("Remove it by one of its names, or force the removal of all of them."),
  });
}

export function tagWithDigest(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("an image cannot be named {name}: a name has a tag and no digest", { name }),
    hint: msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0."),
  });
}

export function unknownCompression(kind: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("this machine cannot handle {kind} compression", { kind }),
    hint: msg("Install the program {kind}, or use gzip.", { kind }),
  });
}

export function damagedArchive(reason: Message | string, cause?: unknown): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the archive is damaged: {reason}", { reason }),
    hint: msg("Copy or save it again; an archive that was cut short cannot be used."),
    cause,
  });
}

export function hostileArchive(reason: Message): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the archive is refused: {reason}", { reason }),
    hint: msg("Nothing of it was kept. Get it again from somebody you trust."),
  });
}

export function notAnImageArchive(reason: Message): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("this is no archive of images: {reason}", { reason }),
    hint: msg("Archives are made by docker save, podman save, skopeo or drydock save. For a plain tar use import."),
  });
}
