import { digestOf } from "../base/digest.ts";
import { isIndex } from "../oci/documents.ts";
import type { Reference } from "../oci/reference.ts";
import { type Manifest, mediaTypes, type Platform } from "../oci/types.ts";
import { readBlob } from "./blob.ts";
import { maxManifestBytes } from "./body.ts";
import { damagedAnswer } from "./errors.ts";
import { fetchManifest, parseConfig } from "./manifests.ts";
import type { Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";
import type { RemoteImage } from "./types.ts";

/** What a name points to and for which platforms, by one request or two; nothing is stored. */
export async function describeRemote(
  session: Session,
  { digest, tag = "latest" }: Reference,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<RemoteImage> {
  const { descriptor, document } = await fetchManifest(session, digest ?? tag, timing, signal);
  if (isIndex(document)) {
    const platforms = document.manifests.flatMap(({ platform }) => (platform ? [platform] : []));
    return { descriptor, platforms: platforms.filter(({ os }) => os !== "unknown") };
  }
  const manifest = document as Manifest;
  const isImage = [mediaTypes.config, mediaTypes.dockerConfig].some((type) => type === manifest.config.mediaType);
  return { descriptor, platforms: isImage ? [await platformOf(session, manifest, timing, signal)] : [] };
}

async function platformOf(
  session: Session,
  manifest: Manifest,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<Platform> {
  const { config } = manifest;
  const chunks: Uint8Array[] = [];
  const size = Math.min(config.size, maxManifestBytes);
  for await (const chunk of readBlob(session, { ...config, size }, timing, signal)) chunks.push(chunk);
  const data = Buffer.concat(chunks);
  if (digestOf(data) !== config.digest) throw damagedAnswer(session.host, config.digest);
  const { os, architecture, variant } = parseConfig(data, manifest, session.host);
  return { os, architecture, ...(variant ? { variant } : {}) };
}
