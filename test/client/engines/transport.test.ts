import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { ping } from "../../../client/engines/daemon.ts";
import { readAll, send } from "../../../client/engines/http.ts";
import { openTransport } from "../../../client/engines/transport.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("client/engines/transport", () => {
  const scratch = scratchFolder();
  const servers: Server[] = [];
  const engine: RequestListener = (request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    response.end(request.url === "/_ping" ? "OK" : JSON.stringify({ ID: "box", path: request.url }));
  };
  const listen = async (server: Server, place: string | number) => {
    servers.push(server);
    await new Promise<void>((resolve) => {
      if (typeof place === "string") server.listen(place, resolve);
      else server.listen(place, "127.0.0.1", resolve);
    });
    return (server.address() as AddressInfo).port;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("reaches an engine over a socket and over TCP, whatever DOCKER_HOST says", async () => {
    const socket = path.join(scratch(), "engine.sock");
    await listen(createServer(engine), socket);
    const port = await listen(createServer(engine), 0);
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = "tcp://docker.example.invalid:1";
    try {
      for (const address of [
        { kind: "socket", path: socket } as const,
        { kind: "tcp", host: "127.0.0.1", port } as const,
      ]) {
        const transport = openTransport(address);
        assert.equal(await ping(address), true);
        assert.equal((await (await transport.docker()).info()).ID, "box");
        assert.match(await readAll(await send(transport, "GET", "/x?y=1")), /"\/x\?y=1"/);
        transport.close();
      }
      assert.equal(process.env.DOCKER_HOST, "tcp://docker.example.invalid:1");
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it("shows its certificate to an engine that wants one, and believes only the context's authority", async () => {
    const file = (name: string) => path.join(scratch(), name);
    makeCertificates(scratch());
    const options = {
      key: readFileSync(file("key.pem")),
      cert: readFileSync(file("cert.pem")),
      ca: readFileSync(file("ca.pem")),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const port = await listen(createTlsServer(options, engine), 0);
    const to = (tls: object) => ({ kind: "tcp", host: "127.0.0.1", port, tls: { skipVerify: false, ...tls } }) as const;
    const own = { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
    const transport = openTransport(to(own));
    assert.equal((await (await transport.docker()).info()).ID, "box");
    transport.close();
    assert.equal(await ping(to(own)), true);
    assert.equal(await ping(to({ cert: own.cert, key: own.key })), false);
    assert.equal(await ping(to({ ca: own.ca })), false);
    assert.equal(await ping(to({ ca: file("missing.pem") })), false);
  });

  it("goes through ssh, one process for requests that follow one another", async () => {
    const socket = path.join(scratch(), "engine.sock");
    await listen(createServer(engine), socket);
    // Stands in for ssh and the docker on the other side: writes down how it was called and connects to the socket.
    writeFiles(scratch(), {
      "bin/ssh": `#!${process.execPath}
const { appendFileSync } = require("node:fs");
appendFileSync(${JSON.stringify(path.join(scratch(), "calls"))}, JSON.stringify(process.argv.slice(2)) + "\\n");
const socket = require("node:net").connect(${JSON.stringify(socket)});
process.stdin.pipe(socket).pipe(process.stdout);
`,
    });
    chmodSync(path.join(scratch(), "bin/ssh"), 0o755);
    await withPath(path.join(scratch(), "bin"), async () => {
      const transport = openTransport({ kind: "ssh", host: "box", user: "me", program: "docker" });
      const docker = await transport.docker();
      assert.equal((await docker.info()).ID, "box");
      assert.equal((await docker.info()).ID, "box");
      transport.close();
      const calls = readFileSync(path.join(scratch(), "calls"), "utf8").trim().split("\n");
      assert.equal(calls.length, 1);
      assert.match(calls[0] ?? "", /"-l","me","--","box","docker","system","dial-stdio"/);
    });
  });

  it("tells what ssh complains of", async () => {
    writeFiles(scratch(), { "bin/ssh": "#!/bin/sh\necho 'me@box: Permission denied (publickey).' >&2\nexit 255\n" });
    chmodSync(path.join(scratch(), "bin/ssh"), 0o755);
    await withPath(path.join(scratch(), "bin"), async () => {
      const transport = openTransport({ kind: "ssh", host: "box", program: "docker" });
      await assert.rejects(send(transport, "GET", "/info"), /Permission denied/);
      transport.close();
    });
  });
});

async function withPath(folder: string, body: () => Promise<void>): Promise<void> {
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    await body();
  } finally {
    process.env.PATH = before;
  }
}

function makeCertificates(folder: string): void {
  const run = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const subject = ["-subj", "/CN=127.0.0.1", "-days", "2"];
  run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", ...subject);
  run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=127.0.0.1");
  writeFiles(folder, { "names.txt": "subjectAltName=IP:127.0.0.1\n" });
  const sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names.txt", "-days", "2"];
  run("x509", "-req", "-in", "request.pem", "-out", "cert.pem", ...sign);
}
