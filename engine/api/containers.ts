import type { Container } from "../containers/types.ts";
import type { ImageRecord } from "../store/types.ts";
import { type Call, flag, integer, param, readBody, sendEmpty, sendJson, text } from "./call.ts";
import { containerDetails, containerSummary } from "./container-view.ts";
import { parseCreate } from "./create-options.ts";
import { badParameter, containerNotRunning } from "./errors.ts";
import { anyOf, type Filters, labelsFit, readFilters } from "./filters.ts";
import { familiar, nameFits } from "./image-view.ts";
import { findImage } from "./images.ts";
import { processTable } from "./process-table.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const containerRoutes: readonly Route[] = [
  route("GET", "/containers/json", list),
  route("POST", "/containers/create", create),
  route("GET", "/containers/:id/json", inspect),
  route("GET", "/containers/:id/top", top),
  route("POST", "/containers/:id/start", start),
  route("POST", "/containers/:id/stop", stop),
  route("POST", "/containers/:id/restart", restart),
  route("POST", "/containers/:id/kill", kill),
  route("POST", "/containers/:id/rename", rename),
  route("POST", "/containers/:id/wait", wait),
  route("DELETE", "/containers/:id", remove),
];

const filterNames = [
  ...["ancestor", "before", "exited", "expose", "id", "label", "name", "network", "publish", "since", "status"],
  ...["health", "is-task", "isolation", "volume"],
];

async function list(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, filterNames);
  const limit = integer(call, "limit");
  const images = await services.images.list();
  const bound = (name: string) => {
    const value = filters.get(name)?.[0];
    return value === undefined ? undefined : services.containers.get(value).createdAt;
  };
  const [before, since] = [bound("before"), bound("since")];
  const all = flag(call, "all") || filters.has("status") || filters.has("exited") || (limit !== undefined && limit > 0);
  const found = services.containers
    .list()
    .filter((container) => all || container.status === "running")
    .filter((container) => before === undefined || container.createdAt < before)
    .filter((container) => since === undefined || container.createdAt > since)
    .filter((container) => containerFits(container, filters, images))
    .sort((a, b) => b.createdAt - a.createdAt);
  const shown = limit !== undefined && limit > 0 ? found.slice(0, limit) : found;
  sendJson(
    call,
    200,
    shown.map((container) => {
      const image = images.find((entry) => entry.id === container.imageId);
      const summary = containerSummary(container, shownImage(container, image));
      // What a container itself wrote is not measured; its image's size is known.
      return flag(call, "size") ? { ...summary, SizeRootFs: image?.sizeBytes ?? 0 } : summary;
    }),
  );
}

/** The name as written, or the image's id once the name means another image. */
function shownImage(container: Container, image: ImageRecord | undefined): string {
  const written = container.options.image;
  const still =
    image?.names.some((name) => familiar(name) === familiar(written)) || /^(sha256:)?[0-9a-f]+$/.test(written);
  return still || written.includes("@") ? written : container.imageId;
}

function containerFits(container: Container, filters: Filters, images: readonly ImageRecord[]): boolean {
  const ports = container.publishedPorts.map((port) => `${port.containerPort}/${port.protocol}`);
  const portFits = (list: readonly string[], value: string) =>
    list.includes(value.includes("/") ? value : `${value}/tcp`);
  return (
    anyOf(filters, "id", (value) => container.id.startsWith(value)) &&
    anyOf(filters, "name", (value) => nameMatches(value, container.name)) &&
    anyOf(filters, "status", (value) => container.status === value) &&
    anyOf(filters, "exited", (value) => container.status === "exited" && String(container.exitCode ?? 0) === value) &&
    anyOf(filters, "network", (value) => (container.options.networkMode ?? "bridge") === value) &&
    anyOf(filters, "publish", (value) => portFits(ports, value)) &&
    anyOf(filters, "expose", (value) => portFits(container.exposedPorts, value)) &&
    anyOf(filters, "health", (value) => value === "none") &&
    anyOf(filters, "is-task", (value) => value === "false") &&
    anyOf(filters, "volume", (value) =>
      container.mounts.some((mount) => mount.target === value || (mount.type !== "tmpfs" && mount.source === value)),
    ) &&
    anyOf(filters, "ancestor", (value) => {
      const image = images.find((entry) => entry.id === container.imageId);
      const names = [container.options.image, ...(image?.names ?? [])];
      return (
        container.imageId.replace("sha256:", "").startsWith(value.replace("sha256:", "")) ||
        names.some((name) => nameFits(value, name))
      );
    }) &&
    labelsFit(filters, container.labels)
  );
}

/** Docker reads the value as a regular expression over `/name` and over `name`. */
function nameMatches(value: string, name: string): boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(value);
  } catch {
    throw badParameter("filters", value);
  }
  return expression.test(name) || expression.test(`/${name}`);
}

async function create(call: Call, services: Services): Promise<void> {
  const { options, warnings } = parseCreate(await readBody(call), text(call, "name"));
  await findImage(options.image, services);
  const container = await services.containers.create(options);
  sendJson(call, 201, { Id: container.id, Warnings: warnings });
}

async function inspect(call: Call, { containers, images, status }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  const details = containerDetails(container, status().home);
  const image = flag(call, "size") ? await images.find(container.imageId) : undefined;
  sendJson(call, 200, image ? { ...details, SizeRootFs: image.sizeBytes } : details);
}

async function top(call: Call, { containers }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  if (container.status !== "running" || container.pid === undefined) throw containerNotRunning(container.name);
  sendJson(call, 200, await processTable(container.pid));
}

async function start(call: Call, { containers }: Services): Promise<void> {
  sendEmpty(call, (await containers.start(param(call, "id"))) ? 204 : 304);
}

async function stop(call: Call, { containers }: Services): Promise<void> {
  const signal = text(call, "signal");
  const stopped = await containers.stop(param(call, "id"), { ...timeout(call), ...(signal ? { signal } : {}) });
  sendEmpty(call, stopped ? 204 : 304);
}

async function restart(call: Call, { containers }: Services): Promise<void> {
  await containers.restart(param(call, "id"), timeout(call));
  sendEmpty(call, 204);
}

function timeout(call: Call): { readonly timeoutSeconds?: number } {
  const seconds = integer(call, "t");
  return seconds === undefined ? {} : { timeoutSeconds: seconds };
}

async function kill(call: Call, { containers }: Services): Promise<void> {
  await containers.kill(param(call, "id"), text(call, "signal"));
  sendEmpty(call, 204);
}

async function rename(call: Call, { containers }: Services): Promise<void> {
  const name = text(call, "name")?.replace(/^\//, "");
  if (!name) throw badParameter("name", "");
  await containers.rename(param(call, "id"), name);
  sendEmpty(call, 204);
}

async function remove(call: Call, { containers }: Services): Promise<void> {
  await containers.remove(param(call, "id"), { force: flag(call, "force") });
  sendEmpty(call, 204);
}

/** The head goes out at once: Docker's client starts the container only when it knows that somebody waits for its end. */
async function wait(call: Call, { containers }: Services): Promise<void> {
  const { id } = containers.get(param(call, "id"));
  const condition = text(call, "condition") ?? "not-running";
  if (condition !== "not-running" && condition !== "next-exit" && condition !== "removed") {
    throw badParameter("condition", condition);
  }
  const code = containers.wait(id, condition, call.signal);
  call.res.writeHead(200, { "content-type": "application/json" });
  call.res.flushHeaders();
  try {
    call.res.end(`${JSON.stringify({ StatusCode: await code })}\n`);
  } catch (error) {
    const Message = error instanceof Error ? error.message : String(error);
    call.res.end(`${JSON.stringify({ StatusCode: 125, Error: { Message } })}\n`);
  }
}
