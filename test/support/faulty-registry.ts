import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { digestOf } from "../../engine/base/digest.ts";
import { type Descriptor, mediaTypes } from "../../engine/oci/types.ts";
import { type ImageBlobs, json } from "./image-blobs.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** How often this path was asked for before. */
  readonly earlier: number;
}

export interface FakeRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** `GET /v2/… [range]`, in order of arrival. */
  readonly requests: readonly string[];
  /** Authorization headers as they came, undefined for none. */
  readonly authorizations: readonly (string | undefined)[];
  /** May answer in the registry's stead: then it returns true. */
  fault: (exchange: Exchange) => boolean;
  /** Makes `name` (`library/app:1`) known. Returns the manifest's or index's descriptor. */
  serve(name: string, ...images: readonly ImageBlobs[]): Descriptor;
  /** Replaces the bytes sent for a digest or adds any path. */
  readonly content: Map<string, { readonly type: string; readonly data: Buffer }>;
  /** Bytes of request bodies, by path; also of those that were cut off. */
  readonly received: Map<string, number>;
  stop(): Promise<void>;
}

/** A registry in this process that answers rightly, with Range, until `fault` has another idea. */
export async function startFakeRegistry(tls?: { readonly key: Buffer; readonly cert: Buffer }): Promise<FakeRegistry> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const content: FakeRegistry["content"] = new Map();
  const counts = new Map<string, number>();
  const received = new Map<string, number>();
  const uploads = createUploads(content, received);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "/";
    const { range, authorization } = request.headers;
    requests.push(`${request.method} ${path}${range ? ` ${range}` : ""}`);
    authorizations.push(authorization);
    const earlier = counts.get(path) ?? 0;
    counts.set(path, earlier + 1);
    if (registry.fault({ request, response, path, earlier })) return;
    if (uploads(request, response, path)) return;
    const found = content.get(path);
    if (!found) return void response.writeHead(404).end(json({ errors: [{ code: "MANIFEST_UNKNOWN" }] }));
    sendRange(request, response, found.type, found.data);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const registry: FakeRegistry = {
    host: `127.0.0.1:${port}`,
    requests,
    authorizations,
    content,
    received,
    fault: () => false,
    serve(name, ...images) {
      const [repository, tag] = name.split(":");
      const manifestPath = (reference: string | undefined) => `/v2/${repository}/manifests/${reference}`;
      for (const { blobs, manifest } of images) {
        for (const [digest, data] of blobs) {
          content.set(`/v2/${repository}/blobs/${digest}`, { type: "application/octet-stream", data });
        }
        content.set(manifestPath(manifest.digest), {
          type: manifest.mediaType,
          data: blobs.get(manifest.digest) ?? json({}),
        });
      }
      const [only, ...others] = images;
      if (only && others.length === 0) {
        content.set(manifestPath(tag), {
          type: only.manifest.mediaType,
          data: only.blobs.get(only.manifest.digest) ?? json({}),
        });
        return only.manifest;
      }
      const data = indexOf(images);
      const type = mediaTypes.index;
      content.set(manifestPath(tag), { type, data });
      content.set(manifestPath(digestOf(data)), { type, data });
      return { mediaType: type, digest: digestOf(data), size: data.byteLength };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}

export function sendRange(request: IncomingMessage, response: ServerResponse, type: string, data: Buffer): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? Number.NaN);
  const part = Number.isNaN(from) ? data : data.subarray(from);
  response.writeHead(part === data ? 200 : 206, {
    "content-type": type,
    "content-length": part.byteLength,
    ...(part === data ? {} : { "content-range": `bytes ${from}-${data.byteLength - 1}/${data.byteLength}` }),
  });
  response.end(request.method === "HEAD" ? undefined : part);
}

/** OCI distribution 1.1, "Push": uploads whose bytes count as they arrive, also when the connection breaks. */
function createUploads(content: FakeRegistry["content"], received: Map<string, number>) {
  const open = new Map<string, Buffer>();
  let next = 0;
  return (request: IncomingMessage, response: ServerResponse, target: string): boolean => {
    const { pathname, searchParams } = new URL(target, "http://registry");
    const [, repository = "", rest = ""] = /^\/v2\/(.+)\/(?:blobs|manifests)\/(.+)$/.exec(pathname) ?? [];
    const { method } = request;
    if (method === "GET" && !rest.startsWith("uploads/")) return false;
    if (!["GET", "POST", "PATCH", "PUT"].includes(method ?? "")) return false;

    const place = `/v2/${repository}/blobs/uploads/`;
    const at = (id: string) => ({ location: `${place}${id}?state=${next}`, range: rangeOf(open.get(id)) });
    if (method === "POST" && pathname === place) {
      const [mount, from] = [searchParams.get("mount"), searchParams.get("from")];
      const found = mount && content.get(`/v2/${from}/blobs/${mount}`);
      if (found) {
        content.set(`/v2/${repository}/blobs/${mount}`, found);
        response.writeHead(201, { location: `/v2/${repository}/blobs/${mount}` }).end();
        return true;
      }
      const id = `u${++next}`;
      open.set(id, Buffer.alloc(0));
      response.writeHead(202, at(id)).end();
      return true;
    }
    const id = rest.replace(/^uploads\//, "");
    const isUpload = rest.startsWith("uploads/");
    if (isUpload && !open.has(id)) return Boolean(response.writeHead(404).end());
    if (method === "GET") return Boolean(response.writeHead(204, at(id)).end());

    const start = /^(\d+)-/.exec(String(request.headers["content-range"] ?? ""))?.[1];
    if (start !== undefined && Number(start) !== open.get(id)?.byteLength) {
      return Boolean(response.writeHead(416, at(id)).end());
    }
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => {
      received.set(pathname, (received.get(pathname) ?? 0) + chunk.byteLength);
      if (isUpload) open.set(id, Buffer.concat([open.get(id) ?? Buffer.alloc(0), chunk]));
      else chunks.push(chunk);
    });
    request.on("end", () => {
      if (!isUpload) {
        const data = Buffer.concat(chunks);
        const stored = { type: String(request.headers["content-type"]), data };
        for (const reference of [rest, digestOf(data)]) content.set(`/v2/${repository}/manifests/${reference}`, stored);
        response.writeHead(201, { "docker-content-digest": digestOf(data) }).end();
      } else if (method === "PATCH") {
        next += 1;
        response.writeHead(202, at(id)).end();
      } else {
        const data = open.get(id) ?? Buffer.alloc(0);
        if (digestOf(data) !== searchParams.get("digest")) {
          response.writeHead(400).end(json({ errors: [{ code: "DIGEST_INVALID", message: "not what you said" }] }));
          return;
        }
        open.delete(id);
        content.set(`/v2/${repository}/blobs/${digestOf(data)}`, { type: "application/octet-stream", data });
        response.writeHead(201, { location: `/v2/${repository}/blobs/${digestOf(data)}` }).end();
      }
    });
    return true;
  };
}

function rangeOf(data: Buffer | undefined): string {
  return `0-${Math.max(0, (data?.byteLength ?? 0) - 1)}`;
}

function indexOf(images: readonly ImageBlobs[]): Buffer {
  const manifests = images.map(({ manifest, id, blobs }) => {
    const { os, architecture, variant } = JSON.parse(String(blobs.get(id)));
    return { ...manifest, platform: { os, architecture, ...(variant ? { variant } : {}) } };
  });
  return json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}
