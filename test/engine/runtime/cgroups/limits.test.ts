import assert from "node:assert/strict";
import { writesOfV1, writesOfV2 } from "../../../../engine/runtime/cgroups/limits.ts";
import { usageV1, usageV2 } from "../../../../engine/runtime/cgroups/usage.ts";
import type { CgroupLimits } from "../../../../engine/runtime/types.ts";

const limits: CgroupLimits = {
  memoryBytes: 64 << 20,
  memorySwapBytes: 96 << 20,
  memoryReservationBytes: 32 << 20,
  memorySwappiness: 10,
  oomKillDisable: true,
  cpuShares: 1024,
  cpuPeriodUs: 50_000,
  cpuQuotaUs: 25_000,
  cpusetCpus: "0-1",
  cpusetMems: "0",
  pidsLimit: 20,
  blkioWeight: 500,
};
const lines = (writes: ReturnType<typeof writesOfV1>) => writes.map(({ files, value }) => `${files[0]} ${value}`);

describe("limits of a control group", () => {
  it("are files of v1", () => {
    assert.deepEqual(lines(writesOfV1(limits)), [
      "memory.limit_in_bytes 67108864",
      "memory.memsw.limit_in_bytes 100663296",
      "memory.soft_limit_in_bytes 33554432",
      "memory.swappiness 10",
      "memory.oom_control 1",
      "cpu.shares 1024",
      "cpu.cfs_period_us 50000",
      "cpu.cfs_quota_us 25000",
      "cpuset.cpus 0-1",
      "cpuset.mems 0",
      "pids.max 20",
      "blkio.weight 500",
    ]);
  });
  it("are files of v2, with weights for shares and swap without the memory", () => {
    assert.deepEqual(lines(writesOfV2(limits)), [
      "memory.max 67108864",
      "memory.swap.max 33554432",
      "memory.low 33554432",
      "cpu.weight 39",
      "cpu.max 25000 50000",
      "cpuset.cpus 0-1",
      "cpuset.mems 0",
      "pids.max 20",
      "io.weight 4950",
    ]);
  });
  it("can be taken away, and nothing is written for what is not said", () => {
    const none = { memoryBytes: -1, memorySwapBytes: -1, pidsLimit: -1, cpuQuotaUs: -1 };
    assert.deepEqual(lines(writesOfV1(none)), [
      "memory.limit_in_bytes -1",
      "memory.memsw.limit_in_bytes -1",
      "cpu.cfs_quota_us -1",
      "pids.max max",
    ]);
    assert.deepEqual(lines(writesOfV2(none)), [
      "memory.max max",
      "memory.swap.max max",
      "cpu.max max 100000",
      "pids.max max",
    ]);
    assert.deepEqual([...writesOfV1({}), ...writesOfV2({})], []);
  });
});

describe("what a control group counted", () => {
  const reader = (files: Readonly<Record<string, string>>) => (_controller: string, file: string) => files[file] ?? "";
  it("is read from v1", () => {
    const usage = usageV1(
      reader({
        "memory.usage_in_bytes": "4096\n",
        "memory.max_usage_in_bytes": "8192\n",
        "memory.limit_in_bytes": "9223372036854771712\n",
        "memory.stat": "cache 1\nrss 2\n",
        "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
        "cpuacct.usage": "5000000000\n",
        "cpuacct.stat": "user 12\nsystem 3\n",
        "cpu.stat": "nr_periods 4\nnr_throttled 2\nthrottled_time 77\n",
        "pids.current": "2\n",
        "pids.max": "max\n",
        "blkio.throttle.io_service_bytes_recursive": "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n",
      }),
    );
    assert.deepEqual(usage, {
      cpuTotalNs: 5_000_000_000n,
      cpuUserNs: 120_000_000n,
      cpuSystemNs: 30_000_000n,
      throttling: { periods: 4, throttled: 2, throttledNs: 77n },
      memoryBytes: 4096,
      memoryMaxBytes: 8192,
      memoryParts: { cache: 1, rss: 2 },
      pids: 2,
      oomKills: 3,
      blockIo: [
        { major: 8, minor: 0, op: "read", bytes: 10 },
        { major: 8, minor: 0, op: "write", bytes: 20 },
      ],
    });
  });
  it("is read from v2", () => {
    const usage = usageV2(
      reader({
        "memory.current": "4096\n",
        "memory.max": "1048576\n",
        "memory.stat": "anon 1\nfile 2\n",
        "memory.events": "low 0\noom 1\noom_kill 1\n",
        "cpu.stat": "usage_usec 50\nuser_usec 40\nsystem_usec 10\nnr_periods 4\nnr_throttled 2\nthrottled_usec 7\n",
        "pids.current": "2\n",
        "pids.max": "20\n",
        "io.stat": "8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n",
      }),
    );
    assert.deepEqual(usage, {
      cpuTotalNs: 50_000n,
      cpuUserNs: 40_000n,
      cpuSystemNs: 10_000n,
      throttling: { periods: 4, throttled: 2, throttledNs: 7000n },
      memoryBytes: 4096,
      memoryLimitBytes: 1 << 20,
      memoryParts: { anon: 1, file: 2 },
      pids: 2,
      pidsLimit: 20,
      oomKills: 1,
      blockIo: [
        { major: 8, minor: 0, op: "read", bytes: 10 },
        { major: 8, minor: 0, op: "write", bytes: 20 },
      ],
    });
  });
});
