import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Outbound } from "../../../engine/base/drydock-api.ts";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createNetworkSetup } from "../../../engine/runtime/network.ts";
import { processStat } from "../../../engine/runtime/proc.ts";
import type { HostFacts } from "../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;

describe("container networks", () => {
  if (inside !== undefined) {
    describe(inside, suite);
    return;
  }
  if (isRoot) describe("as root", suite);
  it("work for an ordinary user", async () => {
    await runAgain({
      bundle: __filename,
      inside: "as an ordinary user",
      prefix: userNamespaces,
      ...(isRoot && { user: ordinaryUser() }),
    });
  }).timeout(300_000);
});

function suite(): void {
  let facts: HostFacts;
  let dir: string;
  before(async () => {
    facts = await probeHost();
    dir = mkdtempSync(path.join(tmpdir(), "drydock-net-"));
  });
  after(() => rmSync(dir, { recursive: true }));
  const within = async (namespace: string, file: string, ...args: string[]) =>
    (await promisify(execFile)("nsenter", [`--net=${namespace}`, "--", file, ...args])).stdout;

  it("has only loopback, up, without a way out, and goes again", async () => {
    const setup = createNetworkSetup({ ...facts, outbound: "none" }, dir);
    const network = await setup.create("quiet");
    assert.equal(network.helperPid, undefined);
    assert.match(await within(network.path, "cat", "/proc/net/dev"), /^[^:]*\n?[^:]*lo:[^:]*$/);
    await within(
      network.path,
      process.execPath,
      "-e",
      "require('net').createServer().listen(0, '127.0.0.1', () => process.exit())",
    );
    // Not only root may listen on port 80 there.
    assert.equal((await within(network.path, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start")).trim(), "0");
    await setup.remove("quiet");
    await setup.remove("quiet");
    assert.deepEqual(readdirSync(dir), []);
    assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), /drydock-net-.*quiet/);
  });

  it("makes a name anew that an engine left behind", async () => {
    const setup = createNetworkSetup({ ...facts, outbound: "none" }, dir);
    await setup.create("again");
    await createNetworkSetup({ ...facts, outbound: "none" }, dir).create("again");
    await setup.remove("again");
  });

  it("needs no ip program", async () => {
    for (const gone of [["ip"], ["ip", "ifconfig"], ["ip", "ifconfig", "busybox"]]) {
      const tools = { ...facts.tools, ...Object.fromEntries(gone.map((name) => [name, undefined])) };
      const setup = createNetworkSetup({ ...facts, outbound: "none", tools }, dir);
      const { path: namespace } = await setup.create("noip");
      assert.match(await within(namespace, "cat", "/proc/net/if_inet6"), /lo\n/);
      await setup.remove("noip");
    }
  });

  for (const outbound of ["pasta", "slirp4netns"] as const) {
    it(`reaches the host's network but not its loopback, through ${outbound} where that may run`, async () => {
      // An account may be kept from /dev/net/tun; then there is nothing to connect with, which is what the facts say.
      if (facts.outbound === "none") return assert.ok(facts.notes.length > 0);
      await reaches(outbound);
    });
  }

  async function reaches(outbound: Outbound): Promise<void> {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry && !entry.internal && entry.family === "IPv4")?.address;
    const outside = await listen("0.0.0.0");
    const { port } = outside.address() as AddressInfo;
    const setup = createNetworkSetup({ ...facts, outbound }, dir);
    const name = `out-${outbound}`;
    const network = await setup.create(name);
    const greeting = (host: string) =>
      within(
        network.path,
        process.execPath,
        "-e",
        `require("net").connect(${port}, "${host}").on("data", (data) => { console.log(String(data)); process.exit() }).on("error", () => process.exit())`,
      );
    try {
      assert.ok(processStat(network.helperPid ?? 0));
      assert.match(network.resolvConf, /^nameserver /);
      // 0.0.0.0/0 with a gateway.
      assert.match(await within(network.path, "cat", "/proc/net/route"), /\n\S+\s+00000000\s+(?!00000000)/);
      assert.equal(await greeting("127.0.0.1"), "");
      if (address) assert.equal(await greeting(address), "hello\n");
    } finally {
      await setup.remove(name);
      outside.close();
    }
    while (isAlive(network.helperPid ?? 0)) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(readdirSync(dir), []);
  }
}

function isAlive(pid: number): boolean {
  return !["Z", "X", undefined].includes(processStat(pid)?.state);
}

function listen(host: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end("hello"));
    server.listen(0, host, () => resolve(server));
  });
}
