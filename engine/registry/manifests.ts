import { type Digest, digestOf, isDigest } from "../base/digest.ts";
import { isImageConfig, isIndex, isManifest, isRecord } from "../oci/documents.ts";
import { type Descriptor, type ImageConfig, type Index, type Manifest, mediaTypes } from "../oci/types.ts";
import { discard, maxManifestBytes, readSmall } from "./body.ts";
import {
  damagedAnswer,
  imageNotFound,
  notAnImage,
  oldManifest,
  protocolError,
  unsupportedLayer,
  type Wanted,
} from "./errors.ts";
import { retrying } from "./retry.ts";
import type { Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";

export interface FetchedDocument {
  readonly descriptor: Descriptor;
  readonly data: Buffer;
  readonly document: Manifest | Index;
}

const accept = [mediaTypes.manifest, mediaTypes.index, mediaTypes.dockerManifest, mediaTypes.dockerManifestList].join(
  ", ",
);

// Docker 25 and later also write these two.
const usableLayers: readonly string[] = [
  mediaTypes.layer,
  mediaTypes.layerGzip,
  mediaTypes.layerZstd,
  mediaTypes.dockerLayerGzip,
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.zstd",
];

/** A manifest or an index, by tag or by digest, checked against its digest. */
export function fetchManifest(
  session: Session,
  tagOrDigest: string,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<FetchedDocument> {
  const { host, transport, wanted } = session;
  return retrying(timing, signal, async () => {
    const answer = await session.get(`manifests/${tagOrDigest}`, { accept, signal });
    if (answer.statusCode !== 200) {
      await discard(answer);
      throw answer.statusCode === 404
        ? imageNotFound(wanted, host)
        : protocolError(host, `HTTP status ${answer.statusCode}`);
    }
    const data = await readSmall(answer, { host, transport, signal });
    const digest = digestOf(data);
    const promised = isDigest(tagOrDigest) ? tagOrDigest : answer.headers["docker-content-digest"];
    if (typeof promised === "string" && isDigest(promised) && promised !== digest) {
      throw damagedAnswer(host, promised);
    }
    const contentType = String(answer.headers["content-type"] ?? "")
      .replace(/;.*/s, "")
      .trim();
    return parseManifest(data, { digest, contentType, host, wanted });
  });
}

/** @throws EngineError `registry-protocol`, `unsupported` */
export function parseManifest(
  data: Buffer,
  { digest, contentType, host, wanted }: { digest: Digest; contentType: string; host: string; wanted: Wanted },
): FetchedDocument {
  const document = parseJson(data);
  if (!isRecord(document)) throw protocolError(host, "a manifest is not a JSON object");
  if (document.schemaVersion === 1) throw oldManifest(wanted);
  const stated = typeof document.mediaType === "string" ? document.mediaType : contentType;
  if (isIndex(document)) {
    const mediaType = stated === mediaTypes.dockerManifestList ? stated : mediaTypes.index;
    return { descriptor: { mediaType, digest, size: data.byteLength }, data, document };
  }
  if (!isManifest(document)) throw protocolError(host, "a manifest has not the form it must have");
  const mediaType = stated === mediaTypes.dockerManifest ? stated : mediaTypes.manifest;
  return { descriptor: { mediaType, digest, size: data.byteLength }, data, document };
}

/** @throws EngineError `unsupported` for what is not an image that can run here, `registry-protocol` */
export function checkManifest({ config, layers }: Manifest, host: string, wanted: Wanted, cacheToo: boolean): void {
  const isCache = cacheToo && config.mediaType === mediaTypes.buildCache;
  if (config.mediaType !== mediaTypes.config && config.mediaType !== mediaTypes.dockerConfig && !isCache) {
    throw notAnImage(wanted, config.mediaType);
  }
  if (config.size > maxManifestBytes) throw protocolError(host, "the image's configuration is too large");
  const odd = layers.find(({ mediaType }) => !usableLayers.includes(mediaType));
  if (odd) throw unsupportedLayer(wanted, odd.mediaType);
}

/** @throws EngineError `registry-protocol` */
export function parseConfig(data: Buffer, { layers }: Manifest, host: string): ImageConfig {
  const config = parseJson(data);
  if (!isImageConfig(config)) throw protocolError(host, "an image's configuration has not the form it must have");
  if (config.rootfs.diff_ids.length !== layers.length) {
    throw protocolError(host, "an image's configuration and manifest disagree about its layers");
  }
  return config;
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}
