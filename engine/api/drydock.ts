import { parseReference } from "../oci/reference.ts";
import { TagCache } from "../registry/tag-cache.ts";
import type { RegistryClient } from "../registry/types.ts";
import { readBuildRequest } from "./build-request.ts";
import { type Call, readBody, sendEmpty, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { jsonLines } from "./json-lines.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

/** What Docker's API lacks. Never under a version prefix's rules: clients of ours are as new as the engine. */
export const drydockRoutes: readonly Route[] = [
  route("GET", "/drydock/status", (call, { status }) => sendJson(call, 200, status())),
  route("GET", "/drydock/settings", async (call, { settings }) => sendJson(call, 200, await settings.read())),
  route("PUT", "/drydock/settings", async (call, { settings }) =>
    sendJson(call, 200, await settings.write(await readBody(call))),
  ),
  route("GET", "/drydock/tags", tags),
  route("POST", "/drydock/build", build),
  route("POST", "/drydock/shutdown", (call, { shutdown }) => {
    call.res.once("close", shutdown);
    call.res.shouldKeepAlive = false;
    sendEmpty(call, 204);
  }),
];

/** A build of a folder of this machine: one BuildEvent a line. The client's leaving cancels it. */
async function build(call: Call, { builder, busy }: Services): Promise<void> {
  const request = readBuildRequest(await readBody(call));
  const lines = jsonLines(call, "application/x-ndjson", "\n");
  lines.start();
  const done = busy();
  try {
    await builder.build(request, { emit: (event) => lines.send(event), signal: call.signal });
  } finally {
    done();
  }
  await lines.end();
}

const tagCaches = new WeakMap<RegistryClient, TagCache>();

/** `?repository=ghcr.io/owner/app`: what its registry has, with the logins of this machine. Kept for some minutes. */
async function tags(call: Call, { registry }: Services): Promise<void> {
  const repository = text(call, "repository");
  if (repository === undefined) throw badParameter("repository", "");
  const cache = tagCaches.get(registry) ?? new TagCache(registry);
  tagCaches.set(registry, cache);
  sendJson(call, 200, { tags: await cache.tags(parseReference(repository), call.signal) });
}
