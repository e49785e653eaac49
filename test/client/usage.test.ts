import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { LiveUsage } from "../../client/views/live-usage.ts";
import { type StatsAnswer, usageOf, withUsage } from "../../client/views/usage.ts";
import { formatMessage } from "../../engine/base/message.ts";

const answer: StatsAnswer = {
  cpu_stats: { cpu_usage: { total_usage: 1_500 }, system_cpu_usage: 20_000, online_cpus: 2 },
  precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 10_000 },
  memory_stats: { usage: 30_000_000, limit: 1_000_000_000, stats: { inactive_file: 10_000_000 } },
  networks: { eth0: { rx_bytes: 1000, tx_bytes: 2000 }, eth1: { rx_bytes: 500, tx_bytes: 0 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: "Read", value: 4000 },
      { op: "write", value: 8000 },
    ],
  },
  pids_stats: { current: 3 },
};

describe("client/views/usage", () => {
  it("counts as docker's client does", () => {
    assert.deepEqual(usageOf(answer), {
      cpuPercent: 10,
      memoryBytes: 20_000_000,
      memoryLimitBytes: 1_000_000_000,
      receivedBytes: 1500,
      sentBytes: 2000,
      readBytes: 4000,
      writtenBytes: 8000,
      pids: 3,
    });
  });

  it("says nothing of the processor before there are two moments, and nothing of what does not run", () => {
    assert.equal(usageOf({ ...answer, precpu_stats: {} })?.cpuPercent, undefined);
    assert.equal(usageOf({ cpu_stats: {}, memory_stats: {} }), undefined);
    const { blkio_stats: _, ...noDisk } = answer;
    assert.equal(usageOf({ ...noDisk, blkio_stats: { io_service_bytes_recursive: null } })?.readBytes, 0);
  });

  it("puts it behind ports and image, and all of it into the tooltip", () => {
    const usage = usageOf(answer);
    assert.ok(usage);
    const show = (description: string) =>
      withUsage({ id: "a", label: "web", kind: "container.running", description, tooltip: "web" }, usage, (message) =>
        formatMessage(message),
      );
    const { description, tooltip } = show("3000→80 · app:1");
    assert.equal(description, "3000→80 · app:1 · 10% · 20 MB");
    assert.equal(show("app:1").description, "app:1 · 10% · 20 MB");
    assert.equal(
      tooltip,
      "web\n\nProcessor: 10%\nMemory: 20 MB / 1 GB\nNetwork: 1.5 kB in, 2 kB out\nDisk: 4 kB read, 8 kB written\nProcesses: 3",
    );
  });
});

describe("client/views/live-usage", () => {
  function lab() {
    const open = new Map<string, PassThrough>();
    const opened: string[] = [];
    const seen = new PassThrough({ objectMode: true });
    const live = new LiveUsage({
      async *open(id, signal) {
        opened.push(id);
        const stream = new PassThrough({ objectMode: true });
        open.set(id, stream);
        signal.addEventListener("abort", () => {
          open.delete(id);
          stream.destroy();
        });
        yield* stream as AsyncIterable<StatsAnswer>;
      },
      onUsage: (id) => void seen.write(id),
    });
    const next = async () => {
      if (seen.readableLength === 0) await once(seen, "readable");
      return seen.read() as string;
    };
    return { live, open, opened, next };
  }

  it("has one stream a container, of those that are wanted, and none when nothing is", async () => {
    const { live, open, opened, next } = lab();
    live.follow(["a", "b"]);
    live.follow(["b", "c"]);
    assert.deepEqual([...open.keys()], ["b", "c"]);
    open.get("b")?.write(answer);
    assert.equal(await next(), "b");
    assert.equal(live.last("b")?.pids, 3);
    live.follow([]);
    assert.deepEqual([...open.keys()], []);
    assert.equal(live.last("b"), undefined);
    assert.deepEqual(opened, ["a", "b", "c"]);
  });

  it("has no more streams than rows fit on a screen", () => {
    const { live, open } = lab();
    live.follow(Array.from({ length: 500 }, (_, at) => `c${at}`));
    assert.equal(open.size, 20);
    live.follow([]);
    assert.equal(open.size, 0);
  });

  it("changes a row no more than once a second", async () => {
    const { live, open, next } = lab();
    live.follow(["a", "b"]);
    for (let times = 0; times < 5; times++) open.get("a")?.write(answer);
    open.get("b")?.write(answer);
    assert.deepEqual([await next(), await next()].sort(), ["a", "b"]);
    live.follow([]);
  });

  it("opens a stream anew when it had broken off", async () => {
    const { live, open, opened, next } = lab();
    live.follow(["a"]);
    open.get("a")?.destroy(new Error("gone"));
    await new Promise(setImmediate);
    live.follow(["a"]);
    open.get("a")?.write(answer);
    assert.equal(await next(), "a");
    assert.deepEqual(opened, ["a", "a"]);
    live.follow([]);
  });
});
