import type { Digest } from "../base/digest.ts";
import { parse } from "../dockerfile/parse.ts";
import { lower } from "../graph/lower.ts";
import { type ContainerConfig, type Descriptor, type ImageConfig, mediaTypes, type Platform } from "../oci/types.ts";
import { decompressed } from "../store/compression.ts";
import type { ContentStore } from "../store/types.ts";
import { dockerfileProblems } from "./errors.ts";
import { badChange, nothingToImport } from "./output-errors.ts";
import { imageManifest } from "./result.ts";

export interface ImportOptions {
  /** Instructions like `CMD ["sh"]`, as `docker import --change` takes them. */
  readonly changes: readonly string[];
  readonly message: string;
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

/** What changes nothing but the configuration. */
const allowed = /^\s*(?:CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|STOPSIGNAL|USER|VOLUME|WORKDIR)\s/i;

/** An image whose only layer is a tar, perhaps compressed. @throws EngineError `invalid-argument`, `dockerfile-syntax` */
export async function importImage(
  content: ContentStore,
  source: AsyncIterable<Uint8Array>,
  { changes, message, platform, signal }: ImportOptions,
): Promise<Descriptor> {
  const { os, architecture, variant } = platform;
  const config = configOf(changes, platform);
  const layer = await content.ingest(checkedTar(decompressed(source)), { signal });
  const created = new Date().toISOString();
  const document: ImageConfig = {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    created,
    config,
    history: [{ created, comment: message }],
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  };
  const text = JSON.stringify(document);
  const descriptor = { mediaType: mediaTypes.layer, ...layer };
  const manifest = JSON.stringify(
    imageManifest({ digest: await content.put(text), size: Buffer.byteLength(text) }, [
      { descriptor, diffId: layer.digest },
    ]),
  );
  const digest: Digest = await content.put(manifest);
  return { mediaType: mediaTypes.manifest, digest, size: Buffer.byteLength(manifest) };
}

function configOf(changes: readonly string[], platform: Platform): ContainerConfig {
  const odd = changes.find((change) => !allowed.test(change));
  if (odd !== undefined) throw badChange(odd);
  const lowered = lower(parse(`FROM scratch\n${changes.join("\n")}\n`), { platform, images: new Map() });
  if ("problems" in lowered) throw dockerfileProblems(lowered.problems);
  // What FROM scratch brings along is not in what is imported.
  const { Env, WorkingDir, ...config } = lowered.graph.config;
  const says = (pattern: RegExp) => changes.some((change) => pattern.test(change));
  const variables = Env?.filter((pair) => !pair.startsWith("PATH=") || says(/^\s*ENV\s(.*\s)?PATH[\s=]/i)) ?? [];
  return {
    ...config,
    ...(variables.length > 0 ? { Env: variables } : {}),
    ...(WorkingDir !== undefined && says(/^\s*WORKDIR\s/i) ? { WorkingDir } : {}),
  };
}

/** Whoever sends a picture is told now, not when the image is run first (POSIX ustar: the header's checksum). */
async function* checkedTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  let checked = false;
  for await (const chunk of source) {
    if (!checked) {
      head = Buffer.concat([head, chunk]);
      if (head.byteLength < 512) continue;
      if (!isHeader(head.subarray(0, 512))) throw nothingToImport();
      checked = true;
      yield head;
    } else yield chunk;
  }
  if (!checked) throw nothingToImport();
}

function isHeader(block: Buffer): boolean {
  if (block.every((byte) => byte === 0)) return true;
  const stated = Number.parseInt(block.subarray(148, 156).toString("latin1").replace(/\0.*/s, "").trim(), 8);
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return sum === stated;
}
