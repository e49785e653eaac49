import type { Container } from "../containers/types.ts";
import type { ImageRecord } from "../store/types.ts";
import type { ViewContext } from "./container-view.ts";
import type { Services } from "./services.ts";

/** Where the files of a volume are; a removed one has them nowhere. */
export function mountpointOf({ volumes }: Services): ViewContext["mountpointOf"] {
  const places = new Map(volumes.list().map(({ name, mountpoint }) => [name, mountpoint]));
  return (name) => places.get(name) ?? "";
}

export async function viewContext(container: Container, services: Services): Promise<ViewContext> {
  const image = await services.images.find(container.imageId);
  return {
    home: services.status().home,
    image: image?.config.config ?? {},
    execIds: services.containers.execsIn(container.id),
    mountpointOf: mountpointOf(services),
  };
}

export interface ContainerSizes {
  /** What the container itself wrote. */
  readonly SizeRw: number;
  /** That, and its image. */
  readonly SizeRootFs: number;
}

/** By the container's id. */
export async function containerSizes(
  containers: readonly Container[],
  images: ReadonlyMap<string, ImageRecord>,
  services: Services,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ContainerSizes>> {
  const entries = await Promise.all(
    containers.map(async ({ id, imageId }) => {
      const own = await services.containerSize(id, signal);
      return [id, { SizeRw: own, SizeRootFs: own + (images.get(imageId)?.sizeBytes ?? 0) }] as const;
    }),
  );
  return new Map(entries);
}
