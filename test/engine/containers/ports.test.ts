import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { EngineError } from "../../../engine/base/errors.ts";
import { type OpenPort, openPorts } from "../../../engine/containers/host-ports.ts";
import type { PortMapping } from "../../../engine/containers/types.ts";
import { bundleProgram } from "../../support/containers-lab.ts";

const mapping = (more: Partial<PortMapping>): PortMapping => ({
  containerPort: 80,
  protocol: "tcp",
  hostIp: "127.0.0.1",
  hostPort: 0,
  ...more,
});
const nobody = () => undefined;

describe("containers: published ports", () => {
  let dir: string;
  let program: string;
  before(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), "drydock-ports-"));
    program = await bundleProgram("test/support/forward-child.ts", path.join(dir, "forward.js"));
  });
  after(() => rmSync(dir, { recursive: true }));

  const toClose: { close(): unknown }[] = [];
  afterEach(() => {
    for (const open of toClose.splice(0)) open.close();
  });
  const keep = <T extends { close(): unknown }>(open: T): T => {
    toClose.push(open);
    return open;
  };
  const one = async (more: Partial<PortMapping>): Promise<OpenPort> => {
    const [open] = await openPorts([mapping(more)], nobody);
    assert.ok(open);
    return open;
  };
  /** Hands the port on to another process and closes it here, without a turn in between. */
  const forward = (open: OpenPort, port: number) => {
    const args = [program, open.mapping.protocol, String(port), open.mapping.hostIp];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit", open.fd] });
    open.close();
    keep({ close: () => child.stdin?.end() });
  };
  const listen = async (server: net.Server, host = "127.0.0.1") => {
    keep(server).listen(0, host);
    await once(server, "listening");
    return (server.address() as net.AddressInfo).port;
  };

  it("opens a free port when none is named, with a descriptor to hand on", async () => {
    for (const more of [{}, { hostIp: "" }, { hostIp: "0.0.0.0" }, { protocol: "udp" as const }]) {
      const { mapping: real, fd } = keep(await one(more));
      assert.ok(real.hostPort > 0 && fd > 2);
    }
  });

  const hasIpv6 = Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

  it("without an address is there for both families, or for IPv4 where there is no other", async () => {
    for (const protocol of ["tcp", "udp"] as const) {
      const { mapping: both } = keep(await one({ protocol, hostIp: "" }));
      assert.equal(both.hostIp, hasIpv6 ? "" : "0.0.0.0");
      for (const hostIp of hasIpv6 ? ["127.0.0.1", "::1", "0.0.0.0", "::"] : ["127.0.0.1", "0.0.0.0"]) {
        await assert.rejects(one({ protocol, hostIp, hostPort: both.hostPort }), `${hostIp} ${protocol}`);
      }
    }
  });

  if (hasIpv6) {
    it("on :: leaves IPv4 to others", async () => {
      for (const protocol of ["tcp", "udp"] as const) {
        const { mapping: six } = keep(await one({ protocol, hostIp: "::" }));
        keep(await one({ protocol, hostIp: "0.0.0.0", hostPort: six.hostPort }));
      }
    });

    it("reaches a program that listens on IPv6 only", async () => {
      const port = await listen(
        net.createServer((socket) => socket.end("six")),
        "::1",
      );
      const open = await one({});
      forward(open, port);
      assert.equal(await text(net.connect({ port: open.mapping.hostPort, host: "127.0.0.1" })), "six");
    });
  }

  it("says who has a port, and the next free one", async () => {
    const taken = keep(await one({}));
    const { hostPort } = taken.mapping;
    const refused = (expected: RegExp) => (error: EngineError) => {
      assert.equal(error.code, "port-in-use");
      assert.match(error.message, expected);
      const next = error.details.hint?.args?.port;
      assert.ok(typeof next === "number" && next > hostPort);
      return true;
    };
    await assert.rejects(
      openPorts([mapping({ hostPort })], nobody),
      refused(new RegExp(`${hostPort}.*another program`)),
    );
    await assert.rejects(
      openPorts([mapping({ hostPort })], () => "web"),
      refused(/container web/),
    );
  });

  it("opens all or none", async () => {
    const taken = keep(await one({}));
    const free = await one({});
    free.close();
    await assert.rejects(openPorts([free.mapping, taken.mapping], nobody));
    keep(await one({ hostPort: free.mapping.hostPort }));
  });

  it("refuses a host that is not an address", async () => {
    const code = (expected: string) => (error: EngineError) => error.code === expected;
    await assert.rejects(openPorts([mapping({ hostIp: "example.test" })], nobody), code("invalid-argument"));
    await assert.rejects(openPorts([mapping({ hostIp: "192.0.2.1" })], nobody), code("invalid-argument"));
  });

  it("forwards connections and keeps a half-closed one open", async () => {
    const answering = net.createServer({ allowHalfOpen: true }, (socket) => {
      let bytes = 0;
      socket.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.on("end", () => socket.end(`${bytes} bytes`));
    });
    const port = await listen(answering);
    const open = await one({});
    forward(open, port);
    const client = net.connect({ port: open.mapping.hostPort, host: "127.0.0.1" });
    client.end("x".repeat(300_000));
    assert.equal(await text(client), "300000 bytes");
  });

  it("ends a connection that nobody takes, and a broken one on both sides", async () => {
    const nobodyListens = net.createServer();
    const port = await listen(nobodyListens);
    nobodyListens.close();
    await once(nobodyListens, "close");
    const open = await one({});
    forward(open, port);
    const client = net.connect({ port: open.mapping.hostPort, host: "127.0.0.1" });
    await closed(client);

    const waiting = net.createServer();
    const inside = once(waiting, "connection");
    const second = await one({});
    forward(second, await listen(waiting));
    const leaver = net.connect({ port: second.mapping.hostPort, host: "127.0.0.1" });
    const [socket] = (await inside) as [net.Socket];
    leaver.resetAndDestroy();
    socket.resume();
    await closed(socket);
  });

  it("forwards datagrams and their answers to each client", async () => {
    const echo = keep(dgram.createSocket("udp4"));
    echo.on("message", (data, from) => echo.send(`re:${data}`, from.port, from.address));
    echo.bind(0, "127.0.0.1");
    await once(echo, "listening");
    const open = await one({ protocol: "udp", hostIp: "" });
    forward(open, echo.address().port);
    for (const host of ["127.0.0.1", "127.0.0.1", ...(hasIpv6 ? ["::1"] : [])]) {
      const client = keep(dgram.createSocket(host === "::1" ? "udp6" : "udp4"));
      client.send(host, open.mapping.hostPort, host);
      const [answer] = (await once(client, "message")) as [Buffer];
      assert.equal(answer.toString(), `re:${host}`);
    }
  });
});

/** Whether by an end or by a reset. */
function closed(socket: net.Socket): Promise<unknown> {
  socket.on("error", () => {});
  return new Promise((resolve) => socket.once("close", resolve));
}
