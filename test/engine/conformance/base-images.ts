// The images that cases begin with, as every engine gets them.
import { gunzipSync } from "node:zlib";
import type { ContainerConfig } from "../../../engine/oci/types.ts";
import { busyboxImage } from "../../support/base-images.ts";
import { type ImageBlobs, imageBlobs, tarOf } from "../../support/image-blobs.ts";

/** `busybox`; `odd`: a config with everything and without PATH; `triggers`: ONBUILD. */
export async function conformanceBases(): Promise<ReadonlyMap<string, ImageBlobs>> {
  const busybox = await busyboxImage();
  const { architecture } = JSON.parse(String(busybox.blobs.get(busybox.id)));
  const layers = busybox.layers.map(({ digest }) => gunzipSync(busybox.blobs.get(digest) ?? Buffer.alloc(0)));
  const like = (config: ContainerConfig) => imageBlobs({ layers, config, architecture });
  return new Map([
    ["busybox", busybox],
    ["odd", like(odd)],
    ["triggers", like(triggers)],
  ]);
}

const odd: ContainerConfig = {
  User: "1000",
  ExposedPorts: { "80/tcp": {} },
  Env: ["INHERITED=yes", "SPACED=a b"],
  Entrypoint: ["/bin/sh"],
  Cmd: ["-c", "true"],
  Volumes: { "/data": {} },
  WorkingDir: "/srv",
  Labels: { of: "base", both: "base" },
  StopSignal: "SIGINT",
  Healthcheck: { Test: ["CMD", "true"], Interval: 5e9 },
  Shell: ["/bin/sh", "-ec"],
};

const triggers: ContainerConfig = {
  Env: ["PATH=/bin"],
  OnBuild: ["ENV TRIGGERED=yes", "COPY f /triggered/", "WORKDIR /triggered"],
};

/** For `docker load` and `buildah pull docker-archive:`. */
export async function dockerArchive(name: string, image: ImageBlobs): Promise<Buffer> {
  const files: Record<string, Buffer> = {};
  const layers = image.layers.map(({ digest }, at) => {
    files[`${at}.tar`] = gunzipSync(image.blobs.get(digest) ?? Buffer.alloc(0));
    return `${at}.tar`;
  });
  const config = `${image.id.slice(7)}.json`;
  files[config] = image.blobs.get(image.id) ?? Buffer.alloc(0);
  const manifest = [{ Config: config, RepoTags: [`${name}:latest`], Layers: layers }];
  return tarOf({ ...files, "manifest.json": Buffer.from(JSON.stringify(manifest)) });
}

export async function baseTar(): Promise<Buffer> {
  const busybox = await busyboxImage();
  return gunzipSync(busybox.blobs.get(busybox.layers[0]?.digest ?? busybox.id) ?? Buffer.alloc(0));
}
