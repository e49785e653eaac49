import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { Agent } from "undici";
import { parseReference } from "../../../engine/oci/reference.ts";
import type { Manifest } from "../../../engine/oci/types.ts";
import { createRegistry, type RegistryOptions } from "../../../engine/registry/registry.ts";
import type { RegistryTiming } from "../../../engine/registry/transport.ts";
import type { PullOptions } from "../../../engine/registry/types.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import type { ContentStore } from "../../../engine/store/types.ts";
import { failure } from "../../support/engine-errors.ts";
import { type Exchange, type FakeRegistry, sendRange, startFakeRegistry } from "../../support/faulty-registry.ts";
import { type ImageBlobs, imageBlobs, json, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("pull", () => {
  const scratch = scratchFolder();
  let fake: FakeRegistry;
  let content: ContentStore;
  let image: ImageBlobs;
  /** Path of the image's first layer. */
  let layerPath: string;
  let layer: Buffer;

  before(async () => {
    image = imageBlobs({ layers: [await tarOf({ "big.bin": Buffer.alloc(400_000, "drydock ") })], gzip: false });
    layer = image.blobs.get(image.layers[0]?.digest ?? image.id) ?? Buffer.alloc(0);
    layerPath = `/v2/app/blobs/${image.layers[0]?.digest}`;
  });
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.serve("app:1", image);
    content = await openContentStore(path.join(scratch(), "home"));
  });
  afterEach(() => fake.stop());

  function client(options: Partial<RegistryOptions> & { readonly mirrors?: readonly string[] } = {}) {
    const { mirrors = [], ...rest } = options;
    return createRegistry({
      content,
      settings: async () => ({ registryMirrors: mirrors, insecureRegistries: [] }),
      dockerConfig: path.join(scratch(), "config.json"),
      ...rest,
      // A pause of this process is no stalled connection: the tests that want one say so.
      timing: { backoffMs: [1, 1], ...rest.timing },
    });
  }
  const pull = (options?: PullOptions, timing: Partial<RegistryTiming> = {}) =>
    client({ timing }).pull(parseReference(`${fake.host}/app:1`), options);
  const layerRequests = () => fake.requests.filter((request) => request.includes(layerPath));
  const leftovers = () => readdirSync(path.join(scratch(), "home", "ingest"));
  const onLayer = (answer: (exchange: Exchange) => boolean) => {
    fake.fault = (exchange) => exchange.path === layerPath && answer(exchange);
  };
  /** Sends the beginning of the layer and leaves the connection open. */
  const begin = ({ response }: Exchange, bytes: number, after: () => void) => {
    response.writeHead(200, { "content-length": layer.byteLength });
    response.write(layer.subarray(0, bytes), after);
  };

  describe("over a bad line", () => {
    it("goes on where a dropped connection ended", async () => {
      onLayer((exchange) => {
        if (exchange.earlier > 0) return false;
        begin(exchange, 100_000, () => setImmediate(() => exchange.response.destroy()));
        return true;
      });
      await pull();
      const [first, second, ...others] = layerRequests();
      assert.equal(first, `GET ${layerPath}`);
      assert.match(second ?? "", /bytes=[1-9]\d*-$/);
      assert.deepEqual(others, []);
      assert.equal(content.sizeOf(image.layers[0]?.digest ?? image.id), layer.byteLength);
    });

    it("passes over what it has when the registry does not know Range", async () => {
      onLayer((exchange) => {
        if (exchange.earlier === 0) begin(exchange, 100_000, () => setImmediate(() => exchange.response.destroy()));
        else exchange.response.end(layer);
        return true;
      });
      await pull();
      assert.equal(layerRequests().length, 2);
    });

    it("gives a stalled connection up and goes on", async () => {
      onLayer((exchange) => {
        if (exchange.request.headers.range) return false;
        begin(exchange, 5_000, () => undefined);
        return true;
      });
      await pull({}, { stallMs: 500 });
      assert.equal(layerRequests().at(-1), `GET ${layerPath} bytes=5000-`);
    });

    it("says so when the registry stays silent", async () => {
      fake.fault = () => true;
      const error = await failure("registry-unreachable", pull({}, { stallMs: 500 }));
      assert.match(error.message, /sent nothing for 1 s/);
      assert.equal(error.details.retryable, true);
      assert.equal(fake.requests.length, 3, "one try and two more");
    });

    it("is cancelled while the registry is silent", async () => {
      const abort = new AbortController();
      onLayer((exchange) => {
        begin(exchange, 5_000, () => abort.abort());
        return true;
      });
      await failure("cancelled", pull({ signal: abort.signal }));
      assert.deepEqual(leftovers(), []);
    });

    it("tries again when the registry is out of order for a moment, but not for ever", async () => {
      fake.fault = ({ response, earlier }) => earlier === 0 && Boolean(response.writeHead(503).end());
      await pull();
      fake.fault = ({ response }) => Boolean(response.writeHead(503).end());
      const error = await failure("registry-unreachable", pull());
      assert.match(error.message, /out of order \(HTTP status 503\)/);
    });

    it("gives up when every answer is cut short", async () => {
      onLayer(({ response }) => Boolean(response.end()));
      const error = await failure("registry-unreachable", pull());
      assert.match(error.message, new RegExp(`ended the transfer after 0 of ${layer.byteLength} bytes`));
      assert.deepEqual(leftovers(), []);
    });

    it("says what to check when nothing listens there", async () => {
      await fake.stop();
      const error = await failure("registry-unreachable", pull());
      assert.match(error.message, new RegExp(`${fake.host} cannot be reached: nothing listens there`));
    });
  });

  describe("from a registry that lies", () => {
    it("refuses a layer that is another", async () => {
      fake.content.set(layerPath, { type: "application/octet-stream", data: Buffer.alloc(layer.byteLength) });
      await failure("content-corrupt", pull());
      assert.deepEqual(leftovers(), []);
      assert.equal(content.has(image.manifest.digest), false);
    });

    it("refuses a layer that is longer than announced", async () => {
      fake.content.set(layerPath, { type: "application/octet-stream", data: Buffer.concat([layer, layer]) });
      await failure("content-corrupt", pull());
      assert.equal(layerRequests().length, 1);
    });

    it("refuses another part than the one asked for", async () => {
      onLayer((exchange) => {
        if (exchange.earlier === 0) begin(exchange, 100_000, () => setImmediate(() => exchange.response.destroy()));
        else exchange.response.writeHead(206, { "content-range": `bytes 0-9/${layer.byteLength}` }).end(layer);
        return true;
      });
      assert.match((await failure("registry-protocol", pull())).message, /another part/);
    });

    it("refuses a configuration that is another", async () => {
      const data = image.blobs.get(image.id) ?? Buffer.alloc(0);
      fake.content.set(`/v2/app/blobs/${image.id}`, { type: "", data: Buffer.alloc(data.byteLength, " ") });
      await failure("content-corrupt", pull());
    });

    it("refuses a manifest that is not what was asked for by digest, or what the header promises", async () => {
      const type = image.manifest.mediaType;
      const path = `/v2/app/manifests/${image.manifest.digest}`;
      fake.content.set(path, { type, data: json({ schemaVersion: 2 }) });
      await failure("content-corrupt", client().pull(parseReference(`${fake.host}/app@${image.manifest.digest}`)));
      fake.fault = ({ response }) => {
        response.setHeader("docker-content-digest", image.id);
        return false;
      };
      await failure("content-corrupt", pull());
    });

    const hostile: [string, Buffer, "registry-protocol" | "unsupported" | "image-not-found", RegExp][] = [
      ["a web page", Buffer.from("<html>Log in to the hotel's network"), "registry-protocol", /not a JSON object/],
      ["a list", json([]), "registry-protocol", /not a JSON object/],
      ["a manifest larger than 4 MiB", Buffer.alloc(4 * 1024 * 1024 + 1, " "), "registry-protocol", /larger than/],
      ["schema 1", json({ schemaVersion: 1, name: "app", fsLayers: [] }), "unsupported", /schema 1/],
      [
        "a digest that is a path",
        json({ schemaVersion: 2, config: { mediaType: "x", digest: "sha256:../../x", size: 1 }, layers: [] }),
        "registry-protocol",
        /form it must have/,
      ],
      ["an index of nothing", json({ schemaVersion: 2, manifests: [] }), "image-not-found", /only for -/],
      [
        "both an index and a manifest",
        json({ schemaVersion: 2, manifests: [], layers: [] }),
        "registry-protocol",
        /form it must have/,
      ],
    ];
    for (const [what, data, code, message] of hostile) {
      it(`refuses ${what}`, async () => {
        fake.content.set("/v2/app/manifests/1", { type: "application/json", data });
        assert.match((await failure(code, pull())).message, message);
        assert.deepEqual(await content.list(), []);
      });
    }

    const changed: [string, (manifest: Manifest) => unknown, "unsupported" | "registry-protocol", RegExp][] = [
      [
        "layers that may not be distributed",
        ({ layers, ...rest }) => ({
          ...rest,
          layers: layers.map((one) => ({
            ...one,
            mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            urls: ["http://example.invalid/"],
          })),
        }),
        "unsupported",
        /kind that cannot be used: .*foreign/,
      ],
      [
        "a chart",
        ({ config, ...rest }) => ({
          ...rest,
          config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" },
        }),
        "unsupported",
        /not a container image but application\/vnd\.cncf\.helm/,
      ],
      [
        "more layers than the configuration knows",
        ({ layers, ...rest }) => ({ ...rest, layers: [...layers, ...layers] }),
        "registry-protocol",
        /disagree about its layers/,
      ],
    ];
    for (const [what, change, code, message] of changed) {
      it(`refuses ${what}`, async () => {
        const manifest = JSON.parse(String(image.blobs.get(image.manifest.digest)));
        fake.content.set("/v2/app/manifests/1", { type: image.manifest.mediaType, data: json(change(manifest)) });
        assert.match((await failure(code, pull())).message, message);
      });
    }

    it("is not sent in circles", async () => {
      fake.fault = ({ response, path }) => Boolean(response.writeHead(307, { location: path }).end());
      assert.match((await failure("registry-protocol", pull())).message, /without end/);
      assert.equal(fake.requests.length, 6);
      fake.fault = ({ response }) => Boolean(response.writeHead(302, { location: "file:///etc/passwd" }).end());
      await failure("registry-protocol", pull());
    });
  });

  describe("with limits", () => {
    it("says that a login helps when there were too many requests", async () => {
      fake.fault = ({ response }) => Boolean(response.writeHead(429).end());
      const error = await failure("registry-rate-limited", pull());
      assert.match(error.details.hint?.template ?? "", /Log in/);
      assert.equal(fake.requests.length, 1, "the limit is not made worse");
    });

    it("waits as long as it is told, when that is short", async () => {
      fake.fault = ({ response, earlier }) =>
        earlier === 0 && Boolean(response.writeHead(429, { "retry-after": "0" }).end());
      await pull();
      fake.fault = ({ response }) => Boolean(response.writeHead(429, { "retry-after": "3600" }).end());
      const before = fake.requests.length;
      await failure("registry-rate-limited", pull());
      assert.equal(fake.requests.length, before + 1);
    });

    it("fetches at most three layers at once, and each only once", async () => {
      const tars = await Promise.all(["a", "b", "c", "d", "e", "a"].map((name) => tarOf({ name })));
      const wide = imageBlobs({ layers: tars });
      fake.serve("app:1", wide);
      const waiting: (() => void)[] = [];
      let most = 0;
      fake.fault = ({ request, response, path }) => {
        if (!wide.layers.some(({ digest }) => path.endsWith(digest))) return false;
        const found = fake.content.get(path);
        waiting.push(() => found && sendRange(request, response, found.type, found.data));
        most = Math.max(most, waiting.length);
        // Answers only when three wait or no more can come.
        const left = 5 - fake.requests.filter((line) => wide.layers.some(({ digest }) => line.endsWith(digest))).length;
        if (waiting.length === 3 || left === 0) for (const answer of waiting.splice(0)) answer();
        return true;
      };
      await pull();
      assert.equal(most, 3);
      assert.equal(new Set(fake.requests).size, fake.requests.length);
    });
  });

  describe("for a platform", () => {
    const platformOf = async (platform?: PullOptions["platform"]) => {
      const { manifest } = await pull(platform ? { platform } : {});
      return manifest.digest;
    };

    it("takes the right image of an index", async () => {
      const layers = [await tarOf({ a: "a" })];
      const amd = imageBlobs({ layers, architecture: "amd64" });
      const arm = imageBlobs({ layers, architecture: "arm64", variant: "v8" });
      const old = imageBlobs({ layers, architecture: "arm", variant: "v6" });
      const index = fake.serve("app:1", amd, arm, old);
      assert.equal(await platformOf({ os: "linux", architecture: "amd64" }), amd.manifest.digest);
      assert.equal(await platformOf({ os: "linux", architecture: "arm64" }), arm.manifest.digest);
      assert.equal(await platformOf({ os: "linux", architecture: "arm", variant: "v7" }), old.manifest.digest);
      const host = await pull();
      assert.equal(host.rootDigest, index.digest);
      const error = await failure("image-not-found", platformOf({ os: "linux", architecture: "s390x" }));
      assert.match(error.message, /linux\/s390x, only for linux\/amd64, linux\/arm64\/v8, linux\/arm\/v6/);
    });

    it("refuses an image without an index that is for another", async () => {
      await failure("image-not-found", platformOf({ os: "linux", architecture: "s390x" }));
      await platformOf({ os: "linux", architecture: "amd64" });
    });
  });

  describe("with mirrors", () => {
    /** docker.io is this server, or nowhere; nothing of the test leaves the machine. */
    const dockerHub = (target: FakeRegistry | undefined) =>
      new Agent({
        connect(options, callback) {
          const isHub = options.hostname === "registry-1.docker.io";
          const port = isHub ? target?.host.split(":")[1] : options.port;
          if (!port) return callback(Object.assign(new Error("no such host"), { code: "ENOTFOUND" }), null);
          const socket = connect(Number(port), "127.0.0.1", () => callback(null, socket));
          socket.on("error", () => undefined);
        },
      });
    let mirror: FakeRegistry;
    beforeEach(async () => {
      mirror = await startFakeRegistry();
      fake.serve("library/app:1", image);
    });
    afterEach(() => mirror.stop());

    it("asks each in order, then docker.io itself", async () => {
      const registry = client({ mirrors: [`http://${mirror.host}/`], dispatcher: dockerHub(fake) });
      await registry.pull(parseReference("app:1"));
      assert.deepEqual(mirror.requests, ["GET /v2/library/app/manifests/1"]);
      assert.equal(fake.requests[0], "GET /v2/library/app/manifests/1");
    });

    it("does not ask mirrors for images of other registries", async () => {
      await client({ mirrors: [`http://${mirror.host}`] }).pull(parseReference(`${fake.host}/app:1`));
      assert.deepEqual(mirror.requests, []);
    });

    it("goes on to docker.io when a mirror lies, and uses what was right", async () => {
      mirror.serve("library/app:1", image);
      const path = `/v2/library/app/blobs/${image.layers[0]?.digest}`;
      mirror.content.set(path, { type: "", data: Buffer.alloc(layer.byteLength) });
      await client({ mirrors: [mirror.host, `http://${mirror.host}`], dispatcher: dockerHub(fake) }).pull(
        parseReference("app:1"),
      );
      assert.equal(content.sizeOf(image.layers[0]?.digest ?? image.id), layer.byteLength);
    });

    it("names everybody it asked and why it failed", async () => {
      const registry = client({ mirrors: [`http://${mirror.host}`], dispatcher: dockerHub(undefined) });
      const error = await failure("registry-unreachable", registry.pull(parseReference("nodee")));
      assert.equal(
        error.message,
        `cannot get nodee: [${mirror.host}] no such image: nodee: ${mirror.host} does not know ` +
          "docker.io/library/nodee:latest; [docker.io] the registry registry-1.docker.io cannot be found: there is no such host name",
      );
    });

    it("passes over a mirror whose URL is nonsense, without repeating its password", async () => {
      const mirrors = ["http://user:s3cret@mirror.invalid", "ftp://x"];
      await client({ mirrors, dispatcher: dockerHub(fake) }).pull(parseReference("app:1"));
      const registry = client({ mirrors, dispatcher: dockerHub(undefined) });
      const error = await failure("registry-unreachable", registry.pull(parseReference("app:1")));
      assert.match(error.message, /the mirror http:\/\/…@mirror\.invalid is not a URL/);
      assert.doesNotMatch(JSON.stringify(error.toBody()), /s3cret/);
    });

    it("does not show a mirror the login for docker.io", async () => {
      const challenge = { "www-authenticate": 'Basic realm="x"' };
      mirror.fault = ({ response }) => Boolean(response.writeHead(401, challenge).end());
      fake.fault = ({ request, response }) =>
        !request.headers.authorization && Boolean(response.writeHead(401, challenge).end());
      await client({ mirrors: [`http://${mirror.host}`], dispatcher: dockerHub(fake) }).pull(parseReference("app:1"), {
        credentials: { username: "u", password: "p" },
      });
      assert.deepEqual(mirror.authorizations, [undefined]);
    });
  });
});
