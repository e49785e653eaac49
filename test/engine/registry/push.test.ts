import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Agent, type Dispatcher } from "undici";
import { type Digest, digestOf } from "../../../engine/base/digest.ts";
import { parseReference } from "../../../engine/oci/reference.ts";
import { type Manifest, mediaTypes } from "../../../engine/oci/types.ts";
import { createRegistry } from "../../../engine/registry/registry.ts";
import type { RegistryTiming } from "../../../engine/registry/transport.ts";
import type { PushOptions } from "../../../engine/registry/types.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openPackedLayers } from "../../../engine/store/packed-layers.ts";
import type { ContentStore } from "../../../engine/store/types.ts";
import { failure } from "../../support/engine-errors.ts";
import { type Exchange, type FakeRegistry, startFakeRegistry } from "../../support/faulty-registry.ts";
import { type ImageBlobs, imageBlobs, json, storeImage, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

const alice = { username: "alice", password: "s3cret-word" };

describe("push", () => {
  const scratch = scratchFolder();
  let fake: FakeRegistry;
  let content: ContentStore;
  /** Layers as builds make them (plain tars), of which the second is large. */
  let built: ImageBlobs;
  /** As registries have them. */
  let pulled: ImageBlobs;
  const largeBytes = 3 * 1024 * 1024;

  before(async () => {
    const layers = [await tarOf({ a: "a" }), await tarOf({ b: randomBytes(largeBytes) })];
    built = imageBlobs({ layers, gzip: false });
    pulled = imageBlobs({ layers });
  });
  beforeEach(async () => {
    fake = await startFakeRegistry();
    content = await openContentStore(path.join(scratch(), "home"));
    await storeImage(content, built);
    await storeImage(content, pulled);
  });
  afterEach(() => fake.stop());

  function client(timing: Partial<RegistryTiming> = {}, mirrors: readonly string[] = [], dispatcher?: Dispatcher) {
    return createRegistry({
      content,
      packed: openPackedLayers(path.join(scratch(), "home"), content),
      settings: async () => ({ registryMirrors: mirrors, insecureRegistries: [] }),
      dockerConfig: path.join(scratch(), "config.json"),
      timing: { backoffMs: [1, 1, 1], ...timing },
      ...(dispatcher ? { dispatcher } : {}),
    });
  }
  const push = (image: ImageBlobs, name = "team/app:1", options: PushOptions = {}, timing?: Partial<RegistryTiming>) =>
    client(timing).push(parseReference(`${fake.host}/${name}`), image.manifest, options);
  const sent = (pattern: RegExp) => fake.requests.filter((request) => pattern.test(request));
  const stored = (key: string) => fake.content.get(key)?.data;
  const isPatch = ({ request }: Exchange) => request.method === "PATCH";

  it("sends what was pulled as it is, under the same digest", async () => {
    const descriptor = await push(pulled);
    assert.deepEqual(descriptor, pulled.manifest);
    assert.equal(digestOf(stored("/v2/team/app/manifests/1") ?? ""), pulled.manifest.digest);
    for (const { digest } of pulled.layers)
      assert.equal(digestOf(stored(`/v2/team/app/blobs/${digest}`) ?? ""), digest);
    assert.ok(stored(`/v2/team/app/blobs/${pulled.id}`));
  });

  it("compresses the layers of builds, and what arrives can be pulled", async () => {
    const { digest } = await push(built);
    assert.notEqual(digest, built.manifest.digest);
    const manifest = JSON.parse(String(stored("/v2/team/app/manifests/1"))) as Manifest;
    assert.deepEqual(new Set(manifest.layers.map(({ mediaType }) => mediaType)), new Set([mediaTypes.layerGzip]));
    assert.equal(manifest.config.digest, built.id);
    const other = await openContentStore(path.join(scratch(), "other"));
    const registry = createRegistry({
      content: other,
      settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
    });
    const image = await registry.pull(parseReference(`${fake.host}/team/app:1`));
    assert.equal(image.manifest.digest, digest);
  });

  it("sends nothing the second time, also by another engine whose compressed layers were collected", async () => {
    const first = await push(built);
    const before = fake.requests.length;
    const made = JSON.parse(String(stored("/v2/team/app/manifests/1"))) as Manifest;
    for (const layer of made.layers) await content.remove(layer.digest);
    assert.deepEqual(await push(built), first);
    assert.deepEqual(
      fake.requests.slice(before).map((request) => request.split(" ")[0]),
      ["HEAD", "HEAD", "HEAD", "PUT"],
    );
    assert.equal(content.has(made.layers[0]?.digest as Digest), false, "nothing was compressed again");
  });

  it("compresses again for another registry, to the same digest", async () => {
    const first = await push(built);
    for (const layer of (JSON.parse(String(stored("/v2/team/app/manifests/1"))) as Manifest).layers) {
      await content.remove(layer.digest);
    }
    assert.deepEqual(await push(built, "other/app:1"), first);
    assert.equal(sent(/^POST/).length, 6);
  });

  it("replaces what it remembers when the compression has changed", async () => {
    const first = await push(built);
    const { layers } = JSON.parse(String(stored("/v2/team/app/manifests/1"))) as Manifest;
    const wrong = digestOf("another zlib's bytes");
    const record = path.join(scratch(), "home", "packed", `${built.layers[0]?.digest.slice(7)}.gzip.json`);
    writeFileSync(record, JSON.stringify({ digest: wrong, size: 77 }));
    await content.remove(layers[0]?.digest as Digest);
    assert.deepEqual(await push(built, "third/app:1"), first);
  });

  it("mounts what another repository of the registry has", async () => {
    await push(pulled, "team/base:1");
    const said: string[] = [];
    const before = fake.requests.length;
    await push(pulled, "team/app:1", {
      homesOf: () => ["team/gone", "team/base"],
      onProgress: ({ status, from }) => void said.push(`${status} ${from ?? ""}`),
    });
    assert.ok(stored(`/v2/team/app/blobs/${pulled.layers[1]?.digest}`));
    assert.equal(
      fake.requests.slice(before).filter((line) => /^(PATCH|PUT .*uploads)/.test(line)).length,
      4,
      "a try that fails opens an upload",
    );
    assert.deepEqual(
      said.filter((line) => line.startsWith("mounted")),
      [],
    );
    await push(pulled, "team/third:1", {
      homesOf: () => ["team/base"],
      onProgress: ({ status, from }) => void said.push(`${status} ${from ?? ""}`),
    });
    assert.equal(said.filter((line) => line === "mounted team/base").length, 2);
  });

  it("asks for the right to write at once, and for the right to read what it mounts", async () => {
    const scopes: string[][] = [];
    fake.fault = ({ request, response, path: target }) => {
      if (target.startsWith("/token")) {
        scopes.push(new URL(target, "http://x").searchParams.getAll("scope"));
        return Boolean(response.end(json({ token: "t" })));
      }
      if (request.headers.authorization === "Bearer t") return false;
      const challenge = `Bearer realm="http://${fake.host}/token",service="s",scope="repository:team/app:pull"`;
      return Boolean(response.writeHead(401, { "www-authenticate": challenge }).end());
    };
    await push(pulled, "team/app:1", { credentials: alice, homesOf: () => ["team/base"] });
    assert.deepEqual(scopes, [["repository:team/app:pull,push", "repository:team/base:pull"]]);
  });

  it("gets a new token when the old one expires in the middle of the work", async () => {
    let tokens = 0;
    fake.fault = ({ request, response, path: target }) => {
      if (target.startsWith("/token")) return Boolean(response.end(json({ token: `t${++tokens}` })));
      const fresh = request.headers.authorization === `Bearer t${tokens}`;
      // Every upload of the large layer ends with a token that has expired meanwhile.
      if (fresh && !(tokens === 1 && request.method === "PUT" && target.includes("uploads"))) return false;
      request.resume();
      const challenge = `Bearer realm="http://${fake.host}/token",service="s"`;
      return Boolean(response.writeHead(401, { "www-authenticate": challenge }).end());
    };
    await push(pulled, "team/app:1", { credentials: alice });
    assert.equal(tokens, 2);
    assert.ok(stored("/v2/team/app/manifests/1"));
  });

  it("goes on where a connection that was cut ended", async () => {
    let cut = 0;
    fake.fault = (exchange) => {
      if (!isPatch(exchange) || cut++ > 0) return false;
      let seen = 0;
      exchange.request.on("data", (chunk: Buffer) => {
        seen += chunk.byteLength;
        if (seen > 1024 * 1024) exchange.request.socket.destroy();
      });
      return false;
    };
    await push(pulled);
    const large = pulled.layers[1];
    assert.equal(digestOf(stored(`/v2/team/app/blobs/${large?.digest}`) ?? ""), large?.digest);
    const bytes = [...fake.received].find(([key]) => key.includes("uploads") && (fake.received.get(key) ?? 0) > 1e6);
    assert.equal(bytes?.[1], large?.size, "no byte was taken twice");
    assert.equal(sent(/^GET .*uploads/).length, 1);
    assert.equal(sent(/^PATCH/).length, 2);
  });

  it("goes on with its login where the registry was away for a moment", async () => {
    let cut = 0;
    const basic = `Basic ${Buffer.from(`${alice.username}:${alice.password}`).toString("base64")}`;
    fake.fault = (exchange) => {
      const { request, response } = exchange;
      if (request.headers.authorization !== basic) {
        return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end());
      }
      // First the upload breaks off, then the connection that asks how far it got.
      const isNext = cut === 0 ? isPatch(exchange) : cut === 1 && request.url?.includes("uploads") === true;
      if (!isNext) return false;
      cut += 1;
      request.socket.destroy();
      return true;
    };
    await push(pulled, "team/app:1", { credentials: alice });
    assert.equal(cut, 2);
    assert.ok(stored("/v2/team/app/manifests/1"));
  });

  it("gives a line up that takes nothing any more, and goes on", async () => {
    let stalled = 0;
    fake.fault = (exchange) => {
      if (!isPatch(exchange) || stalled++ > 0) return false;
      exchange.request.pause();
      return true;
    };
    await push(pulled, "team/app:1", {}, { stallMs: 300 });
    assert.ok(stored("/v2/team/app/manifests/1"));
  });

  it("sends anew what the registry has forgotten", async () => {
    let lost = 0;
    fake.fault = (exchange) => {
      if (!isPatch(exchange) || lost++ > 0) return false;
      exchange.request.resume();
      return Boolean(exchange.response.writeHead(404).end());
    };
    await push(pulled);
    assert.equal(sent(/^PATCH/).length, 2);
  });

  it("sends smaller pieces to who refuses the whole", async () => {
    fake.fault = (exchange) => {
      if (!isPatch(exchange) || Number(exchange.request.headers["content-length"]) <= 1024 * 1024) return false;
      exchange.request.resume();
      return Boolean(exchange.response.writeHead(413).end());
    };
    await push(pulled);
    const ranges = sent(/^PATCH/);
    assert.equal(ranges.length, 4 + 4, "64, 16 and 4 MiB are refused like the whole; then four of 1 MiB");
    assert.ok(stored(`/v2/team/app/blobs/${pulled.layers[1]?.digest}`));
  });

  it("says so when no piece is small enough", async () => {
    fake.fault = (exchange) => {
      if (!isPatch(exchange)) return false;
      exchange.request.resume();
      return Boolean(exchange.response.writeHead(413).end());
    };
    const error = await failure("registry-protocol", push(pulled));
    assert.match(error.message, /takes no pieces of this size/);
  });

  it("continues at the place that a 416 leads to", async () => {
    let times = 0;
    fake.fault = (exchange) => {
      const { request, response } = exchange;
      if (!isPatch(exchange) || times++ > 0) return false;
      request.resume();
      return Boolean(response.writeHead(416).end());
    };
    await push(pulled);
    assert.equal(sent(/^GET .*uploads/).length, 1);
  });

  it("waits for a registry that is out of order for a moment, and gives up some time", async () => {
    let failures = 0;
    fake.fault = ({ request, response }) => {
      if (request.method !== "POST" || failures++ >= 2) return false;
      return Boolean(response.writeHead(503).end());
    };
    await push(pulled);
    fake.fault = ({ request, response }) => request.method === "HEAD" && Boolean(response.writeHead(500).end());
    await failure("registry-unreachable", push(pulled, "team/other:1"));
  });

  it("explains a rate limit, and does not hammer", async () => {
    fake.fault = ({ request, response }) =>
      request.method === "POST" &&
      Boolean(response.writeHead(429, { "retry-after": "3600" }).end(json({ errors: [{ code: "TOOMANYREQUESTS" }] })));
    const error = await failure("registry-rate-limited", push(pulled));
    assert.match(String(error.details.hint?.template), /Log in/);
    assert.ok(sent(/^POST/).length <= 3, "each layer asks once at most");
  });

  it("waits as long as it is told to when that is short", async () => {
    let limited = 0;
    fake.fault = ({ request, response }) =>
      request.method === "PUT" &&
      request.url?.includes("manifests") === true &&
      limited++ === 0 &&
      Boolean(response.writeHead(429, { "retry-after": "0" }).end());
    await push(pulled);
    assert.ok(stored("/v2/team/app/manifests/1"));
  });

  it("repeats the registry's words when it refuses, but no secret", async () => {
    fake.fault = ({ request, response }) =>
      request.method === "POST" &&
      Boolean(response.writeHead(403).end(json({ errors: [{ code: "DENIED", message: "quota is used up" }] })));
    const error = await failure("registry-denied", push(pulled, "team/app:1", { credentials: alice }));
    assert.match(error.message, /does not let this account write .*team\/app \(DENIED: quota is used up\)/);
    fake.fault = ({ request, response }) => {
      if (!request.headers.authorization) {
        return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end());
      }
      const errors = [{ code: "DENIED", message: `no, ${alice.password}` }];
      return request.method === "POST" && Boolean(response.writeHead(403).end(json({ errors })));
    };
    const silent = await failure("registry-denied", push(pulled, "team/app:1", { credentials: alice }));
    assert.doesNotMatch(JSON.stringify(silent.toBody()), /s3cret/);
  });

  it("asks for a login when strangers may not write", async () => {
    fake.fault = ({ response }) => Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end());
    const error = await failure("registry-denied", push(pulled));
    assert.match(error.message, /wants a login/);
  });

  it("lets no login follow an upload to another host, and believes its answer", async () => {
    const storage = await startFakeRegistry();
    const seen: (string | undefined)[] = [];
    storage.fault = ({ request, response }) => {
      seen.push(request.headers.authorization);
      request.resume();
      request.on("end", () => response.writeHead(201).end());
      return true;
    };
    fake.fault = ({ request, response, path: target }) => {
      if (request.headers.authorization === undefined) {
        return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end());
      }
      if (request.method !== "POST") return false;
      return Boolean(
        response.writeHead(202, { location: `${storage.host.replace(/^/, "http://")}${target}?sig=1` }).end(),
      );
    };
    await push(pulled, "team/app:1", { credentials: alice });
    await storage.stop();
    assert.ok(seen.length >= 3);
    assert.deepEqual(new Set(seen), new Set([undefined]));
  });

  it("follows a redirected upload with its bytes, without the login", async () => {
    const storage = await startFakeRegistry();
    let bytes = 0;
    storage.fault = ({ request, response }) => {
      assert.equal(request.headers.authorization, undefined);
      request.on("data", (chunk: Buffer) => {
        bytes += chunk.byteLength;
      });
      request.on("end", () => response.writeHead(202).end());
      return true;
    };
    fake.fault = (exchange) => {
      const { request, response } = exchange;
      if (request.headers.authorization === undefined) {
        return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end());
      }
      if (isPatch(exchange)) {
        request.resume();
        return Boolean(response.writeHead(307, { location: `http://${storage.host}/put` }).end());
      }
      if (request.method === "PUT" && request.url?.includes("digest=")) {
        request.resume();
        return Boolean(response.writeHead(201).end());
      }
      return false;
    };
    await push(pulled, "team/app:1", { credentials: alice });
    await storage.stop();
    assert.equal(bytes, pulled.layers[1]?.size);
  });

  it("notices that something else arrived, and does not name it", async () => {
    fake.fault = ({ request, response }) =>
      request.method === "PUT" &&
      request.url?.includes("uploads") === true &&
      Boolean(request.resume() && response.writeHead(400).end(json({ errors: [{ code: "DIGEST_INVALID" }] })));
    const error = await failure("registry-protocol", push(pulled));
    assert.match(error.message, /received something else/);
    assert.equal(sent(/^PUT .*manifests/).length, 0);
  });

  it("notices a manifest that was stored under another digest", async () => {
    fake.fault = ({ request, response }) =>
      request.method === "PUT" &&
      request.url?.includes("manifests") === true &&
      Boolean(request.resume() && response.writeHead(201, { "docker-content-digest": digestOf("other") }).end());
    await failure("content-corrupt", push(pulled));
  });

  it("does not send a layer that is cut short here", async () => {
    const [layer] = pulled.layers;
    writeFileSync(content.pathOf(layer?.digest as Digest), "short");
    const error = await failure("content-corrupt", push(pulled));
    assert.match(error.message, /damaged here/);
    rmSync(content.pathOf(layer?.digest as Digest));
    await failure("content-corrupt", push(pulled));
  });

  it("writes Docker's media types when they are wanted", async () => {
    const { mediaType } = await push(built, "team/app:1", { form: { types: "docker" } });
    assert.equal(mediaType, mediaTypes.dockerManifest);
    const manifest = JSON.parse(String(stored("/v2/team/app/manifests/1"))) as Manifest;
    assert.deepEqual(
      [manifest.mediaType, manifest.config.mediaType, ...manifest.layers.map((layer) => layer.mediaType)],
      [mediaTypes.dockerManifest, mediaTypes.dockerConfig, mediaTypes.dockerLayerGzip, mediaTypes.dockerLayerGzip],
    );
  });

  it("sends an index with all its images", async () => {
    const arm = imageBlobs({ layers: [await tarOf({ c: "c" })], architecture: "arm64", gzip: false });
    await storeImage(content, arm);
    const entries = [
      { ...built.manifest, platform: { os: "linux", architecture: "amd64" } },
      { ...arm.manifest, platform: { os: "linux", architecture: "arm64" } },
    ];
    const index = json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: entries });
    await content.put(index);
    const root = { mediaType: mediaTypes.index, digest: digestOf(index), size: index.byteLength };
    const descriptor = await client().push(parseReference(`${fake.host}/team/app:1`), root);
    assert.equal(descriptor.mediaType, mediaTypes.index);
    const { manifests } = JSON.parse(String(stored("/v2/team/app/manifests/1")));
    assert.deepEqual(
      manifests.map(({ platform }: { platform: { architecture: string } }) => platform.architecture),
      ["amd64", "arm64"],
    );
    for (const { digest } of manifests) assert.ok(stored(`/v2/team/app/manifests/${digest}`));
    await content.remove(arm.manifest.digest);
    const error = await failure("content-corrupt", client().push(parseReference(`${fake.host}/team/app:2`), root));
    assert.match(error.message, /linux\/arm64 is not here/);
  });

  it("never writes to a mirror", async () => {
    const mirror = await startFakeRegistry();
    const asked: string[] = [];
    const nowhere = new Agent({
      connect: ({ hostname }, callback) => {
        asked.push(hostname);
        callback(Object.assign(new Error("no such host"), { code: "ENOTFOUND" }), null);
      },
    });
    const registry = client({ backoffMs: [] }, [`http://${mirror.host}`], nowhere);
    await failure("registry-unreachable", registry.push(parseReference("docker.io/team/app:1"), pulled.manifest));
    assert.deepEqual(new Set(asked), new Set(["registry-1.docker.io"]));
    assert.deepEqual(mirror.requests, []);
    await mirror.stop();
  });

  it("stops when it is cancelled", async () => {
    const stop = new AbortController();
    fake.fault = (exchange) => {
      if (!isPatch(exchange)) return false;
      stop.abort();
      return true;
    };
    await failure("cancelled", push(pulled, "team/app:1", { signal: stop.signal }));
    assert.equal(fake.content.has("/v2/team/app/manifests/1"), false);
  });
});
