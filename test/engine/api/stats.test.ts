import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

interface Stats {
  readonly name: string;
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current?: number };
  readonly cpu_stats: Cpu;
  readonly precpu_stats: Cpu;
  readonly memory_stats: { readonly usage?: number; readonly limit?: number; readonly stats?: object };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number }>>;
  readonly blkio_stats: { readonly io_service_bytes_recursive: object | null };
}

interface Cpu {
  readonly cpu_usage: { readonly total_usage: number };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

describe("statistics of a container", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
    await engine.containers.create({ image: "busybox", name: "web" });
    await engine.containers.start("web");
  });
  afterEach(() => engine.close());

  const ask = async (query: string) => (await engine.request("GET", `/containers/web/stats?${query}`)).json<Stats>();

  /** How docker's client reckons, in percent. */
  const cpuOf = ({ cpu_stats: now, precpu_stats: before }: Stats) => {
    const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
    const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
    return (used / passed) * (now.online_cpus ?? 0) * 100;
  };

  it("come once with what was before them, so that the client can say how much is used", async () => {
    const stats = await ask("stream=0");
    assert.equal(stats.name, "/web");
    assert.equal(cpuOf(stats), 10);
    assert.deepEqual(stats.memory_stats, { usage: 4096, stats: { inactive_file: 1024 }, limit: 8192 });
    assert.equal(stats.pids_stats.current, 3);
    assert.equal(stats.networks?.eth0?.rx_bytes, 5);
    assert.deepEqual(stats.blkio_stats.io_service_bytes_recursive, [{ major: 8, minor: 0, op: "read", value: 6 }]);
    assert.ok(stats.preread < stats.read);
  });

  it("come at once and alone when one shot is asked for", async () => {
    const stats = await ask("stream=0&one-shot=1");
    assert.equal(engine.containers.samples, 1);
    assert.equal(stats.precpu_stats.cpu_usage.total_usage, 0);
    assert.equal(stats.preread, "0001-01-01T00:00:00Z");
  });

  it("come each second until the client goes, each with the one before it", async () => {
    const leaving = new AbortController();
    const response = await engine.open("GET", "/containers/web/stats", { signal: leaving.signal });
    response.on("error", () => {});
    const lines = createInterface(response).on("error", () => {});
    // In a machine that stood still for a second, two lines come at once.
    const seen: Stats[] = [];
    for await (const line of lines) if (seen.push(JSON.parse(line) as Stats) === 2) break;
    const [one, two] = seen;
    assert.ok(one && two);
    assert.equal(two.precpu_stats.cpu_usage.total_usage, one.cpu_stats.cpu_usage.total_usage);
    leaving.abort();
  });

  it("are a name and nothing else for a container that does not run", async () => {
    await engine.containers.stop("web");
    const stats = await ask("stream=0");
    assert.deepEqual([stats.name, stats.memory_stats, stats.networks], ["/web", {}, undefined]);
    assert.equal(engine.containers.samples, 0);
    assert.equal((await engine.request("GET", "/containers/none/stats?stream=0")).status, 404);
  });
});
