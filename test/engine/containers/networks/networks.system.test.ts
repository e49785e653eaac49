import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import type { EngineError } from "../../../../engine/base/errors.ts";
import type { CreateOptions } from "../../../../engine/containers/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../../support/as-user.ts";
import { logText, logUntil, outputOf } from "../../../support/containers-lab.ts";
import { openSystemLab, type SystemLab } from "../../../support/containers-system-lab.ts";

const failsWith = (code: string) => (error: EngineError) => error.code === code;

if (process.env[insideVariable]) isolated();
else
  describe("networks (isolated)", function () {
    this.timeout(900_000);
    it("all of it as root", () => runAgain({ bundle: __filename, inside: "root", prefix: ["unshare", "--mount"] }));
    it("all of it as an ordinary user", () =>
      runAgain({ bundle: __filename, inside: "user", user: ordinaryUser(), prefix: userNamespaces }));
  });

function isolated(): void {
  describe("networks inside of the namespaces", () => {
    let lab: SystemLab;
    before(async () => {
      lab = await openSystemLab();
      await lab.networks.create({ name: "shop" });
    });
    after(() => lab.close());

    const output = async (script: string, options: Partial<CreateOptions> = {}) => {
      const id = await lab.run(script, options);
      await lab.containers.wait(id, "not-running");
      return logText(lab.containers, id);
    };
    const server = (name: string, words: string, options: Partial<CreateOptions> = {}) =>
      lab.run(`while :; do echo ${words} | nc -l -p 80; done`, { name, networkMode: "shop", ...options });
    const inside = async (id: string, script: string) => {
      const { id: exec } = await lab.containers.createExec(id, { args: ["sh", "-c", script] });
      const { stdout, stderr } = await outputOf(await lab.containers.startExec(exec));
      return stdout + stderr;
    };
    /** Tries until somebody answers; the other nc may see the end of this one before it has something to say. */
    const ask = (host: string) =>
      `until a=$(nc ${host} 80 < /dev/null 2> /dev/null) && [ -n "$a" ]; do sleep 0.1; done; echo "$a"`;

    it("containers find each other by name, alias, id and address", async () => {
      const id = await server("web", "hello", { endpoints: { shop: { aliases: ["www"] } } });
      const address = lab.containers.get(id).endpoints[0]?.ipv4 ?? "";
      assert.match(address, /^172\.\d+\.0\.2$/);
      for (const name of ["web", "WWW", "web.shop", id.slice(0, 12), address])
        assert.equal(await output(ask(name), { networkMode: "shop" }), "hello\n", name);
      const seen = await output(`nslookup ${address} | grep -o 'name = .*'; ip -o -4 addr show eth0 | wc -l`, {
        networkMode: "shop",
      });
      assert.equal(seen, "name = web.shop\n1\n");
    });

    it("on the default bridge by address only, and by the names of links", async () => {
      const id = await server("db", "data", { networkMode: "bridge", exposedPorts: ["99/tcp"] });
      const address = lab.containers.get(id).endpoints[0]?.ipv4 ?? "";
      const linked = { endpoints: { bridge: { links: ["db:store"] } } };
      assert.equal(await output(`${ask(address)}; ${ask("store")}; ${ask("db")}`, linked), "data\ndata\ndata\n");
      assert.doesNotMatch(await output("cat /etc/resolv.conf"), /127\.0\.0\.11/);
      assert.doesNotMatch(await output("env", { networkMode: "shop", endpoints: { shop: { links: ["db"] } } }), /DB_/);
      const told = `tcp://${address}:99 ${address}\n`;
      assert.equal(await output("echo $STORE_PORT $STORE_PORT_99_TCP_ADDR", linked), told);
      const follower = await lab.run("sleep 1000", linked);
      assert.equal(await inside(follower, "echo $STORE_PORT $STORE_PORT_99_TCP_ADDR"), told);
      await lab.networks.create({ name: "filler" });
      await lab.containers.stop(id, { timeoutSeconds: 0 });
      // Its end is told before it is cleaned up behind it.
      while (lab.networks.endpointsIn(id)) await lab.nextEvent("disconnect");
      assert.doesNotMatch(await inside(follower, "cat /etc/hosts"), /store/);
      await lab.containers.start(id);
      assert.match(await inside(follower, "cat /etc/hosts"), /store db|store .* db/);
    });

    it("joins and leaves networks while it runs", async () => {
      const id = await lab.run("sleep 1000", { name: "guest" });
      await lab.containers.connect(id, "shop", { aliases: ["visitor"] });
      assert.equal(await inside(id, ask("web")), "hello\n");
      assert.match(await inside(id, "ip -o -4 addr"), /eth0[\s\S]*eth1/);
      assert.match(await output("ping -c1 -w5 visitor", { networkMode: "shop" }), /1 packets received/);
      await assert.rejects(lab.containers.connect(id, "shop", {}), failsWith("forbidden"));
      await lab.containers.disconnect(id, "shop");
      assert.doesNotMatch(await inside(id, "ip -o -4 addr"), /eth1/);
      assert.equal(lab.containers.get(id).endpoints.length, 1);
      await assert.rejects(lab.containers.disconnect(id, "shop"), failsWith("forbidden"));
    });

    it("gives the address, the MAC address and the resolver that were asked for", async () => {
      const network = await lab.networks.create({
        name: "fixed",
        subnets: [{ subnet: "10.77.0.0/24", gateway: "10.77.0.254" }],
      });
      const seen = await output("cat /sys/class/net/eth0/address; ip -o -4 addr show eth0; cat /etc/resolv.conf", {
        networkMode: network.id,
        endpoints: { fixed: { ipv4: "10.77.0.9", macAddress: "02:00:00:00:00:09" } },
        dnsSearch: ["example.test"],
        dnsOptions: ["timeout:1"],
      });
      assert.match(seen, /^02:00:00:00:00:09\n.*10\.77\.0\.9\/24/);
      assert.match(seen, /nameserver 127\.0\.0\.11\nsearch example\.test\noptions timeout:1 ndots:0/);
      assert.match(await output("cat /etc/resolv.conf", { dns: ["192.0.2.53"] }), /^nameserver 192\.0\.2\.53\n/);
      await assert.rejects(
        lab.run("true", { networkMode: "fixed", endpoints: { fixed: { ipv4: "10.78.0.1" } } }),
        failsWith("invalid-argument"),
      );
      await assert.rejects(
        lab.run("true", { endpoints: { bridge: { ipv4: "172.17.0.9" } } }),
        failsWith("invalid-argument"),
      );
      await lab.networks.remove("fixed");
      await assert.rejects(lab.run("true", { networkMode: "fixed" }), failsWith("invalid-argument"));
    });

    it("has IPv6 where the network has, and no way out where it is internal", async () => {
      await lab.networks.create({ name: "inner", internal: true, enableIpv6: true });
      const id = await lab.run("sleep 1000", { name: "six", networkMode: "inner" });
      const { ipv6 } = lab.containers.get(id).endpoints[0] ?? {};
      assert.match(ipv6 ?? "", /^fd/);
      const seen = await output("nslookup -type=aaaa six | grep -A9 Name; ip -o route; ls /sys/class/net", {
        networkMode: "inner",
      });
      assert.ok(seen.includes(`Address: ${ipv6}`), seen);
      assert.doesNotMatch(seen, /default|tap0/);
    });

    it("shares the network and the names of another container", async () => {
      const shared = { networkMode: "container:web" };
      assert.match(
        await output("ip -o -4 addr show eth0; hostname; cat /etc/hosts", shared),
        /172\.\d+\.0\.2\/16[\s\S]*\t/,
      );
      assert.equal(await output(ask("web"), shared), "hello\n");
      await assert.rejects(lab.run("true", { networkMode: "container:nobody" }), failsWith("not-found"));
      const id = await lab.run("sleep 1000", shared);
      await assert.rejects(lab.containers.connect(id, "shop", {}), failsWith("forbidden"));
    });

    it("is removed only when nobody runs in it, and those that are always there never", async () => {
      await assert.rejects(lab.networks.remove("shop"), failsWith("forbidden"));
      await assert.rejects(lab.networks.remove("bridge"), failsWith("forbidden"));
      await assert.rejects(lab.networks.create({ name: "shop" }), failsWith("conflict"));
      await assert.rejects(lab.networks.create({ name: "x", driver: "macvlan" }), failsWith("unsupported"));
    });

    it("reaches the host by name, its loopback when that was asked for", async () => {
      const host = net.createServer((socket) => socket.end("the host\n")).listen(0, "127.0.0.1");
      await once(host, "listening");
      const { port } = host.address() as net.AddressInfo;
      // A client that closes its half first gets all of it several times from pasta of 2023, and no end: this one listens to the end.
      const script = `mkfifo /open; exec 3<>/open; timeout 20 nc host.docker.internal ${port} <&3 2> /dev/null; true`;
      const asked = { extraHosts: ["host.docker.internal:host-gateway"] };
      try {
        if (lab.facts.outbound === "none") await assert.rejects(lab.run(script, asked), failsWith("unsupported"));
        else {
          assert.equal(await output(script, asked), "the host\n");
          assert.doesNotMatch(await output(script), /the host/);
          assert.match(await output("cat /etc/hosts"), /host\.docker\.internal host\.containers\.internal/);
        }
      } finally {
        host.close();
      }
    });

    it("publishes ports of programs that listen on the container's address only", async () => {
      const ports = [
        { containerPort: 81, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 0 },
        { containerPort: 81, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 0 },
      ] as const;
      const script =
        "A=$(grep $(hostname) /etc/hosts | cut -f1); mkdir /w; echo addr > /w/index.html; echo up; exec httpd -f -p $A:81 -h /w";
      const id = await lab.run(script, { networkMode: "shop", ports });
      await logUntil(lab.containers, id, "up");
      const [one, two] = lab.containers.get(id).publishedPorts;
      for (const port of [one, two]) {
        const answer = await answered(`http://127.0.0.1:${port?.hostPort}/`);
        assert.equal(await answer.text(), "addr\n");
      }
    });

    const answered = async (url: string): Promise<Response> => {
      for (;;) {
        const answer = await fetch(url).catch(() => undefined);
        if (answer) return answer;
      }
    };

    it("goes on without the engine, and is taken up by the next one", async () => {
      const web = lab.containers.list().find(({ name }) => name === "web");
      const before = web?.endpoints[0]?.ipv4;
      const asking = lab.containers.list().find(({ name }) => name === "guest")?.id ?? "";
      await lab.containers.connect(asking, "shop", {});
      await lab.reopen();
      assert.equal(await inside(asking, ask("web")), "hello\n");
      assert.equal(lab.containers.get("web").endpoints[0]?.ipv4, before);
      const id = await lab.run("sleep 1000", { networkMode: "shop" });
      const taken = lab.containers.list().flatMap(({ endpoints }) => endpoints.flatMap(({ ipv4 }) => ipv4 ?? []));
      assert.equal(new Set(taken).size, taken.length);
      assert.equal(await inside(id, ask("web")), "hello\n");
    });

    it("leaves no namespace behind when all is over", async () => {
      for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
      for (const { name } of lab.networks.list())
        if (!["bridge", "host", "none"].includes(name)) await lab.networks.remove(name);
      await lab.networks.recover([]);
      assert.deepEqual(readdirSync(path.join(lab.home, "netns")), []);
      assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(`${lab.home}/netns`));
    });
  });
}
