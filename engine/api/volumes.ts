import { usersOfVolume } from "../containers/volumes/container-volumes.ts";
import type { Volume } from "../containers/volumes/types.ts";
import { type Call, flag, param, readBody, sendEmpty, sendJson } from "./call.ts";
import { nowNs } from "./event-log.ts";
import { fieldsOf } from "./fields.ts";
import { anyOf, booleanFilter, type Filters, isLike, labelsFit, readFilters } from "./filters.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { isoTime } from "./times.ts";

export const volumeRoutes: readonly Route[] = [
  route("GET", "/volumes", list),
  route("POST", "/volumes/create", create),
  route("POST", "/volumes/prune", prune),
  route("GET", "/volumes/:name", (call, { volumes }) =>
    sendJson(call, 200, volumeView(volumes.get(param(call, "name")))),
  ),
  route("DELETE", "/volumes/:name", remove),
];

/** For `GET /system/df`. */
export async function volumeUsage({ volumes, containers }: Services, signal: AbortSignal) {
  const all = containers.list();
  return Promise.all(
    volumes.list().map(async (volume) => ({
      ...volumeView(volume),
      UsageData: {
        RefCount: usersOfVolume(all, volume.name).length,
        Size: await volumes.sizeOf(volume.name, signal).catch(() => -1),
      },
    })),
  );
}

function volumeView(volume: Volume) {
  const { labels, options } = volume;
  return {
    CreatedAt: isoTime(volume.createdAt),
    Driver: volume.driver,
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Options: Object.keys(options).length > 0 ? options : null,
    Scope: "local",
  };
}

function list(call: Call, { volumes, containers }: Services): void {
  const filters = readFilters(call, ["dangling", "driver", "label", "name"]);
  const dangling = booleanFilter(filters, "dangling");
  const all = containers.list();
  const found = volumes
    .list()
    .filter(
      (volume) =>
        anyOf(filters, "driver", (value) => volume.driver === value) &&
        anyOf(filters, "name", (value) => isLike(value, volume.name)) &&
        labelsFit(filters, volume.labels),
    )
    .filter(({ name }) => dangling === undefined || (usersOfVolume(all, name).length === 0) === dangling);
  sendJson(call, 200, { Volumes: found.map(volumeView), Warnings: null });
}

async function create(call: Call, { volumes }: Services): Promise<void> {
  const body = fieldsOf(await readBody(call));
  const name = body.text("Name") || undefined;
  const volume = await volumes.create({
    ...(name === undefined ? {} : { name }),
    driver: body.text("Driver") ?? "",
    labels: body.record("Labels") ?? {},
    options: body.record("DriverOpts") ?? {},
  });
  sendJson(call, 201, volumeView(volume));
}

async function remove(call: Call, { volumes, containers }: Services): Promise<void> {
  const name = param(call, "name");
  await volumes.remove(name, { force: flag(call, "force"), users: usersOfVolume(containers.list(), name) });
  sendEmpty(call, 204);
}

/** Those without a name of their own; with `all=1`, and for clients before API 1.42, every one that no container has. */
async function prune(call: Call, { volumes, containers, events, log }: Services): Promise<void> {
  const filters = readFilters(call, ["all", "label", "label!"]);
  const all = call.minor < 42 || booleanFilter(filters, "all") === true;
  const deleted: string[] = [];
  let freed = 0;
  for (const volume of volumes.list()) {
    const { name } = volume;
    if ((!all && !volume.anonymous) || !fits(filters, volume) || usersOfVolume(containers.list(), name).length > 0)
      continue;
    try {
      const size = await volumes.sizeOf(name, call.signal);
      await volumes.remove(name, { force: false, users: usersOfVolume(containers.list(), name) });
      deleted.push(name);
      freed += size;
    } catch (error) {
      // Somebody took or removed it a moment ago.
      log(`prune: volume ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  events.emit({ type: "volume", action: "prune", id: "", attributes: { reclaimed: String(freed) }, timeNs: nowNs() });
  sendJson(call, 200, { VolumesDeleted: deleted, SpaceReclaimed: freed });
}

function fits(filters: Filters, { labels }: Volume): boolean {
  const without = (filters.get("label!") ?? []).every((label) => !labelsFit(new Map([["label", [label]]]), labels));
  return without && labelsFit(filters, labels);
}
