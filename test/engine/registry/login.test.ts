import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import path from "node:path";
import { parseReference } from "../../../engine/oci/reference.ts";
import { createRegistry } from "../../../engine/registry/registry.ts";
import type { Credentials } from "../../../engine/registry/types.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { failure } from "../../support/engine-errors.ts";
import { type FakeRegistry, startFakeRegistry } from "../../support/faulty-registry.ts";
import { type ImageBlobs, imageBlobs, json, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("login while pulling", () => {
  const scratch = scratchFolder();
  const alice: Credentials = { username: "alice", password: "s3cret-word" };
  let fake: FakeRegistry;
  let image: ImageBlobs;

  before(async () => {
    image = imageBlobs({ layers: [await tarOf({ a: "a" }), await tarOf({ b: "b" })] });
  });
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.serve("team/app:1", image);
  });
  afterEach(() => fake.stop());

  async function pull(credentials?: Credentials) {
    const registry = createRegistry({
      content: await openContentStore(path.join(scratch(), "home")),
      settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
      dockerConfig: path.join(scratch(), "config.json"),
      timing: { backoffMs: [] },
    });
    return registry.pull(parseReference(`${fake.host}/team/app:1`), credentials ? { credentials } : {});
  }

  /** Wants the newest token for everything; gives one to whom `accepts` likes. */
  function tokens(
    accepts: (authorization: string | undefined, body: URLSearchParams | undefined) => boolean,
    uses = 99,
  ) {
    const asked: { method: string; query: URLSearchParams; body?: URLSearchParams }[] = [];
    let left = 0;
    const challenge = `Bearer realm="http://${fake.host}/token?x=1",service="test service",scope="repository:team/app:pull"`;
    fake.fault = ({ request, response, path: target }) => {
      const { authorization } = request.headers;
      if (!target.startsWith("/token")) {
        if (authorization === `Bearer token-${asked.length}` && left-- > 0) return false;
        return Boolean(response.writeHead(401, { "www-authenticate": challenge }).end());
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const body = chunks.length > 0 ? new URLSearchParams(Buffer.concat(chunks).toString()) : undefined;
        const query = new URL(target, "http://x").searchParams;
        asked.push({ method: request.method ?? "", query, ...(body ? { body } : {}) });
        left = uses;
        if (accepts(authorization, body)) response.end(json({ token: `token-${asked.length}` }));
        else response.writeHead(401).end("{}");
      });
      return true;
    };
    return asked;
  }
  const basicOf = ({ username, password }: Credentials) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

  it("gets a token without a login for a public image, once", async () => {
    const asked = tokens((authorization) => authorization === undefined);
    await pull();
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.query.toString(), "x=1&service=test+service&scope=repository%3Ateam%2Fapp%3Apull");
  });

  it("gets a token with user name and password", async () => {
    const asked = tokens((authorization) => authorization === basicOf(alice));
    await pull(alice);
    assert.equal(asked[0]?.method, "GET");
  });

  it("gets a token with an identity token", async () => {
    const asked = tokens(
      (_, body) => body?.get("refresh_token") === "idt" && body.get("grant_type") === "refresh_token",
    );
    await pull({ username: "", password: "", identityToken: "idt" });
    assert.equal(asked[0]?.method, "POST");
    assert.equal(asked[0]?.body?.get("scope"), "repository:team/app:pull");
    assert.ok(!fake.requests.some((request) => request.includes("idt")), "never in a URL");
  });

  it("gets a new token when the old one has run out in between", async () => {
    const asked = tokens(() => true, 2);
    await pull();
    assert.equal(asked.length, 2);
  });

  it("does not go round in circles with a registry that never has enough", async () => {
    tokens(() => true, 0);
    const anonymous = await failure("image-not-found", pull());
    assert.match(anonymous.message, /does not know 127.*team\/app \(a private image needs a login\)/);
    assert.equal(fake.requests.length, 3);
    const known = await failure("registry-denied", pull(alice));
    assert.match(known.message, /does not let this account read/);
    assert.equal(fake.requests.length, 6);
  });

  it("tells a refused password from a missing one, and repeats neither", async () => {
    tokens(() => false);
    assert.match((await failure("image-not-found", pull())).message, /a private image needs a login/);
    const error = await failure("registry-denied", pull(alice));
    assert.match(error.message, /does not accept the stored user name or password/);
    assert.doesNotMatch(`${JSON.stringify(error.toBody())}${error.stack}`, /s3cret|c2VjcmV0/);
  });

  for (const [what, challenge] of [
    ["without a place for tokens", "Bearer"],
    ["with a place that is none", 'Bearer realm="javascript:alert(1)"'],
    ["of an unknown kind", 'Negotiate abc=="'],
    ["that is empty", ""],
  ] as const) {
    it(`refuses a challenge ${what}`, async () => {
      fake.fault = ({ response }) => Boolean(response.writeHead(401, { "www-authenticate": challenge }).end());
      await failure("registry-protocol", pull(alice));
      assert.ok(fake.authorizations.every((value) => value === undefined));
    });
  }

  it("refuses a token that is no header value", async () => {
    fake.fault = ({ response, path: target }) =>
      target.startsWith("/token")
        ? Boolean(response.end(json({ token: "a\r\nx-evil: 1" })))
        : Boolean(response.writeHead(401, { "www-authenticate": `Bearer realm="http://${fake.host}/token"` }).end());
    await failure("registry-protocol", pull());
  });

  it("does not take the login along to another host, and keeps it on the same", async () => {
    const storage = await startFakeRegistry();
    storage.serve("team/app:1", image);
    const challenge = { "www-authenticate": 'Basic realm="x"' };
    fake.fault = ({ request, response, path: target }) => {
      if (!request.headers.authorization) return Boolean(response.writeHead(401, challenge).end());
      if (target.startsWith("/moved")) {
        const location = `http://${storage.host}${target.slice("/moved".length)}?signature=4711`;
        return Boolean(response.writeHead(307, { location }).end());
      }
      return target.includes("/blobs/") && Boolean(response.writeHead(307, { location: `/moved${target}` }).end());
    };
    storage.fault = ({ request }) => {
      request.url = request.url?.replace(/\?.*/, "") ?? "";
      return false;
    };
    for (const [place, found] of [...storage.content]) storage.content.set(`${place}?signature=4711`, found);
    await pull(alice);
    await storage.stop();
    assert.equal(storage.requests.length, 3);
    assert.deepEqual(new Set(storage.authorizations), new Set([undefined]));
    const moved = fake.requests.flatMap((request, at) => (request.includes("/moved") ? [fake.authorizations[at]] : []));
    assert.deepEqual(new Set(moved), new Set([basicOf(alice)]));
  });

  describe("through a proxy", () => {
    let proxy: Server;
    const connects: string[] = [];
    beforeEach(async () => {
      const server = createServer();
      server.on("connect", (request, socket) => {
        connects.push(request.url ?? "");
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      proxy = server;
      process.env.HTTPS_PROXY = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      delete process.env.HTTPS_PROXY;
      proxy.close();
    });

    it("reaches other hosts, and loopback without it", async () => {
      const registry = createRegistry({
        content: await openContentStore(path.join(scratch(), "home")),
        settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
        dockerConfig: path.join(scratch(), "config.json"),
        timing: { backoffMs: [] },
      });
      await failure("registry-unreachable", registry.pull(parseReference("registry.invalid/app")));
      await registry.pull(parseReference(`${fake.host}/team/app:1`));
      assert.deepEqual(connects, ["registry.invalid:443"]);
    });
  });
});
