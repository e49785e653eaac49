import type { ImageRecord } from "../store/types.ts";
import { type Call, sendJson } from "./call.ts";
import { isUp } from "./container-view.ts";
import { booleanFilter, type Filters, labelsFit, readFilters, untilMs } from "./filters.ts";
import { removeImage } from "./images.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const pruneRoutes: readonly Route[] = [
  route("POST", "/containers/prune", pruneContainers),
  route("POST", "/images/prune", pruneImages),
];

async function pruneContainers(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, ["label", "label!", "until"]);
  const stopped = services.containers
    .list()
    .filter((container) => !isUp(container) && container.status !== "removing")
    .filter((container) => fits(filters, container.labels, container.createdAt));
  const deleted: string[] = [];
  let freedBytes = 0;
  for (const container of stopped) {
    const size = await services.containerSize(container.id, call.signal);
    await quietly(container.name, services, async () => {
      await services.containers.remove(container.id, { force: false });
      deleted.push(container.id);
      freedBytes += size;
    });
  }
  sendJson(call, 200, { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: freedBytes });
}

// What was taken or removed a moment ago is not what the person meant.
async function quietly(name: string, { log }: Services, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    log(`prune: ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Without names only, or with `dangling=false` all that no container uses. */
async function pruneImages(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, ["dangling", "label", "label!", "until"]);
  const all = booleanFilter(filters, "dangling") === false;
  const unused = (image: ImageRecord) => services.containers.usersOf(image.id).length === 0;
  const images = (await services.images.list())
    .filter((image) => (all || image.names.length === 0) && unused(image))
    .filter((image) => fits(filters, image.config.config?.Labels ?? {}, Date.parse(image.config.created ?? "") || 0));
  const deleted: Awaited<ReturnType<typeof removeImage>> = [];
  for (const { id } of images) {
    await quietly(id, services, async () => {
      deleted.push(...(await removeImage(id, true, services)));
    });
  }
  sendJson(call, 200, {
    ImagesDeleted: deleted.length > 0 ? deleted : null,
    SpaceReclaimed: await services.collectGarbage(),
  });
}

function fits(filters: Filters, labels: Readonly<Record<string, string>>, createdMs: number): boolean {
  const without = (filters.get("label!") ?? []).every((label) => !labelsFit(new Map([["label", [label]]]), labels));
  return without && labelsFit(filters, labels) && createdMs < untilMs(filters);
}
