// Base images for tests, made from this machine: `busybox` and `node` (a real Node 24 with npm, a shell and certificates).
// Their layers are kept in the development cache; pushing them to a loopback registry makes it the mirror of docker.io.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { cacheDir } from "../../.ci/cache.mjs";
import { busyboxFiles, type Files, nodeFiles, nodeVersion, tarOf } from "./base-image-files.ts";

export interface BaseImageOptions {
  /** Set as npm_config_registry in the node image, so that `RUN npm ci` works offline: `startNpmRegistry().url`. */
  readonly npmRegistry?: string;
}

interface Layer {
  readonly digest: string;
  readonly diffId: string;
  readonly blob: Buffer;
}

interface Image {
  readonly layers: readonly Layer[];
  readonly config: Record<string, unknown>;
}

const architecture = process.arch === "x64" ? "amd64" : process.arch;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Pushes library/busybox:latest, library/node:latest and library/node:24 to a registry (`http://127.0.0.1:5000`). */
export async function pushBaseImages(registry: string, options: BaseImageOptions = {}): Promise<void> {
  await push(registry, "library/busybox", ["latest"], await busyboxImage());
  await push(registry, "library/node", ["latest", "24"], await nodeImage(options));
}

export async function busyboxImage(): Promise<Image> {
  return { layers: [await layer("busybox", busyboxFiles)], config: { Env: [`PATH=${PATH}`], Cmd: ["sh"] } };
}

export async function nodeImage({ npmRegistry }: BaseImageOptions = {}): Promise<Image> {
  const version = nodeVersion();
  const npm =
    npmRegistry === undefined ? [] : [`npm_config_registry=${npmRegistry}`, "npm_config_update_notifier=false"];
  return {
    layers: [await layer("busybox", busyboxFiles), await layer(`node-${version}`, nodeFiles)],
    config: {
      Env: [`PATH=${PATH}`, `NODE_VERSION=${version}`, ...npm],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node"],
    },
  };
}

/** A layer from the cache, or built and put there. The name of its folder holds what it is built by. */
async function layer(name: string, files: () => Files): Promise<Layer> {
  const recipe = sha256(readFileSync("test/support/base-image-files.ts")).slice(0, 12);
  const file = path.join(cacheDir(), "base-images", `${name}-${architecture}-${recipe}.tar`);
  if (!existsSync(`${file}.gz`)) {
    const tar = await tarOf(files());
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.diff-id`, `sha256:${sha256(tar)}`);
    writeFileSync(`${file}.${process.pid}`, gzipSync(tar, { level: 1 }));
    renameSync(`${file}.${process.pid}`, `${file}.gz`);
  }
  const blob = readFileSync(`${file}.gz`);
  return { digest: `sha256:${sha256(blob)}`, diffId: readFileSync(`${file}.diff-id`, "utf8"), blob };
}

/** Pushes an image of one platform behind an index, as Docker Hub serves them. */
async function push(registry: string, repository: string, tags: readonly string[], image: Image): Promise<void> {
  const base = `${registry}/v2/${repository}`;
  for (const { digest, blob } of image.layers) await pushBlob(base, digest, blob);
  const config = Buffer.from(
    JSON.stringify({
      created: "2026-01-01T00:00:00Z",
      architecture,
      os: "linux",
      config: image.config,
      rootfs: { type: "layers", diff_ids: image.layers.map(({ diffId }) => diffId) },
      history: image.layers.map(() => ({ created: "2026-01-01T00:00:00Z", created_by: "made by the tests" })),
    }),
  );
  const configDigest = `sha256:${sha256(config)}`;
  await pushBlob(base, configDigest, config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: configDigest, size: config.length },
    layers: image.layers.map(({ digest, blob }) => ({ mediaType: LAYER, digest, size: blob.length })),
  });
  const digest = `sha256:${sha256(manifest)}`;
  await putManifest(base, digest, MANIFEST, manifest);
  const platform = { architecture, os: "linux" };
  const entry = { mediaType: MANIFEST, digest, size: Buffer.byteLength(manifest), platform };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [entry] });
  for (const tag of tags) await putManifest(base, tag, INDEX, index);
}

const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

// OCI distribution 1.1, "Pushing a blob monolithically": POST for a session, then PUT with the digest.
async function pushBlob(base: string, digest: string, blob: Buffer): Promise<void> {
  if ((await fetch(`${base}/blobs/${digest}`, { method: "HEAD" })).ok) return;
  const session = await expect(await fetch(`${base}/blobs/uploads/`, { method: "POST" }), 202);
  const target = new URL(session.headers.get("location") ?? "", base);
  target.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await expect(await fetch(target, { method: "PUT", body: new Uint8Array(blob), headers }), 201);
}

async function putManifest(base: string, reference: string, mediaType: string, body: string): Promise<void> {
  const headers = { "content-type": mediaType };
  await expect(await fetch(`${base}/manifests/${reference}`, { method: "PUT", body, headers }), 201);
}

async function expect(response: Response, status: number): Promise<Response> {
  if (response.status === status) return response;
  throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}

function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}
