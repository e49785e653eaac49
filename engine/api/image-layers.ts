import type { Digest } from "../base/digest.ts";
import type { ImageLayers, LayerChange } from "../base/layers-api.ts";
import { missingPath, notAFile } from "../containers/files/errors.ts";
import { historySteps } from "../oci/history.ts";
import { type LayerContents, openLayerContents } from "../snapshot/layer-contents.ts";
import { type Spot, stackLayers } from "../snapshot/layer-stack.ts";
import { findFile, listFolder, searchLayers, summarize } from "../snapshot/layer-view.ts";
import type { ContentStore, ImageRecord } from "../store/types.ts";
import { type Call, integer, param, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { writeTo } from "./hijack.ts";
import { findImage } from "./images.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

/** engine/base/layers-api.ts says what is asked and answered. */
export const imageLayerRoutes: readonly Route[] = (
  [
    ["layers", list],
    ["layers/summary", summary],
    ["layers/search", search],
    ["layers/:layer/files", files],
    ["layers/:layer/file", file],
  ] as const
).map(([rest, handler]) => route("GET", `/drydock/images/:name+/${rest}`, handler));

const mostEntries = 20_000;
const mostFound = 1000;
/** Somebody who looks at an image asks again within this time; then the engine forgets what it holds of it. */
const restMs = 120_000;
const mostStacks = 2;

interface LookedAt {
  readonly contents: LayerContents;
  /** By image id, the one asked for last at the end. */
  readonly stacks: Map<Digest, Promise<Spot>>;
  timer?: NodeJS.Timeout;
}

const looked = new WeakMap<ContentStore, LookedAt>();

async function list(call: Call, services: Services): Promise<void> {
  sendJson(call, 200, layersOf(await findImage(param(call, "name"), services)));
}

function layersOf({ id, manifest, config }: ImageRecord): ImageLayers {
  const steps = historySteps(config);
  const makers = new Map(steps.flatMap((step) => (step.layer === undefined ? [] : [[step.layer, step] as const])));
  return {
    imageId: id,
    steps,
    layers: manifest.layers.map(({ digest, size }, index) => {
      const { instruction = "", createdMs } = makers.get(index) ?? {};
      const diffId = config.rootfs.diff_ids[index];
      return {
        index,
        instruction,
        digest,
        ...(diffId === undefined ? {} : { diffId }),
        sizeBytes: size,
        ...(createdMs === undefined ? {} : { createdMs }),
      };
    }),
  };
}

async function summary(call: Call, services: Services): Promise<void> {
  const { image, root } = await stacked(call, services);
  sendJson(call, 200, summarize(root, image.manifest.layers.length));
}

async function files(call: Call, services: Services): Promise<void> {
  const { image, root } = await stacked(call, services);
  const path = text(call, "path") ?? "/";
  const found = listFolder(root, {
    path,
    layer: layerIn(call, image),
    view: text(call, "view") === "image" ? "image" : "layer",
    order: text(call, "order") === "size" ? "size" : "name",
    offset: Math.max(0, integer(call, "offset") ?? 0),
    limit: limited(call, mostEntries),
  });
  if (!found) throw missingPath(path);
  sendJson(call, 200, found);
}

async function search(call: Call, services: Services): Promise<void> {
  const { image, root } = await stacked(call, services);
  const changes = text(call, "changes")?.split(",");
  const odd = changes?.find((one) => !isChange(one));
  if (odd !== undefined) throw badParameter("changes", odd);
  const layer = call.query.has("layer") ? layerIn(call, image, call.query.get("layer")) : undefined;
  const found = searchLayers(root, {
    text: text(call, "q") ?? "",
    limit: limited(call, mostFound),
    ...(layer === undefined ? {} : { layer }),
    ...(changes ? { changes: changes.filter(isChange) } : {}),
  });
  sendJson(call, 200, found);
}

async function file(call: Call, services: Services): Promise<void> {
  const { image, root, contents } = await stacked(call, services);
  const path = text(call, "path") ?? "/";
  const found = findFile(root, path, layerIn(call, image));
  if (found === "not-a-file") throw notAFile(path);
  const layer = found && image.manifest.layers[found.layer]?.digest;
  if (!found || layer === undefined) throw missingPath(path);
  const { offset, size, mtimeMs } = found.item;
  const { res } = call;
  res.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": size,
    "last-modified": new Date(mtimeMs).toUTCString(),
  });
  if (call.req.method !== "HEAD") {
    for await (const chunk of contents.read(layer, offset, size)) {
      if (call.signal.aborted) return;
      await writeTo(res, chunk);
    }
  }
  res.end();
}

/** What the image's layers hold, laid one over the other; read when it is first asked for. */
async function stacked(call: Call, services: Services) {
  const image = await findImage(param(call, "name"), services);
  const { content, status, busy } = services;
  let at = looked.get(content);
  if (!at) {
    at = { contents: openLayerContents(status().home, content), stacks: new Map() };
    looked.set(content, at);
  }
  const { contents, stacks } = at;
  let work = stacks.get(image.id);
  if (!work) {
    const done = busy();
    work = read(image, contents).finally(done);
    work.catch(() => stacks.delete(image.id));
  }
  stacks.delete(image.id);
  stacks.set(image.id, work);
  const [oldest] = stacks.keys();
  if (stacks.size > mostStacks && oldest !== undefined) stacks.delete(oldest);
  clearTimeout(at.timer);
  at.timer = setTimeout(() => stacks.clear(), restMs).unref();
  return { image, contents, root: await work };
}

async function read({ manifest }: ImageRecord, contents: LayerContents): Promise<Spot> {
  const layers = [];
  // One after the other: each is as fast as the disk, and memory holds one of them in pieces.
  for (const { digest } of manifest.layers) layers.push(await contents.items(digest));
  return stackLayers(layers);
}

function layerIn(call: Call, { manifest }: ImageRecord, given: string | null = param(call, "layer")): number {
  const layer = Number(given);
  if (!/^\d{1,5}$/.test(given ?? "") || layer >= manifest.layers.length) throw badParameter("layer", given ?? "");
  return layer;
}

function limited(call: Call, most: number): number {
  return Math.min(most, Math.max(1, integer(call, "limit") ?? most));
}

function isChange(text: string): text is LayerChange {
  return text === "added" || text === "changed" || text === "removed";
}
