import type { Digest } from "../base/digest.ts";
import type { ImageRecord } from "../store/types.ts";
import { cacheView } from "./build-cache.ts";
import { type Call, sendJson } from "./call.ts";
import { containerSummary } from "./container-view.ts";
import { badParameter } from "./errors.ts";
import { imageSummary } from "./image-view.ts";
import type { Services } from "./services.ts";
import { containerSizes, mountpointOf } from "./view-context.ts";
import { volumeUsage } from "./volumes.ts";

const types = ["image", "container", "volume", "build-cache"];

/** `GET /system/df[?type=…]`: what takes how much room. What is not asked for is not measured. */
export async function diskUsage(call: Call, services: Services): Promise<void> {
  const wanted = call.query.getAll("type");
  for (const type of wanted) if (!types.includes(type)) throw badParameter("type", type);
  const asked = (type: string) => wanted.length === 0 || wanted.includes(type);
  const images = await services.images.list();
  sendJson(call, 200, {
    LayersSize: asked("image") ? layersSize(images) : 0,
    Images: asked("image") ? imageUsage(images, services, call.minor) : [],
    Containers: asked("container") ? await containerUsage(images, services, call.signal) : [],
    Volumes: asked("volume") ? await volumeUsage(services, call.signal) : [],
    BuildCache: asked("build-cache") ? (await services.buildCache.list()).map(cacheView) : [],
  });
}

/** Each layer once. */
function layersSize(images: readonly ImageRecord[]): number {
  const sizes = new Map(images.flatMap(({ manifest }) => manifest.layers.map(({ digest, size }) => [digest, size])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function imageUsage(images: readonly ImageRecord[], { containers }: Services, minor: number) {
  const users = new Map<Digest, number>();
  for (const { manifest } of images) {
    for (const { digest } of manifest.layers) users.set(digest, (users.get(digest) ?? 0) + 1);
  }
  return images.map((image) => ({
    ...imageSummary(image, minor),
    SharedSize: image.manifest.layers.reduce(
      (sum, { digest, size }) => sum + ((users.get(digest) ?? 0) > 1 ? size : 0),
      0,
    ),
    Containers: containers.usersOf(image.id).length,
  }));
}

async function containerUsage(images: readonly ImageRecord[], services: Services, signal: AbortSignal) {
  const containers = services.containers.list();
  const sizes = await containerSizes(containers, new Map(images.map((image) => [image.id, image])), services, signal);
  const context = { mountpointOf: mountpointOf(services) };
  return containers.map((container) => ({ ...containerSummary(container, context), ...sizes.get(container.id) }));
}
