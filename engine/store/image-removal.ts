import { hexOf } from "../base/digest.ts";
import { familiarReference, parseReference } from "../oci/reference.ts";
import { imageHasSeveralNames } from "./errors.ts";
import type { Found } from "./image-lookup.ts";
import type { Entry } from "./index-file.ts";
import type { RemovedImage } from "./types.ts";

export interface Removal {
  /** What stays of the image's entries. */
  readonly entries: readonly Entry[];
  /** Complete names, with tag or digest. */
  readonly untagged: readonly string[];
  readonly deleted: boolean;
  readonly lines: readonly RemovedImage[];
}

/**
 * What `docker rmi` does. By name: the name goes, with the last name of a repository the digests pulled from there, with
 * the last of both the image. By id: everything goes at once, but several names only by force.
 */
export function planRemoval(found: Found, { nameOrId, force }: { nameOrId: string; force: boolean }): Removal {
  const { names, repoDigests, id } = found.image.record;
  const all = [...names, ...repoDigests];
  if (found.by === "id") {
    const repositories = new Set(all.map(repositoryOf));
    if (!force && (names.length > 1 || repositories.size > 1)) {
      throw imageHasSeveralNames(nameOrId.replace(/^sha256:/, "").slice(0, 12) || hexOf(id), all.map(familiar));
    }
  }
  const untagged = found.by === "id" ? all : [found.name, ...orphanedDigests(found.name, names, repoDigests)];
  const stays = (name: string | undefined) => name !== undefined && !untagged.includes(name);
  const deleted = !all.some(stays);
  return {
    untagged,
    deleted,
    entries: deleted ? [] : found.image.entries.map((entry) => without(entry, stays)),
    lines: [...untagged.map((name) => ({ untagged: familiar(name) })), ...(deleted ? [{ deleted: id }] : [])],
  };
}

function orphanedDigests(name: string, names: readonly string[], repoDigests: readonly string[]): readonly string[] {
  const repository = repositoryOf(name);
  if (!names.includes(name)) return [];
  if (names.some((other) => other !== name && repositoryOf(other) === repository)) return [];
  return repoDigests.filter((digest) => repositoryOf(digest) === repository);
}

function without({ name, repoDigest, ...rest }: Entry, stays: (name: string | undefined) => boolean): Entry {
  return {
    ...rest,
    ...(name !== undefined && stays(name) ? { name } : {}),
    ...(repoDigest !== undefined && stays(repoDigest) ? { repoDigest } : {}),
  };
}

function repositoryOf(name: string): string {
  const { registry, repository } = parseReference(name);
  return `${registry}/${repository}`;
}

function familiar(name: string): string {
  return familiarReference(parseReference(name));
}
