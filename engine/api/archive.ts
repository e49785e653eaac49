import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import { withoutCredentials } from "../graph/add.ts";
import { hostPlatform } from "../oci/platform.ts";
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  tryParseReference,
} from "../oci/reference.ts";
import { importImage } from "../solver/import-image.ts";
import { readArchive } from "../store/archive-images.ts";
import { type ArchivedImage, completeIndex, writeArchive } from "../store/archive-write.ts";
import { indexKey } from "../store/index-file.ts";
import type { ImageRecord } from "../store/types.ts";
import { bodyOf } from "./body.ts";
import { uploadPrefix } from "./build.ts";
import { type Call, flag, param, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { writeTo } from "./hijack.ts";
import { findImage } from "./images.ts";
import { type JsonLines, jsonLines } from "./json-lines.ts";
import { pull, readPlatform, sendFailure } from "./pull.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const archiveRoutes: readonly Route[] = [
  route("GET", "/images/get", (call, services) => save(call.query.getAll("names"), call, services)),
  route("GET", "/images/:name+/get", (call, services) => save([param(call, "name")], call, services)),
  route("POST", "/images/load", load),
  route("POST", "/images/create", create),
];

/** Docker's archive and an OCI layout in one tar, as Docker 25 and later write it. */
async function save(names: readonly string[], call: Call, services: Services): Promise<void> {
  if (names.length === 0) throw badParameter("names", "");
  const { content, events } = services;
  const done = services.busy();
  const lease = content.lease();
  try {
    const images: ArchivedImage[] = [];
    for (const name of names) images.push(...(await archived(name, services)));
    const archive = writeArchive(content, merged(images), { kind: "docker", signal: call.signal });
    // What is missing is found before the first byte: then there still is a status to say it with.
    const first = await archive.next();
    call.res.writeHead(200, { "content-type": "application/x-tar" });
    if (!first.done) await writeTo(call.res, first.value);
    for await (const chunk of archive) await writeTo(call.res, chunk);
    call.res.end();
    for (const name of names) {
      events.emit({ type: "image", action: "save", id: name, attributes: { name }, timeNs: nowNs() });
    }
  } finally {
    lease.release();
    done();
  }
}

/** By a name that name, by a repository all its tags, by an id no name. */
async function archived(text: string, services: Services): Promise<readonly ArchivedImage[]> {
  const reference = tryParseReference(text);
  const isWhole = reference && !reference.digest && !text.includes(":", text.lastIndexOf("/") + 1);
  const home = isWhole ? `${reference.registry}/${reference.repository}:` : undefined;
  const tagged = (await services.images.list()).flatMap((image) => {
    const names = image.names.filter((name) => home !== undefined && name.startsWith(home));
    return names.length > 0 ? [{ image, names }] : [];
  });
  if (tagged.length > 0) return Promise.all(tagged.map(({ image, names }) => withIndex(image, names, services)));
  const image = await findImage(text, services);
  const name = reference?.tag && !reference.digest ? formatReference(reference) : "";
  return [await withIndex(image, image.names.includes(name) ? [name] : [], services)];
}

async function withIndex(
  { manifestDescriptor: manifest }: ImageRecord,
  names: readonly string[],
  { content }: Services,
): Promise<ArchivedImage> {
  const index = manifest.annotations?.[indexKey] as Digest | undefined;
  const whole = index && (await completeIndex(content, index));
  const named = { names: names.map(parseReference) };
  return whole ? { descriptor: whole, image: manifest, ...named } : { descriptor: manifest, ...named };
}

/** An image that was named twice is in the archive once. */
function merged(images: readonly ArchivedImage[]): readonly ArchivedImage[] {
  const byDigest = new Map<string, ArchivedImage>();
  for (const image of images) {
    const before = byDigest.get(image.descriptor.digest);
    byDigest.set(image.descriptor.digest, before ? { ...image, names: [...before.names, ...image.names] } : image);
  }
  return [...byDigest.values()];
}

async function load(call: Call, services: Services): Promise<void> {
  const { content, images, events } = services;
  const platform = readPlatform(text(call, "platform")) ?? hostPlatform(process.arch);
  const lines = jsonLines(call);
  await keeping(call, services, lines, async () => {
    const onProgress = flag(call, "quiet") ? undefined : loadLines(lines);
    const found = await readArchive(content, bodyOf(call.req), {
      platform,
      signal: call.signal,
      ...(onProgress ? { onProgress } : {}),
    });
    for (const { descriptor, names } of found) {
      const { id } = await images.add(descriptor, names);
      for (const name of names) lines.send({ stream: `Loaded image: ${familiarReference(name)}\n` });
      if (names.length === 0) lines.send({ stream: `Loaded image ID: ${id}\n` });
      events.emit({ type: "image", action: "load", id, attributes: { name: id }, timeNs: nowNs() });
    }
  });
}

/** One address of Docker's for two things: `fromImage` pulls, `fromSrc` imports. */
function create(call: Call, services: Services): Promise<void> {
  const source = text(call, "fromSrc");
  return source === undefined ? pull(call, services) : importFrom(source, call, services);
}

/** The body is the root of a machine, which becomes an image of one layer. */
async function importFrom(source: string, call: Call, services: Services): Promise<void> {
  if (source !== "-" && !/^https?:\/\/./i.test(source)) throw badParameter("fromSrc", source);
  const { content, images, events } = services;
  const repository = text(call, "repo");
  const tag = text(call, "tag");
  const names: Reference[] = repository ? [parseReference(tag ? `${repository}:${tag}` : repository)] : [];
  const lines = jsonLines(call);
  await keeping(call, services, lines, async () => {
    const manifest = await withSource(source, call, services, (tar) =>
      importImage(content, tar, {
        changes: call.query.getAll("changes"),
        message: text(call, "message") ?? `Imported from ${withoutCredentials(source)}`,
        platform: readPlatform(text(call, "platform")) ?? hostPlatform(process.arch),
        signal: call.signal,
      }),
    );
    const { id } = await images.add(manifest, names);
    lines.send({ status: id });
    events.emit({ type: "image", action: "import", id, attributes: { name: id }, timeNs: nowNs() });
  });
}

/** The request's body, or what an address has; a download is swept away afterwards. */
async function withSource<T>(
  source: string,
  { req, signal }: Call,
  { scratchDir }: Services,
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  if (source === "-") return use(bodyOf(req));
  // The HTTP client is large, and hardly anybody imports from an address.
  const { fetchUrl } = await import("../solver/fetch.ts");
  const folder = await mkdtemp(path.join(scratchDir, uploadPrefix));
  try {
    const { file } = await fetchUrl(source, folder, { signal });
    return await use(createReadStream(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Work that reads the request's body into the store: its blobs stay until they are named, or go when it fails. */
async function keeping(call: Call, services: Services, lines: JsonLines, work: () => Promise<void>): Promise<void> {
  const done = services.busy();
  const lease = services.content.lease();
  let failed: { readonly error: unknown } | undefined;
  try {
    await work();
  } catch (error) {
    failed = { error };
  } finally {
    lease.release();
    done();
  }
  if (failed) {
    await services.collectGarbage().catch((error: unknown) => services.log(`collecting garbage: ${String(error)}`));
    if (!lines.started) throw failed.error;
    // A client that still sends would not read the answer.
    call.req.resume();
    sendFailure(lines, failed.error);
  }
  await lines.end();
}

function loadLines(lines: JsonLines): (name: string, current: number, total: number) => void {
  let last = "";
  let at = 0;
  return (name, current, total) => {
    const now = performance.now();
    // Documents are small and of no interest.
    if (total < 64 * 1024 || (name === last && current < total && now - at < 100)) return;
    last = name;
    at = now;
    const id = /([0-9a-f]{12})[0-9a-f]*(?:\.tar|\/layer\.tar)?$/.exec(name)?.[1] ?? name.slice(-12);
    lines.send({ status: "Loading layer", progressDetail: { current, total }, id });
  };
}
