import assert from "node:assert/strict";
import dgram from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { writeJson } from "../../../../engine/containers/folder.ts";
import { addressAsked, answers, encodeReply, parseQuery } from "../../../../engine/containers/monitor/dns-packet.ts";
import { type NamesServer, serveNames } from "../../../../engine/containers/monitor/dns-server.ts";
import type { NamesTable } from "../../../../engine/containers/networks/names.ts";

const web = { name: "web", links: { database: "d" }, upstreams: ["127.0.0.1"], endpoints: [] };
const place = (names: string[], ...addresses: string[]) => ({ net: { network: "shop", names, addresses } });
const table: NamesTable = {
  containers: {
    w: { ...web, networks: place(["web", "www"], "10.5.0.2") },
    v: { ...web, name: "web2", networks: place(["web2", "www"], "10.5.0.3", "fd00::3") },
    d: { ...web, name: "db", networks: place(["db"], "10.5.0.4") },
    x: { ...web, name: "other", networks: { far: { network: "far", names: ["other"], addresses: ["10.6.0.2"] } } },
  },
};

/** What programs send: number 0x1234, recursion desired. */
function query(name: string, type = 1): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

describe("containers: the DNS server of a container", () => {
  let dir: string;
  let file: string;
  let server: NamesServer;
  let upstream: dgram.Socket;
  let asked: Buffer[];
  let resolver: Resolver;
  before(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), "drydock-dns-"));
    file = path.join(dir, "names.json");
    asked = [];
    upstream = dgram.createSocket("udp4");
    upstream.on("message", (packet, from) => {
      asked.push(packet);
      const parsed = parseQuery(packet);
      if (parsed.type !== "question") return;
      // Somebody else's answer first, which nobody may believe.
      const wrong = encodeReply({ ...parsed.question, id: parsed.question.id ^ 1 }, { addresses: ["6.6.6.6"] }, 512);
      upstream.send(wrong, from.port, from.address);
      upstream.send(encodeReply(parsed.question, { addresses: ["203.0.113.9"] }, 512), from.port, from.address);
    });
    upstream.bind(0, "127.0.0.1");
    await once(upstream, "listening");
  });
  beforeEach(async () => {
    writeJson(file, table, { durable: false });
    server = await serveNames({ file, id: "w" }, { host: "127.0.0.1", port: 0, upstreamPort: upstream.address().port });
    resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.port}`]);
  });
  afterEach(() => server.close());
  after(() => {
    upstream.close();
    rmSync(dir, { recursive: true });
  });

  it("knows names, aliases and linked names of its networks, in any case and with the network's name", async () => {
    for (const [name, address] of [
      ["db", "10.5.0.4"],
      ["DB", "10.5.0.4"],
      ["db.shop", "10.5.0.4"],
      ["database", "10.5.0.4"],
    ] as const)
      assert.deepEqual(await resolver.resolve4(name), [address], name);
    assert.deepEqual(await resolver.resolve6("web2"), ["fd00::3"]);
    await assert.rejects(resolver.resolve6("db"), { code: "ENODATA" });
  });

  it("gives each of several containers under one name its turn", async () => {
    const firsts = new Set<string | undefined>();
    for (let times = 0; times < 4; times += 1) firsts.add((await resolver.resolve4("www"))[0]);
    assert.deepEqual(firsts, new Set(["10.5.0.2", "10.5.0.3"]));
  });

  it("says whose an address is", async () => {
    assert.deepEqual(await resolver.reverse("10.5.0.4"), ["db.shop"]);
    assert.deepEqual(await resolver.reverse("fd00::3"), ["web2.shop"]);
  });

  it("asks others about names of other networks and of the world, and believes only the answer", async () => {
    const before = asked.length;
    assert.deepEqual(await resolver.resolve4("example.test"), ["203.0.113.9"]);
    assert.deepEqual(await resolver.resolve4("other"), ["203.0.113.9"]);
    assert.equal(asked.length, before + 2);
  });

  it("reads the table again when it was written anew, and believes the last good one", async () => {
    assert.deepEqual(await resolver.resolve4("db"), ["10.5.0.4"]);
    const moved = { ...table.containers, d: { ...web, name: "db", networks: place(["db"], "10.5.0.9") } };
    writeJson(file, { containers: moved }, { durable: false });
    assert.deepEqual(await resolver.resolve4("db"), ["10.5.0.9"]);
    writeFileSync(file, "{");
    assert.deepEqual(await resolver.resolve4("db"), ["10.5.0.9"]);
  });

  it("says that it failed when nobody answers", async () => {
    const lonely = { ...table.containers.w, upstreams: [] };
    writeJson(file, { containers: { ...table.containers, w: lonely } }, { durable: false });
    await assert.rejects(resolver.resolve4("example.test"), { code: "ESERVFAIL" });
  });

  it("sends what does not fit over TCP", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `10.5.1.${index + 1}`);
    const crowd = { ...web, name: "crowd", networks: place(["crowd"], ...many) };
    writeJson(file, { containers: { ...table.containers, c: crowd } }, { durable: false });
    assert.equal((await resolver.resolve4("crowd")).length, 60);
    const socket = net.connect({ host: "127.0.0.1", port: server.port });
    const packet = query("db");
    // In pieces, two at once.
    const stream = Buffer.concat([Buffer.of(0, packet.length), packet, Buffer.of(0, packet.length), packet]);
    socket.write(stream.subarray(0, 1));
    socket.write(stream.subarray(1));
    let data = Buffer.alloc(0);
    while (data.length < 2 * (2 + packet.length + 16)) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      data = Buffer.concat([data, chunk]);
    }
    assert.equal(data.readUInt16BE(2), 0x1234);
    socket.destroy();
  });

  it("survives packets that were made to break it", async () => {
    // A generator of its own, so that a failure can be seen again.
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    const good = [query("db"), query("4.0.5.10.in-addr.arpa", 12), query("a".repeat(63)), query("x.y.z", 28)];
    for (let round = 0; round < 20_000; round += 1) {
      const packet = Buffer.from(good[random(good.length)] ?? Buffer.alloc(0));
      for (let change = random(6); change >= 0; change -= 1) packet[random(packet.length)] = random(256);
      const cut = packet.subarray(0, random(packet.length + 1));
      const parsed = parseQuery(cut);
      if (parsed.type === "question") {
        assert.ok(parsed.question.raw.length <= 255 + 4 && parsed.question.name.length <= 253);
        encodeReply(parsed.question, { addresses: ["1.2.3.4"], pointer: parsed.question.name }, 512);
        addressAsked(parsed.question.name);
      }
      answers(cut, good[0] ?? cut);
    }
    const socket = dgram.createSocket("udp4");
    for (let round = 0; round < 200; round += 1) {
      const noise = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
      socket.send(noise, server.port, "127.0.0.1");
    }
    await new Promise<void>((resolve) => socket.send(query("db"), server.port, "127.0.0.1", () => resolve()));
    assert.deepEqual(await resolver.resolve4("db"), ["10.5.0.4"]);
    socket.close();
  });

  it("takes no compressed name and no name that is too long in a question", () => {
    const pointer = Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1]);
    assert.equal(parseQuery(pointer).type, "hostile");
    assert.equal(parseQuery(query(Array.from({ length: 5 }, () => "a".repeat(60)).join("."))).type, "hostile");
    assert.equal(parseQuery(query(Array.from({ length: 4 }, () => "a".repeat(60)).join("."))).type, "question");
  });
});
