import type { Digest } from "../base/digest.ts";
import { familiarReference, parseReference, type Reference } from "../oci/reference.ts";
import type { Descriptor } from "../oci/types.ts";
import type { PushProgress } from "../registry/types.ts";
import { completeIndex } from "../store/archive-write.ts";
import { indexKey } from "../store/index-file.ts";
import type { ContentStore, ImageRecord, ImageStore } from "../store/types.ts";
import { type Call, param, text } from "./call.ts";
import { readCredentials } from "./credentials.ts";
import { badParameter, nothingToPush } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { findImage } from "./images.ts";
import { type JsonLines, jsonLines } from "./json-lines.ts";
import { sendFailure } from "./pull.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const pushRoutes: readonly Route[] = [route("POST", "/images/:name+/push", push)];

/**
 * `POST /images/{name}/push?tag=1`: Docker's progress stream. Without a tag all tags of the repository.
 * `mediatypes=docker|oci` is ours: manifest and layers in the types that the registry understands.
 */
async function push(call: Call, services: Services): Promise<void> {
  const references = await referencesOf(call, services.images);
  const types = text(call, "mediatypes");
  if (types !== undefined && types !== "docker" && types !== "oci") throw badParameter("mediatypes", types);
  const credentials = readCredentials(call.req.headers["x-registry-auth"]);

  const missing = await missingIn(references, services.images);
  if (missing) throw nothingToPush(familiarReference(missing));
  const lines = jsonLines(call);
  const done = services.busy();
  try {
    for (const reference of references) {
      const image = await findImage(familiarReference(reference), services);
      const options = {
        signal: call.signal,
        onProgress: pushLines(lines),
        ...(credentials ? { credentials } : {}),
        ...(types ? { form: { types } as const } : {}),
      };
      lines.send({ status: `The push refers to repository [${reference.registry}/${reference.repository}]` });
      const sent = await pushImage(reference, image, options, services);
      const tag = reference.tag ?? "latest";
      lines.send({ status: `${tag}: digest: ${sent.digest} size: ${sent.size}` });
      lines.send({ progressDetail: {}, aux: { Tag: tag, Digest: sent.digest, Size: sent.size } });
    }
  } catch (error) {
    if (!lines.started) throw error;
    sendFailure(lines, error);
  } finally {
    done();
  }
  await lines.end();
}

async function referencesOf(call: Call, images: ImageStore): Promise<readonly Reference[]> {
  const name = param(call, "name");
  const tag = text(call, "tag");
  const given = parseReference(tag === undefined ? name : `${name}:${tag}`);
  if (given.digest !== undefined) throw badParameter("name", name);
  const named = tag !== undefined || name.includes(":", name.lastIndexOf("/") + 1);
  if (named) return [given];
  const home = `${given.registry}/${given.repository}:`;
  const all = (await images.list()).flatMap((image) => image.names.filter((known) => known.startsWith(home)));
  if (all.length === 0) throw nothingToPush(name);
  return all.sort().map(parseReference);
}

async function missingIn(references: readonly Reference[], images: ImageStore): Promise<Reference | undefined> {
  for (const reference of references) if (!(await images.find(familiarReference(reference)))) return reference;
  return undefined;
}

type PushOptions = NonNullable<Parameters<Services["registry"]["push"]>[2]>;

/** Sends an image (with those for other machines, when they are here) and remembers under which digest it is there. */
async function pushImage(
  reference: Reference,
  image: ImageRecord,
  options: PushOptions,
  services: Services,
): Promise<Descriptor> {
  const { content, images, registry, events } = services;
  const lease = content.lease();
  try {
    const root = await rootOf(content, image);
    const homesOf = homesIn(await images.list(), reference);
    const sent = await registry.push(reference, root, { ...options, homesOf });
    const { registry: host, repository } = reference;
    await images.add(image.manifestDescriptor, [], { repoDigest: `${host}/${repository}@${sent.digest}` });
    const name = familiarReference(reference);
    events.emit({ type: "image", action: "push", id: name, attributes: { name }, timeNs: nowNs() });
    return sent;
  } finally {
    lease.release();
  }
}

async function rootOf(content: ContentStore, { manifestDescriptor }: ImageRecord): Promise<Descriptor> {
  const index = manifestDescriptor.annotations?.[indexKey] as Digest | undefined;
  return (index && (await completeIndex(content, index))) ?? manifestDescriptor;
}

/** Where on the same registry a layer is: wherever an image that has it was pulled from or pushed to. */
function homesIn(images: readonly ImageRecord[], target: Reference): (digest: Digest) => readonly string[] {
  const homes = new Map<Digest, Set<string>>();
  for (const { manifest, repoDigests } of images) {
    const repositories = repoDigests
      .map(parseReference)
      .filter(({ registry, repository }) => registry === target.registry && repository !== target.repository);
    for (const { digest } of manifest.layers) {
      const known = homes.get(digest) ?? new Set<string>();
      for (const { repository } of repositories) known.add(repository);
      homes.set(digest, known);
    }
  }
  return (digest) => [...(homes.get(digest) ?? [])];
}

function pushLines(lines: JsonLines): (progress: PushProgress) => void {
  return ({ item, status, currentBytes, totalBytes, from }) => {
    const detail =
      totalBytes !== undefined && (status === "pushing" || status === "preparing")
        ? { current: currentBytes, total: totalBytes }
        : {};
    const word = status === "mounted" ? `Mounted from ${from ?? ""}` : words[status];
    lines.send({ status: word, progressDetail: detail, id: item });
  };
}

const words: Readonly<Record<Exclude<PushProgress["status"], "mounted">, string>> = {
  preparing: "Preparing",
  waiting: "Waiting",
  pushing: "Pushing",
  pushed: "Pushed",
  exists: "Layer already exists",
};
