import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Digest, digestOf } from "../../engine/base/digest.ts";
import type { ImageBlobs } from "./image-blobs.ts";

export interface TestRegistryOptions {
  readonly login?: { readonly username: string; readonly password: string };
  /** Pull through from this registry (a base URL), as a mirror of docker.io does. */
  readonly proxyOf?: string;
}

export interface TestRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Request lines of its access log up to now, as `GET /v2/…`. */
  requests(): Promise<readonly string[]>;
  /** Puts an image there as `library/app:1`, by HTTP alone. Returns the manifest's digest. */
  push(name: string, image: ImageBlobs): Promise<Digest>;
  stop(): Promise<void>;
}

/** Debian's docker-registry on a free loopback port, with its files in a folder of its own. */
export async function startRegistry({ login, proxyOf }: TestRegistryOptions = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-registry-"));
  const lines = [
    "version: 0.1",
    "log: { level: info, accesslog: { disabled: false } }",
    `storage: { filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }`,
    "http: { addr: 127.0.0.1:0 }",
  ];
  if (proxyOf) lines.push(`proxy: { remoteurl: ${proxyOf} }`);
  if (login) {
    const htpasswd = path.join(folder, "htpasswd");
    writeFileSync(htpasswd, execFileSync("htpasswd", ["-Bbni", login.username], { input: login.password }));
    lines.push(`auth: { htpasswd: { realm: test, path: ${htpasswd} } }`);
  }
  const configFile = path.join(folder, "config.yml");
  writeFileSync(configFile, `${lines.join("\n")}\n`);

  const child = spawn("docker-registry", ["serve", configFile], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const requests: string[] = [];
  let markSeen = (_: string): void => undefined;
  createInterface(child.stdout).on("line", (line) => {
    const request = /"([A-Z]+ \S+) HTTP/.exec(line)?.[1];
    if (request?.includes("?mark=")) markSeen(request);
    else if (request) requests.push(request);
  });
  let marks = 0;
  const host = await new Promise<string>((resolve, reject) => {
    const log: string[] = [];
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`docker-registry ended (${code}):\n${log.join("\n")}`)));
  });

  const url = `http://${host}`;
  const headers: Record<string, string> = login
    ? { authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}` }
    : {};
  return {
    host,
    url,
    async requests() {
      // The log comes by a pipe: all before a request of our own has arrived when that one has.
      const mark = `/v2/?mark=${++marks}`;
      const seen = new Promise<void>((resolve) => {
        markSeen = (request) => request.endsWith(mark) && resolve();
      });
      await fetch(url + mark, { headers });
      await seen;
      return [...requests];
    },
    push: (name, image) => pushImage(url, headers, name, image),
    async stop() {
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** OCI distribution 1.1, "Pushing a blob monolithically" (POST then PUT) and "Pushing Manifests". */
async function pushImage(
  url: string,
  headers: Readonly<Record<string, string>>,
  name: string,
  { manifest, blobs }: ImageBlobs,
): Promise<Digest> {
  const [repository, tag] = name.split(":");
  for (const [digest, data] of blobs) {
    if (digest === manifest.digest) continue;
    const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: "POST", headers });
    assert.equal(begun.status, 202, await begun.text());
    const place = new URL(begun.headers.get("location") ?? "", url);
    place.searchParams.set("digest", digest);
    const body = new Uint8Array(data);
    const type = { "content-type": "application/octet-stream" };
    const put = await fetch(place, { method: "PUT", headers: { ...headers, ...type }, body });
    assert.equal(put.status, 201, await put.text());
  }
  const data = new Uint8Array(blobs.get(manifest.digest) ?? []);
  const type = { "content-type": manifest.mediaType };
  const put = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { ...headers, ...type },
    body: data,
  });
  assert.equal(put.status, 201, await put.text());
  return digestOf(data);
}
