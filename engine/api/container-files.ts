import type { PathStat } from "../containers/files/path-stat.ts";
import { bodyOf } from "./body.ts";
import { type Call, flag, param, sendEmpty, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { writeTo } from "./hijack.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const containerFileRoutes: readonly Route[] = [
  route("HEAD", "/containers/:id/archive", stat),
  route("GET", "/containers/:id/archive", read),
  route("PUT", "/containers/:id/archive", write),
  route("GET", "/containers/:id/export", exportAll),
  route("GET", "/containers/:id/changes", changes),
];

const tarType = "application/x-tar";

async function stat(call: Call, { files }: Services): Promise<void> {
  const found = await files.stat(param(call, "id"), wantedPath(call));
  call.res.setHeader("X-Docker-Container-Path-Stat", encoded(found));
  sendEmpty(call, 200);
}

async function read(call: Call, services: Services): Promise<void> {
  const { files, busy } = services;
  const path = wantedPath(call);
  const done = busy();
  try {
    await files.archive(param(call, "id"), path, call.signal, async (found, content) => {
      call.res.writeHead(200, { "content-type": tarType, "X-Docker-Container-Path-Stat": encoded(found) });
      await send(call, content);
    });
    tell(call, services, "archive-path");
  } finally {
    done();
  }
}

async function write(call: Call, services: Services): Promise<void> {
  const { files, busy } = services;
  const done = busy();
  try {
    await files.extract(param(call, "id"), wantedPath(call), bodyOf(call.req), {
      keepKinds: flag(call, "noOverwriteDirNonDir"),
      toUser: flag(call, "copyUIDGID"),
      signal: call.signal,
    });
    // What stands behind the end of the archive is of no interest.
    call.req.resume();
    tell(call, services, "extract-to-dir");
    sendEmpty(call, 200);
  } finally {
    done();
  }
}

async function exportAll(call: Call, services: Services): Promise<void> {
  const { files, busy } = services;
  const done = busy();
  try {
    await files.export(param(call, "id"), call.signal, async (_, content) => {
      call.res.writeHead(200, { "content-type": "application/octet-stream" });
      await send(call, content);
    });
    tell(call, services, "export");
  } finally {
    done();
  }
}

async function changes(call: Call, { files }: Services): Promise<void> {
  const found = await files.changes(param(call, "id"));
  sendJson(call, 200, found.length === 0 ? null : found.map(({ path, kind }) => ({ Path: path, Kind: kind })));
}

async function send(call: Call, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) await writeTo(call.res, chunk);
  call.res.end();
}

function wantedPath(call: Call): string {
  const path = text(call, "path");
  if (path === undefined) throw badParameter("path", "");
  return path.startsWith("/") ? path : `/${path}`;
}

function encoded(found: PathStat): string {
  return Buffer.from(JSON.stringify(found)).toString("base64");
}

function tell(call: Call, { containers, events }: Services, action: string): void {
  const { id, name, labels, options } = containers.get(param(call, "id"));
  events.emit({
    type: "container",
    action,
    id,
    attributes: { ...labels, image: options.image, name },
    timeNs: nowNs(),
  });
}
