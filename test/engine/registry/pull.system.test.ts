import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { parseReference } from "../../../engine/oci/reference.ts";
import type { Manifest } from "../../../engine/oci/types.ts";
import { createRegistry } from "../../../engine/registry/registry.ts";
import type { PullProgress } from "../../../engine/registry/types.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openImageStore } from "../../../engine/store/image-store.ts";
import type { ContentStore } from "../../../engine/store/types.ts";
import { failure } from "../../support/engine-errors.ts";
import { startFakeRegistry } from "../../support/faulty-registry.ts";
import { type ImageBlobs, imageBlobs, tarOf } from "../../support/image-blobs.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("pull from a real registry", () => {
  const scratch = scratchFolder();
  const login = { username: "alice", password: "correct horse: battery" };
  let open: TestRegistry;
  let closed: TestRegistry;
  let image: ImageBlobs;
  let content: ContentStore;

  before(async () => {
    image = imageBlobs({
      layers: [await tarOf({ "big.bin": randomBytes(3_000_000) }), await tarOf({ "etc/": "", "etc/motd": "hello\n" })],
      config: { Cmd: ["true"] },
    });
    [open, closed] = await Promise.all([startRegistry(), startRegistry({ login })]);
    await Promise.all([open.push("library/app:1", image), closed.push("team/secret:1", image)]);
  });
  after(() => Promise.all([open.stop(), closed.stop()]));
  beforeEach(async () => {
    content = await openContentStore(path.join(scratch(), "home"));
  });

  const registry = (mirrors: readonly string[] = [], dockerConfig = path.join(scratch(), "config.json")) =>
    createRegistry({
      content,
      settings: async () => ({ registryMirrors: mirrors, insecureRegistries: [] }),
      dockerConfig,
      timing: { backoffMs: [] },
    });

  it("brings manifest, configuration and layers, and tells how far it is", async () => {
    const progress: PullProgress[] = [];
    const pulled = await registry().pull(parseReference(`${open.host}/library/app:1`), {
      onProgress: (item) => progress.push(item),
    });
    assert.deepEqual(pulled.manifest, image.manifest);
    assert.equal(pulled.rootDigest, image.manifest.digest);
    assert.deepEqual(new Set(await content.list()), new Set(image.blobs.keys()));
    const manifest = await content.readJson<Manifest>(pulled.manifest.digest);
    const motd = Buffer.concat(await content.open(manifest.layers[1]?.digest ?? image.id).toArray());
    assert.ok(gunzipSync(motd).includes("hello\n"));

    const [big] = image.layers;
    const ofBig = progress.filter(({ item }) => item === big?.digest.slice(7, 19));
    assert.deepEqual(
      [...new Set(ofBig.map(({ status }) => status))],
      ["waiting", "downloading", "verifying", "downloaded"],
    );
    assert.equal(ofBig.at(-1)?.currentBytes, big?.size);
  });

  it("asks only for the manifest when everything else is there", async () => {
    const client = registry();
    const name = parseReference(`${open.host}/library/app:1`);
    await client.pull(name);
    const before = (await open.requests()).length;
    const progress: PullProgress[] = [];
    await client.pull(name, { onProgress: (item) => progress.push(item) });
    assert.deepEqual((await open.requests()).slice(before), ["GET /v2/library/app/manifests/1"]);
    assert.equal(progress.filter(({ status }) => status === "exists").length, 2);
    await client.pull(parseReference(`${open.host}/library/app@${image.manifest.digest}`));
    assert.equal((await open.requests()).length, before + 1, "a digest that is there needs no question");
  });

  it("serves as a mirror of docker.io after one that is down", async () => {
    const down = "http://127.0.0.1:9";
    const pulled = await registry([down, open.url]).pull(parseReference("app:1"));
    assert.equal(pulled.rootDigest, image.manifest.digest);
  });

  it("says whom it asked for an image that nobody has", async () => {
    const error = await failure("image-not-found", registry().pull(parseReference(`${open.host}/nodee`)));
    assert.equal(
      error.message,
      `no such image: ${open.host}/nodee: ${open.host} does not know ${open.host}/nodee:latest`,
    );
  });

  it("logs in by docker's config.json", async () => {
    const config = path.join(scratch(), "config.json");
    const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    writeFileSync(config, JSON.stringify({ auths: { [`http://${closed.host}/v2/`]: { auth } } }));
    const pulled = await registry([], config).pull(parseReference(`${closed.host}/team/secret:1`));
    assert.equal(pulled.rootDigest, image.manifest.digest);
  });

  it("logs in by what the caller gives, and says when it is wrong or missing", async () => {
    const name = parseReference(`${closed.host}/team/secret:1`);
    assert.match((await failure("registry-denied", registry().pull(name))).message, /wants a login/);
    const wrong = { ...login, password: "guess-4711" };
    const error = await failure("registry-denied", registry().pull(name, { credentials: wrong }));
    assert.doesNotMatch(JSON.stringify(error.toBody()), /guess-4711/);
    await registry().pull(name, { credentials: login });
    assert.equal(content.has(image.id), true);
  });

  it("makes an image that can be named, found after a restart, and removed", async () => {
    const home = path.join(scratch(), "home");
    const cache = await openCacheStore(home, content);
    const images = await openImageStore({ home, content, cache });
    const name = parseReference(`${open.host}/library/app:1`);
    const lease = content.lease();
    const { manifest, rootDigest } = await registry().pull(name);
    await images.add(manifest, [name], { repoDigest: `${open.host}/library/app@${rootDigest}` });
    lease.release();
    const reopened = await openImageStore({ home, content, cache });
    assert.equal((await reopened.find(`${open.host}/library/app:1`))?.id, image.id);
    await reopened.remove(`${open.host}/library/app:1`, { force: false });
    await reopened.collect();
    assert.deepEqual(await content.list(), []);
  });

  it("speaks TLS to a loopback registry that nobody vouches for, and never leaves it for the open", async () => {
    const [key, cert] = [path.join(scratch(), "key.pem"), path.join(scratch(), "cert.pem")];
    const subject = ["-subj", "/CN=somebody.invalid", "-newkey", "rsa:2048", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const secured = await startFakeRegistry({ key: readFileSync(key), cert: readFileSync(cert) });
    try {
      secured.serve("app:1", image);
      await registry().pull(parseReference(`${secured.host}/app:1`));
      assert.equal(content.has(image.id), true);
      secured.fault = ({ response }) =>
        Boolean(response.writeHead(307, { location: "http://storage.invalid/x" }).end());
      const error = await failure("registry-protocol", registry().pull(parseReference(`${secured.host}/app:1`)));
      assert.match(error.message, /points to a place that cannot be used/);
    } finally {
      await secured.stop();
    }
  });

  it("leaves nothing half-done when it is cancelled", async () => {
    const abort = new AbortController();
    const work = registry().pull(parseReference(`${open.host}/library/app:1`), {
      signal: abort.signal,
      onProgress: ({ status }) => status === "downloading" && abort.abort(),
    });
    await failure("cancelled", work);
    assert.equal(content.has(image.manifest.digest), false);
  });
});
