import { familiarReference, formatReference, parseReference, tryParseReference } from "../oci/reference.ts";
import type { ImageRecord, RemovedImage } from "../store/types.ts";
import { type Call, flag, param, sendEmpty, sendJson, text } from "./call.ts";
import { badParameter, imageInUse, noSuchImage } from "./errors.ts";
import { anyOf, booleanFilter, labelsFit, readFilters, untilMs } from "./filters.ts";
import { familiar, imageDetails, imageHistory, imageSummary, nameFits } from "./image-view.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const imageRoutes: readonly Route[] = [
  route("GET", "/images/json", list),
  route("GET", "/images/:name+/json", inspect),
  route("GET", "/images/:name+/history", history),
  route("POST", "/images/:name+/tag", tag),
  route("DELETE", "/images/:name+", remove),
];

export async function findImage(name: string, { images }: Services): Promise<ImageRecord> {
  const image = await images.find(name);
  if (!image) throw noSuchImage(missingName(name));
  return image;
}

/** Docker says which tag was meant. */
function missingName(name: string): string {
  const reference = tryParseReference(name);
  return reference ? familiarReference(reference) : name;
}

async function list(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, ["before", "dangling", "label", "reference", "since", "until"]);
  const dangling = booleanFilter(filters, "dangling");
  const bounds = { before: filters.get("before")?.[0], since: filters.get("since")?.[0] };
  const before = bounds.before === undefined ? undefined : await findImage(bounds.before, services);
  const since = bounds.since === undefined ? undefined : await findImage(bounds.since, services);
  const images = (await services.images.list()).filter(
    (image) =>
      (dangling === undefined || dangling === (image.names.length === 0)) &&
      labelsFit(filters, image.config.config?.Labels ?? {}) &&
      (before === undefined || createdMs(image) < createdMs(before)) &&
      (since === undefined || createdMs(image) > createdMs(since)) &&
      createdMs(image) < untilMs(filters) &&
      anyOf(filters, "reference", (pattern) => image.names.some((name) => nameFits(pattern, name))),
  );
  const patterns = filters.get("reference");
  const summaries = images
    .sort((a, b) => createdMs(b) - createdMs(a))
    .map((image) => {
      // Only the names that were asked for, as `docker images node` shows them.
      if (!patterns) return imageSummary(image, call.minor);
      const fits = (name: string) => patterns.some((pattern) => nameFits(pattern, name));
      const [names, repoDigests] = [image.names.filter(fits), image.repoDigests.filter(fits)];
      return imageSummary({ ...image, names, repoDigests }, call.minor);
    });
  sendJson(call, 200, summaries);
}

async function inspect(call: Call, services: Services): Promise<void> {
  sendJson(call, 200, imageDetails(await findImage(param(call, "name"), services), call.minor));
}

async function history(call: Call, services: Services): Promise<void> {
  sendJson(call, 200, imageHistory(await findImage(param(call, "name"), services)));
}

async function tag(call: Call, services: Services): Promise<void> {
  await findImage(param(call, "name"), services);
  const repository = text(call, "repo");
  if (repository === undefined) throw badParameter("repo", "");
  const tagText = text(call, "tag");
  const reference = parseReference(tagText === undefined ? repository : `${repository}:${tagText}`);
  if (reference.digest !== undefined) throw badParameter("repo", repository);
  await services.images.tag(param(call, "name"), reference);
  sendEmpty(call, 201);
}

async function remove(call: Call, services: Services): Promise<void> {
  sendJson(call, 200, await removeImage(param(call, "name"), flag(call, "force"), services));
  await services.collectGarbage().catch((error: unknown) => services.log(`collecting garbage: ${String(error)}`));
}

/**
 * Docker's rules: taking one of several names away concerns no container. When the image itself would go, a running
 * container forbids it and a stopped one wants force; then only the names go, for the container must be able to start.
 * The blobs stay until garbage is collected.
 * @throws EngineError `image-not-found`, `conflict`
 */
export async function removeImage(name: string, force: boolean, services: Services) {
  const image = await findImage(name, services);
  const byName = image.names.includes(completeName(name) ?? "");
  const whole = image.names.length <= 1 || !byName;
  const users = whole ? services.containers.usersOf(image.id) : [];
  const running = users.filter((user) => user.status === "running");
  if (running.length > 0) throw imageInUse(name, running, "running");
  if (users.length > 0 && image.names.length === 0) throw imageInUse(name, users, "nameless");
  if (users.length > 0 && !force) throw imageInUse(name, users, "stopped");

  const removed = await services.images.remove(name, { force });
  if (users.length > 0) {
    await services.images.add(image.manifestDescriptor, []);
    return removed.filter((part) => part.untagged !== undefined).map(removedLine);
  }
  return removed.map(removedLine);
}

function removedLine(part: RemovedImage) {
  return part.untagged !== undefined ? { Untagged: familiar(part.untagged) } : { Deleted: part.deleted };
}

function completeName(text: string): string | undefined {
  const reference = tryParseReference(text);
  return reference && formatReference(reference);
}

function createdMs(image: ImageRecord): number {
  return Date.parse(image.config.created ?? "") || 0;
}
