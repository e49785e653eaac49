import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { listenOnSocket } from "../../../engine/api/listen.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

describe("the API server", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  it("answers _ping with what clients negotiate from", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { status, headers, text } = await engine.request(method, "/_ping");
      assert.equal(status, 200);
      assert.equal(text, method === "GET" ? "OK" : "");
      assert.equal(headers["api-version"], "1.50");
      assert.equal(headers["builder-version"], "1");
      assert.equal(headers.ostype, "linux");
      assert.equal(headers["docker-experimental"], "false");
      assert.match(String(headers.server), /^Drydock\//);
    }
  });

  it("takes the versions from 1.41 to 1.50, and none", async () => {
    for (const prefix of ["", "/v1.41", "/v1.44", "/v1.50"]) {
      assert.equal((await engine.request("GET", `${prefix}/version`)).status, 200, prefix);
    }
  });

  it("refuses other versions in Docker's words", async () => {
    const old = await engine.request("GET", "/v1.24/version");
    assert.equal(old.status, 400);
    assert.equal(
      old.json().message,
      "client version 1.24 is too old. Minimum supported API version is 1.41, please upgrade your client to a newer version",
    );
    const young = await engine.request("GET", "/v1.99/version");
    assert.equal(young.status, 400);
    assert.match(String(young.json().message), /^client version 1\.99 is too new\./);
  });

  it("says what it does not offer, and what does not exist", async () => {
    const session = await engine.request("POST", "/session");
    assert.equal(session.status, 501);
    assert.match(String(session.json().message), /does not offer BuildKit sessions/);
    assert.equal((await engine.request("GET", "/nothing/here")).status, 404);
    assert.equal((await engine.request("PATCH", "/_ping")).status, 404);
    assert.equal((await engine.request("GET", "/containers/%zz/json")).status, 400);
    // docker inspect tries every kind of object and goes on only at these words.
    assert.match((await engine.request("GET", "/services/x")).text, /This node is not a swarm manager/);
  });

  it("gives errors as a message and the typed form", async () => {
    const { status, json } = await engine.request("GET", "/images/nothing/json");
    assert.equal(status, 404);
    const body = json<{ message: string; drydock: { code: string } }>();
    assert.match(body.message, /No such image: nothing/);
    assert.equal(body.drydock.code, "image-not-found");
  });

  it("keeps the words of a bug in the log and goes on", async () => {
    engine.images.list = () => Promise.reject(new TypeError("a bug"));
    const { status, json } = await engine.request("GET", "/images/json");
    assert.equal(status, 500);
    assert.equal(json<{ drydock: { code: string } }>().drydock.code, "internal");
    assert.match(engine.log.join(), /GET \/images\/json: TypeError: a bug/);
    assert.equal((await engine.request("GET", "/_ping")).status, 200);
  });

  it("refuses a body that is not JSON, and one that is too large", async () => {
    const broken = await engine.request("POST", "/containers/create", { body: Buffer.from("{") });
    assert.equal(broken.status, 400);
    const body = Buffer.alloc(5 * 1024 * 1024, 0x20);
    assert.equal((await engine.request("POST", "/containers/create", { body })).status, 413);
  });

  it("lets a client say all before it is refused: a connection that closes would be all that it sees", async () => {
    for (const page of [
      "/services/create",
      "/session",
      "/nothing/here",
      "/volumes/x/update",
      "/v1.99/containers/create",
    ]) {
      const socket = connect(engine.socket);
      let answer = "";
      socket.setEncoding("utf8").on("data", (text) => {
        answer += text;
      });
      socket.write(`POST ${page} HTTP/1.1\r\nHost: engine\r\nContent-Length: 2\r\n\r\n`);
      // Had it been answered at once, that would have been before this one.
      await engine.request("GET", "/_ping");
      assert.equal(answer, "", page);
      socket.write("{}");
      await once(socket, "data");
      assert.match(answer, /^HTTP\/1\.1 (4|5)\d\d/);
      assert.doesNotMatch(answer, /^connection: close/im);
      socket.destroy();
    }
  });

  it("survives a client that talks no HTTP, and one that upgrades a page which has no stream", async () => {
    const socket = connect(engine.socket);
    socket.write("hello\r\n\r\n");
    await new Promise((resolve) => socket.on("close", resolve).resume());
    const { head } = await engine.hijack("/volumes/prune");
    assert.match(head, /^HTTP\/1\.1 200 OK/);
    const wrong = await engine.hijack("/containers/none/attach?stream=1");
    assert.match(wrong.head, /^HTTP\/1\.1 404/);
    assert.match((await wrong.received).toString(), /No such/);
  });

  it("ends after the answer when asked to", async () => {
    assert.equal((await engine.request("POST", "/drydock/shutdown")).status, 204);
    while (engine.shutdowns === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(engine.shutdowns, 1);
  });

  describe("its socket", () => {
    it("is the owner's alone", () => {
      assert.equal(statSync(engine.socket).mode & 0o777, 0o600);
    });

    it("is left alone while somebody answers", async () => {
      assert.equal(await listenOnSocket(createServer(), engine.socket), "taken");
      assert.equal((await engine.request("GET", "/_ping")).status, 200);
    });

    it("is replaced when nobody does", async () => {
      const file = path.join(engine.folder, "stale.sock");
      await leaveSocketBehind(file);
      const server = createServer();
      assert.equal(await listenOnSocket(server, file), "listening");
      server.close();
    });

    it("is not put in the place of a file", async () => {
      const file = path.join(engine.folder, "notes.txt");
      writeFileSync(file, "mine");
      await assert.rejects(listenOnSocket(createServer(), file), /not a socket/);
      assert.equal(readFileSync(file, "utf8"), "mine");
    });

    it("must have a short path", async () => {
      await assert.rejects(listenOnSocket(createServer(), `/tmp/${"x".repeat(120)}`), /longer than 107 bytes/);
    });
  });
});

/** A socket whose process was killed. */
async function leaveSocketBehind(file: string): Promise<void> {
  const { spawn } = await import("node:child_process");
  const script = `require("net").createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, "SIGKILL"))`;
  const child = spawn(process.execPath, ["-e", script]);
  await new Promise((resolve) => child.on("exit", resolve));
  statSync(file);
}
