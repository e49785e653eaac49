import type { Container, ContainerStatus } from "../containers/types.ts";
import type { ImageRecord } from "../store/types.ts";
import { type Call, flag, integer, sendJson } from "./call.ts";
import { portList } from "./container-places-view.ts";
import { containerSummary, isUp } from "./container-view.ts";
import { badFilterValue } from "./errors.ts";
import { anyOf, booleanFilter, type Filters, isLike, labelsFit, readFilters } from "./filters.ts";
import { familiar, nameFits } from "./image-view.ts";
import type { Services } from "./services.ts";
import { containerSizes, mountpointOf } from "./view-context.ts";

const filterNames = [
  ...["ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network"],
  ...["publish", "since", "status", "volume"],
];

const statuses: readonly ContainerStatus[] = [
  ...(["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const),
];

/** `GET /containers/json`. */
export async function listContainers(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, filterNames);
  checkFilters(filters);
  const limit = integer(call, "limit") ?? 0;
  const images = new Map((await services.images.list()).map((image) => [image.id, image]));
  const bound = (name: string) => {
    const value = filters.get(name)?.[0];
    return value === undefined ? undefined : services.containers.get(value).createdAt;
  };
  const [before, since] = [bound("before"), bound("since")];
  const all =
    flag(call, "all") || limit > 0 || ["status", "exited", "before", "since"].some((name) => filters.has(name));
  const found = services.containers
    .list()
    .filter(
      (container) =>
        (all || isUp(container)) &&
        (before === undefined || container.createdAt < before) &&
        (since === undefined || container.createdAt > since) &&
        containerFits(container, filters, images),
    )
    .sort((a, b) => b.createdAt - a.createdAt);
  const shown = limit > 0 ? found.slice(0, limit) : found;
  const places = { mountpointOf: mountpointOf(services), now: Date.now() };
  const summaries = shown.map((container) =>
    containerSummary(container, { ...places, imageName: shownImage(container, images.get(container.imageId)) }),
  );
  if (!flag(call, "size")) return sendJson(call, 200, summaries);
  const sizes = await containerSizes(shown, images, services, call.signal);
  sendJson(
    call,
    200,
    summaries.map((summary) => ({ ...summary, ...sizes.get(summary.Id) })),
  );
}

function checkFilters(filters: Filters): void {
  for (const status of filters.get("status") ?? []) {
    if (!(statuses as readonly string[]).includes(status)) throw badFilterValue("status", status);
  }
  for (const code of filters.get("exited") ?? []) {
    if (!/^-?\d+$/.test(code)) throw badFilterValue("exited", code);
  }
  for (const health of filters.get("health") ?? []) {
    if (!["starting", "healthy", "unhealthy", "none"].includes(health)) throw badFilterValue("health", health);
  }
  booleanFilter(filters, "is-task");
}

/** The name as written, or the image's id once the name means another image. */
function shownImage(container: Container, image: ImageRecord | undefined): string {
  const written = container.options.image;
  const still =
    image?.names.some((name) => familiar(name) === familiar(written)) || /^(sha256:)?[0-9a-f]+$/.test(written);
  return still || written.includes("@") ? written : container.imageId;
}

function containerFits(container: Container, filters: Filters, images: ReadonlyMap<string, ImageRecord>): boolean {
  if (filters.size === 0) return true;
  const { networkMode = "bridge" } = container.options;
  return (
    anyOf(filters, "id", (value) => container.id.startsWith(value)) &&
    anyOf(filters, "name", (value) => nameMatches(value, container.name)) &&
    anyOf(filters, "status", (value) => container.status === value) &&
    anyOf(filters, "exited", (value) => container.status === "exited" && String(container.exitCode ?? 0) === value) &&
    anyOf(filters, "network", (value) =>
      container.endpoints.length > 0
        ? container.endpoints.some(
            ({ networkId, networkName }) => networkName === value || (value !== "" && networkId.startsWith(value)),
          )
        : networkMode === value,
    ) &&
    portsFit(container, filters) &&
    anyOf(filters, "health", (value) => value === (container.health?.status ?? "none")) &&
    booleanFilter(filters, "is-task") !== true &&
    anyOf(filters, "volume", (value) =>
      container.mounts.some((mount) => mount.target === value || (mount.type !== "tmpfs" && mount.source === value)),
    ) &&
    anyOf(filters, "ancestor", (value) => isDescendant(container, value, images)) &&
    labelsFit(filters, container.labels)
  );
}

/** As Docker has it: `publish` is the machine's port, `expose` the container's, of running containers; either will do. */
function portsFit(container: Container, filters: Filters): boolean {
  const wanted = (name: string) => new Set((filters.get(name) ?? []).flatMap(portRange));
  const [publish, expose] = [wanted("publish"), wanted("expose")];
  if (publish.size === 0 && expose.size === 0) return true;
  return portList(container).some(
    (port) =>
      ("PublicPort" in port && publish.has(`${port.PublicPort}/${port.Type}`)) ||
      expose.has(`${port.PrivatePort}/${port.Type}`),
  );
}

/** Of this image, or of one that has all of its layers. */
function isDescendant(container: Container, value: string, images: ReadonlyMap<string, ImageRecord>): boolean {
  const image = images.get(container.imageId);
  const names = [container.options.image, ...(image?.names ?? [])];
  if (container.imageId.replace("sha256:", "").startsWith(value.replace("sha256:", ""))) return true;
  if (names.some((name) => nameFits(value, name))) return true;
  const own = image?.config.rootfs.diff_ids.join() ?? "";
  return [...images.values()].some(
    ({ names, config }) =>
      names.some((name) => nameFits(value, name)) &&
      config.rootfs.diff_ids.length > 0 &&
      `${own},`.startsWith(`${config.rootfs.diff_ids.join()},`),
  );
}

/** `80`, `80/udp`, `8000-8010/tcp`. */
function portRange(value: string): string[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/i.exec(value);
  if (!match) throw badFilterValue("publish", value);
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (last < first || last > 65535) throw badFilterValue("publish", value);
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${match[3]?.toLowerCase() ?? "tcp"}`);
}

/** Docker looks at `/name` and at `name`. */
function nameMatches(value: string, name: string): boolean {
  return isLike(value, name) || isLike(value, `/${name}`);
}
