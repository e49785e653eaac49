import { EngineError } from "../base/errors.ts";
import { formatMessage } from "../base/message.ts";
import { notRunning } from "../containers/errors.ts";
import { formatPlatform, hostPlatform, selectPlatform } from "../oci/platform.ts";
import type { ImageRecord } from "../store/types.ts";
import { type Call, flag, integer, param, readBody, sendEmpty, sendJson, text } from "./call.ts";
import { listContainers } from "./container-list.ts";
import { containerDetails, isUp } from "./container-view.ts";
import { parseCreate } from "./create-options.ts";
import { parseResources, parseRestartPolicy } from "./create-resources.ts";
import { badParameter, cannotKill, otherPlatform, sameName, unaskedPlatform } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { findImage } from "./images.ts";
import { processTable } from "./process-table.ts";
import { readPlatform } from "./pull.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { containerSizes, viewContext } from "./view-context.ts";

export const containerRoutes: readonly Route[] = [
  route("GET", "/containers/json", listContainers),
  route("POST", "/containers/create", create),
  route("GET", "/containers/:id/json", inspect),
  route("GET", "/containers/:id/top", top),
  route("POST", "/containers/:id/start", start),
  route("POST", "/containers/:id/stop", stop),
  route("POST", "/containers/:id/restart", restart),
  route("POST", "/containers/:id/kill", kill),
  route("POST", "/containers/:id/pause", pause),
  route("POST", "/containers/:id/unpause", unpause),
  route("POST", "/containers/:id/update", update),
  route("POST", "/containers/:id/rename", rename),
  route("POST", "/containers/:id/wait", wait),
  route("DELETE", "/containers/:id", remove),
];

async function create(call: Call, services: Services): Promise<void> {
  const { options, warnings } = parseCreate(await readBody(call), text(call, "name"));
  const mismatch = checkPlatform(options.image, await findImage(options.image, services), text(call, "platform"));
  const container = await services.containers.create(options).catch((error: unknown) => {
    throw error instanceof EngineError && error.code === "not-found" ? notOfImage(error) : error;
  });
  const limits = services.containers.warningsFor(options).map((warning) => formatMessage(warning));
  sendJson(call, 201, { Id: container.id, Warnings: [...mismatch, ...warnings, ...limits] });
}

/**
 * An image of another platform than the wanted one counts as missing: Docker's client pulls it then. One that nobody asked
 * for may run by emulation; what is returned says so.
 */
function checkPlatform(name: string, { config }: ImageRecord, asked: string | undefined): readonly string[] {
  const [wanted, host] = [readPlatform(asked), hostPlatform(process.arch)];
  const { os, architecture, variant } = config;
  const actual = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  if (selectPlatform([{ platform: actual }], wanted ?? host)) return [];
  if (wanted) throw otherPlatform(name, formatPlatform(wanted), formatPlatform(actual));
  return [formatMessage(unaskedPlatform(formatPlatform(actual), formatPlatform(host)))];
}

/** Docker's client takes 404 for a missing image, which it then pulls. */
function notOfImage({ details }: EngineError): EngineError {
  return new EngineError({ ...details, code: "invalid-argument" });
}

async function inspect(call: Call, services: Services): Promise<void> {
  const container = services.containers.get(param(call, "id"));
  const details = containerDetails(container, await viewContext(container, services));
  if (!flag(call, "size")) return sendJson(call, 200, details);
  const image = await services.images.find(container.imageId);
  const images = new Map(image ? [[image.id, image] as const] : []);
  const sizes = await containerSizes([container], images, services, call.signal);
  sendJson(call, 200, { ...details, ...sizes.get(container.id) });
}

async function top(call: Call, { containers }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  if (!isUp(container) || container.pid === undefined) throw notRunning(container.id);
  sendJson(call, 200, await processTable(container.pid, text(call, "ps_args")));
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
  const name = param(call, "id");
  await containers.kill(name, text(call, "signal")).catch((error: unknown) => {
    throw error instanceof EngineError && error.code === "conflict" ? cannotKill(name, error) : error;
  });
  sendEmpty(call, 204);
}

async function pause(call: Call, services: Services): Promise<void> {
  await services.containers.pause(param(call, "id"));
  sendEmpty(call, 204);
}

async function unpause(call: Call, services: Services): Promise<void> {
  await services.containers.unpause(param(call, "id"));
  sendEmpty(call, 204);
}

/** What is 0 or not there stays as it is. */
async function update(call: Call, services: Services): Promise<void> {
  const body = fieldsOf(await readBody(call));
  const [resources, restartPolicy] = [parseResources(body), parseRestartPolicy(body.object("RestartPolicy"))];
  const warnings = await services.containers.update(param(call, "id"), {
    ...(resources ? { resources } : {}),
    // The client sends an empty policy when none is asked for.
    ...(restartPolicy && body.object("RestartPolicy").text("Name") ? { restartPolicy } : {}),
  });
  sendJson(call, 200, { Warnings: warnings.length > 0 ? warnings.map((warning) => formatMessage(warning)) : null });
}

async function rename(call: Call, { containers }: Services): Promise<void> {
  const name = text(call, "name")?.replace(/^\//, "");
  if (!name) throw badParameter("name", "");
  if (containers.get(param(call, "id")).name === name) throw sameName();
  await containers.rename(param(call, "id"), name);
  sendEmpty(call, 204);
}

async function remove(call: Call, { containers }: Services): Promise<void> {
  await containers.remove(param(call, "id"), { force: flag(call, "force"), volumes: flag(call, "v") });
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
