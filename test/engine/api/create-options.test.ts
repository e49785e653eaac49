import assert from "node:assert/strict";
import { parseCreate } from "../../../engine/api/create-options.ts";
import { EngineError, type ErrorCode } from "../../../engine/base/errors.ts";
import type { CreateOptions } from "../../../engine/containers/types.ts";

const parse = (json: object, host: object = {}): CreateOptions =>
  parseCreate({ Image: "busybox", ...json, HostConfig: host }, undefined).options;
const warnings = (host: object) => parseCreate({ Image: "busybox", HostConfig: host }, undefined).warnings;
const throwsEngineError = (work: () => unknown, code: ErrorCode, message: RegExp) =>
  assert.throws(work, (error) => {
    assert.ok(error instanceof EngineError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
const refuses = (host: object, message: RegExp, json: object = {}) =>
  throwsEngineError(() => parse(json, host), "invalid-argument", message);

describe("what docker create says", () => {
  it("-v: folders and volumes, with what stands behind the second colon", () => {
    const bind = (text: string) => parse({}, { Binds: [text] }).mounts?.[0];
    assert.deepEqual(bind("/a/:/b/"), {
      ...{ type: "bind", source: "/a", target: "/b", readOnly: false, makeSource: true, written: "" },
    });
    assert.deepEqual(bind("/a:/b:ro,z,rshared"), {
      ...{ type: "bind", source: "/a", target: "/b", readOnly: true, makeSource: true, written: "ro,z,rshared" },
      propagation: "rshared",
    });
    assert.deepEqual(bind("data:/b:nocopy"), {
      ...{ type: "volume", source: "data", target: "/b", readOnly: false, written: "nocopy", noCopy: true },
    });
    assert.deepEqual(parse({ Volumes: { "/data": {}, "/b": {} } }, { Binds: ["/a:/b"] }).mounts?.[1], {
      ...{ type: "volume", source: "", target: "/data", readOnly: false, anonymous: true, written: "" },
    });
    for (const text of ["/a", "/a:b", "/a:/", "/a:/b:ro:x", ":/b", "/a:/b:"]) {
      refuses({ Binds: [text] }, /^invalid volume specification: '/);
    }
    refuses({ Binds: ["/a:/b:rx"] }, /^invalid mode: rx/);
    refuses({ Binds: ["/a:/b:ro,rw"] }, /^invalid mode: ro,rw/);
    refuses({ Binds: ["a:/b:rshared"] }, /^invalid mode/);
    refuses({ Binds: ["a b:/c"] }, /"a b" includes invalid characters for a local volume name/);
    refuses({ Binds: ["/a:/c", "b:/c/"] }, /^Duplicate mount point: \/c/);
  });

  it("--mount: bind, volume and tmpfs with their options", () => {
    const mount = (mount: object) => parse({}, { Mounts: [{ Target: "/t", ...mount }] }).mounts?.[0];
    assert.deepEqual(mount({ Type: "bind", Source: "/a", ReadOnly: true, BindOptions: { Propagation: "rslave" } }), {
      ...{ type: "bind", source: "/a", target: "/t", readOnly: true, makeSource: false, propagation: "rslave" },
    });
    const driver = { Name: "local", Options: { type: "tmpfs", device: "tmpfs" } };
    const volume = { NoCopy: true, Labels: { a: "b" }, Subpath: "in/it", DriverConfig: driver };
    assert.deepEqual(mount({ Type: "volume", Source: "data", VolumeOptions: volume }), {
      ...{ type: "volume", source: "data", target: "/t", readOnly: false, noCopy: true, subpath: "in/it" },
      ...{ labels: { a: "b" }, driverOptions: { type: "tmpfs", device: "tmpfs" } },
    });
    assert.deepEqual(mount({ Type: "volume" }), {
      ...{ type: "volume", source: "", target: "/t", readOnly: false, anonymous: true },
    });
    assert.deepEqual(mount({ Type: "tmpfs", TmpfsOptions: { SizeBytes: 4096, Mode: 0o1770 } }), {
      ...{ type: "tmpfs", target: "/t", options: "size=4096,mode=1770" },
    });
    assert.deepEqual(parse({}, { Tmpfs: { "/run": "size=1m" } }).mounts, [
      { type: "tmpfs", target: "/run", options: "size=1m", written: "size=1m" },
    ]);
    const refused = (mount: object, message: RegExp) => refuses({ Mounts: [{ Target: "/t", ...mount }] }, message);
    refused({ Type: "npipe" }, /for type "npipe": mount type unknown/);
    refused({ Type: "bind" }, /for type "bind": field Source must not be empty/);
    refused({ Type: "bind", Source: "a" }, /invalid mount path: 'a' mount path must be absolute/);
    refused({ Type: "bind", Source: "/a", VolumeOptions: {} }, /field VolumeOptions must not be specified/);
    refused({ Type: "bind", Source: "/a", BindOptions: { Propagation: "up" } }, /invalid propagation mode: up/);
    refused({ Type: "volume", Target: "/" }, /destination can't be '\/'/);
    refused({ Type: "volume", Target: "" }, /field Target must not be empty/);
    refused({ Type: "volume", Source: "v", VolumeOptions: { Subpath: "../x" } }, /leads out of the volume/);
    refused({ Type: "tmpfs", Source: "/a" }, /field Source must not be specified/);
    throwsEngineError(() => parse({}, { VolumeDriver: "nfs" }), "not-found", /plugin "nfs" not found/);
  });

  it("networks of any name, and what is wanted of each", () => {
    const networking = {
      NetworkingConfig: {
        EndpointsConfig: {
          front: { Aliases: ["web"], IPAMConfig: { IPv4Address: "10.1.0.5" }, MacAddress: "02:00:00:00:00:01" },
          back: null,
        },
      },
    };
    const options = parse(networking, { NetworkMode: "front", Links: ["db:database"] });
    assert.equal(options.networkMode, "front");
    assert.deepEqual(options.endpoints, {
      front: { aliases: ["web"], ipv4: "10.1.0.5", links: ["db:database"], macAddress: "02:00:00:00:00:01" },
      back: {},
    });
    assert.deepEqual(parse({ MacAddress: "02:00:00:00:00:02" }).endpoints, {
      bridge: { macAddress: "02:00:00:00:00:02" },
    });
    for (const mode of ["", "default", "bridge"]) assert.equal(parse({}, { NetworkMode: mode }).networkMode, undefined);
    assert.equal(parse({ NetworkDisabled: true }).networkMode, "none");
    assert.equal(parse({}, { NetworkMode: "container:web" }).networkMode, "container:web");
    const inside = { NetworkMode: "container:web" };
    refuses({ ...inside, Dns: ["192.0.2.1"] }, /conflicting options: dns and the network mode/);
    refuses(inside, /conflicting options: hostname and the network mode/, { Hostname: "box" });
    refuses({ ...inside, PublishAllPorts: true }, /port publishing and the network mode/);
    refuses({ NetworkMode: "host", Links: ["a"] }, /host type networking and links/);
  });

  it("restart policies, health checks and logs", () => {
    const policy = (Name: string, MaximumRetryCount = 0) => ({ RestartPolicy: { Name, MaximumRetryCount } });
    assert.deepEqual(parse({}, policy("on-failure", 3)).restartPolicy, { name: "on-failure", maximumRetryCount: 3 });
    assert.deepEqual(parse({}, policy("")).restartPolicy, { name: "no", maximumRetryCount: 0 });
    refuses(policy("sometimes"), /unknown policy 'sometimes'/);
    refuses(policy("always", 3), /can only be used with 'on-failure'/);
    refuses(policy("on-failure", -1), /cannot be negative/);
    refuses({ ...policy("always"), AutoRemove: true }, /can't create 'AutoRemove' container with restart policy/);

    const healthcheck = { Test: ["CMD-SHELL", "true"], Interval: 2_500_000_000, Timeout: 0, Retries: 4 };
    assert.deepEqual(parse({ Healthcheck: healthcheck }).healthcheck, {
      ...{ test: ["CMD-SHELL", "true"], intervalMs: 2500, retries: 4 },
    });
    assert.deepEqual(parse({ Healthcheck: { Test: ["NONE"] } }).healthcheck, { test: ["NONE"] });
    assert.equal(parse({ Healthcheck: {} }).healthcheck, undefined);
    refuses({}, /Interval in Healthcheck cannot be less than 1ms/, { Healthcheck: { Interval: 5 } });
    refuses({}, /Retries in Healthcheck cannot be negative/, { Healthcheck: { Retries: -1 } });
    refuses({}, /Unknown healthcheck type 'RUN'/, { Healthcheck: { Test: ["RUN", "x"] } });

    const log = (Type: string, Config = {}) => parse({}, { LogConfig: { Type, Config } }).log;
    assert.equal(log(""), undefined);
    assert.deepEqual(log("none"), { driver: "none", options: {} });
    assert.deepEqual(log("json-file", { "max-size": "1.5m", "max-file": "3" }), {
      ...{ driver: "json-file", maxSizeBytes: 1_500_000, maxFiles: 3 },
      options: { "max-size": "1.5m", "max-file": "3" },
    });
    assert.deepEqual(log("local"), { driver: "json-file", maxSizeBytes: 20_000_000, maxFiles: 5, options: {} });
    refuses({ LogConfig: { Type: "syslog" } }, /plugin "syslog" not found/);
    refuses({ LogConfig: { Type: "json-file", Config: { colour: "red" } } }, /unknown log opt 'colour'/);
    refuses({ LogConfig: { Config: { "max-size": "much" } } }, /invalid value for log opt max-size: much/);
    refuses({ LogConfig: { Config: { "max-file": "0" } } }, /max-file/);
  });

  it("limits, with what Docker says about impossible ones", () => {
    const mib = 1024 * 1024;
    const host = { Memory: 64 * mib, MemorySwap: -1, NanoCpus: 5e8, PidsLimit: 20, MemorySwappiness: -1, CpuShares: 0 };
    assert.deepEqual(parse({}, host).resources, {
      ...{ memoryBytes: 64 * mib, memorySwapBytes: -1, nanoCpus: 5e8, pidsLimit: 20 },
    });
    assert.equal(parse({}, { Memory: 0, PidsLimit: 0, OomKillDisable: false }).resources, undefined);
    refuses({ Memory: mib }, /Minimum memory limit allowed is 6MB/);
    refuses({ MemorySwap: 64 * mib }, /always set the Memory limit when using Memoryswap/);
    refuses({ Memory: 64 * mib, MemorySwap: mib }, /memoryswap limit should be larger than memory/);
    refuses({ Memory: 64 * mib, MemoryReservation: 65 * mib }, /can not be less than memory reservation/);
    refuses({ MemorySwappiness: 101 }, /valid memory swappiness range is 0-100/);
    refuses({ NanoCpus: 1e15 }, /Range of CPUs is from 0.01 to/);
    refuses({ NanoCpus: 1e9, CpuQuota: 5000 }, /Nano CPUs and CPU Quota cannot both be set/);
    refuses({ CpuPeriod: 999 }, /CPU cfs period/);
    refuses({ CpusetCpus: "a" }, /Invalid value a for cpuset cpus/);
    refuses({ CpusetCpus: "9999" }, /Requested CPUs are not available/);
    refuses({ BlkioWeight: 5 }, /Range of blkio weight/);
    refuses({ OomScoreAdj: 1001 }, /range for oom score adj/);
    refuses({ ShmSize: -1 }, /SHM size can not be less than 0/);
    assert.deepEqual(parse({}, { Ulimits: [{ Name: "nofile", Soft: 10, Hard: 20 }] }).ulimits, [
      { name: "nofile", soft: 10, hard: 20 },
    ]);
    refuses({ Ulimits: [{ Name: "files", Soft: 1, Hard: 1 }] }, /invalid ulimit: files=1:1/);
    refuses({ Ulimits: [{ Name: "nofile", Soft: 3, Hard: 1 }] }, /invalid ulimit/);
  });

  it("rights and namespaces", () => {
    const profile = '{"defaultAction":"SCMP_ACT_ALLOW"}';
    const options = parse({}, { SecurityOpt: ["no-new-privileges", `seccomp=${profile}`, "label=disable"] });
    assert.equal(options.noNewPrivileges, true);
    assert.equal(options.seccomp, profile);
    assert.deepEqual(options.securityOpt, ["no-new-privileges", "seccomp={…}", "label=disable"]);
    assert.equal(parse({}, { SecurityOpt: ["seccomp:unconfined"] }).seccomp, "unconfined");
    assert.equal(parse({}, { SecurityOpt: ["no-new-privileges:false"] }).noNewPrivileges, false);
    refuses({ SecurityOpt: ["seccomp=/a/file"] }, /Decoding seccomp profile failed/);
    refuses({ SecurityOpt: ["magic"] }, /invalid --security-opt: "magic"/);
    assert.deepEqual(parse({}, { CapAdd: ["cap_net_admin"], CapDrop: ["all"] }).capAdd, ["NET_ADMIN"]);
    refuses({ CapAdd: ["FLY"] }, /invalid CapAdd: unknown capability: "CAP_FLY"/);
    assert.deepEqual(parse({}, { MaskedPaths: [], ReadonlyPaths: null }).maskedPaths, []);
    assert.equal(parse({}, { ReadonlyPaths: null }).readonlyPaths, undefined);
    assert.equal(parse({}, { PidMode: "container:web" }).pidMode, "container:web");
    assert.equal(parse({}, { IpcMode: "shareable" }).ipcMode, "shareable");
    refuses({ PidMode: "ours" }, /invalid PID mode: ours/);
    refuses({ IpcMode: "container:" }, /invalid IPC mode/);
    refuses({ UTSMode: "host" }, /hostname and the UTS mode/, { Hostname: "box" });
    refuses({ Runtime: "kata" }, /unknown or invalid runtime name: kata/);
    throwsEngineError(
      () => parse({}, { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] }),
      "unsupported",
      /could not select device driver "" with capabilities: \[\[gpu\]\]/,
    );
  });

  it("the rest of it", () => {
    const options = parse(
      { Domainname: "example.org", AttachStdout: true, AttachStdin: true },
      {
        Init: true,
        ConsoleSize: [24, 80],
        ShmSize: 1024,
        Sysctls: { "net.core.somaxconn": "1" },
        Devices: [{ PathOnHost: "/dev/null", PathInContainer: "", CgroupPermissions: "r" }],
        GroupAdd: ["audio"],
        Dns: ["192.0.2.53"],
        VolumesFrom: ["web:ro"],
        Annotations: { a: "b" },
      },
    );
    assert.deepEqual(options, {
      ...{ image: "busybox", domainname: "example.org", attach: ["stdin", "stdout"], init: true },
      ...{ consoleSize: { rows: 24, columns: 80 }, shmSizeBytes: 1024, sysctls: { "net.core.somaxconn": "1" } },
      ...{ devices: [{ source: "/dev/null", target: "/dev/null", permissions: "r" }], groupAdd: ["audio"] },
      ...{ dns: ["192.0.2.53"], volumesFrom: ["web:ro"], annotations: { a: "b" } },
    });
    refuses({}, /Env must be a list of NAME=value/, { Env: ["=x"] });
  });

  it("warns of what this engine does not do, and of nothing else", () => {
    assert.deepEqual(warnings({ Memory: 64 * 1024 * 1024, Dns: ["192.0.2.1"], SomethingNew: 1 }), []);
    assert.deepEqual(warnings({ CgroupParent: "/x", BlkioDeviceReadBps: [], KernelMemory: 0 }), [
      "CgroupParent is ignored.",
    ]);
    assert.deepEqual(warnings({ SecurityOpt: ["apparmor=mine", "apparmor=unconfined"] }), [
      "SecurityOpt apparmor=mine is ignored.",
    ]);
    const published = { PortBindings: { "80/tcp": [{ HostPort: "80" }] } };
    assert.deepEqual(warnings(published), []);
    assert.deepEqual(warnings({ NetworkMode: "host", ...published }), [
      "Published ports are discarded when using host network mode",
    ]);
  });
});
