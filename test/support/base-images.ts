// Base images for tests, made from this machine: `busybox` and `node` (a real Node 24 with npm, a shell and certificates).
// Their layers are kept in the development cache; a registry that holds them is the tests' mirror of docker.io.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { cacheDir } from "../../.ci/cache.mjs";
import { type Digest, digestOf } from "../../engine/base/digest.ts";
import { type ContainerConfig, type Descriptor, mediaTypes } from "../../engine/oci/types.ts";
import { busyboxFiles, type Files, nodeFiles, nodeVersion, tarOf } from "./base-image-files.ts";
import type { ImageBlobs } from "./image-blobs.ts";
import type { TestRegistry } from "./registry.ts";

export interface BaseImageOptions {
  /** Set as npm_config_registry in the node image, so that `RUN npm ci` works offline: `(await startNpmRegistry()).url`. */
  readonly npmRegistry?: string;
}

/** Pushes library/busybox:latest, library/node:latest and library/node:24. */
export async function pushBaseImages(
  registry: Pick<TestRegistry, "push">,
  options: BaseImageOptions = {},
): Promise<void> {
  await registry.push("library/busybox:latest", await busyboxImage());
  const node = await nodeImage(options);
  for (const tag of ["latest", "24"]) await registry.push(`library/node:${tag}`, node);
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function busyboxImage(): Promise<ImageBlobs> {
  return image([await layer("busybox", busyboxFiles)], { Env: [`PATH=${PATH}`], Cmd: ["sh"] });
}

export async function nodeImage({ npmRegistry }: BaseImageOptions = {}): Promise<ImageBlobs> {
  const version = nodeVersion();
  const npm =
    npmRegistry === undefined ? [] : [`npm_config_registry=${npmRegistry}`, "npm_config_update_notifier=false"];
  return image([await layer("busybox", busyboxFiles), await layer(`node-${version}`, nodeFiles)], {
    Env: [`PATH=${PATH}`, `NODE_VERSION=${version}`, ...npm],
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["node"],
  });
}

interface Layer {
  readonly diffId: string;
  readonly blob: Buffer;
}

/** A layer from the cache, or built and put there under a name that says how it is built. */
async function layer(name: string, files: () => Files): Promise<Layer> {
  const recipe = digestOf(readFileSync("test/support/base-image-files.ts")).slice("sha256:".length).slice(0, 12);
  const file = path.join(cacheDir(), "base-images", `${name}-${process.arch}-${recipe}.tar`);
  if (!existsSync(`${file}.gz`)) {
    const tar = await tarOf(files());
    mkdirSync(path.dirname(file), { recursive: true });
    const put = (ending: string, content: string | Buffer) => {
      writeFileSync(`${file}.${process.pid}`, content);
      renameSync(`${file}.${process.pid}`, `${file}.${ending}`);
    };
    put("diff-id", digestOf(tar));
    put("gz", gzipSync(tar, { level: 1 }));
  }
  return { blob: readFileSync(`${file}.gz`), diffId: readFileSync(`${file}.diff-id`, "utf8") };
}

function image(layers: readonly Layer[], config: ContainerConfig): ImageBlobs {
  const blobs = new Map<Digest, Buffer>();
  const add = (mediaType: string, blob: Buffer): Descriptor => {
    const digest = digestOf(blob);
    blobs.set(digest, blob);
    return { mediaType, digest, size: blob.length };
  };
  const document = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const created = "2026-01-01T00:00:00Z";
  const descriptors = layers.map(({ blob }) => add(mediaTypes.layerGzip, blob));
  const configDescriptor = add(
    mediaTypes.config,
    document({
      created,
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created, created_by: "made by the tests" })),
    }),
  );
  const body = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: configDescriptor, layers: descriptors };
  const manifest = add(mediaTypes.manifest, document(body));
  return { manifest, id: configDescriptor.digest, layers: descriptors, blobs };
}
