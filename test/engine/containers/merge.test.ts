import assert from "node:assert/strict";
import type { EngineError } from "../../../engine/base/errors.ts";
import { hostsFile } from "../../../engine/containers/etc-files.ts";
import { mergeConfig, mergeEnv, parsePort, portsToPublish, processEnv } from "../../../engine/containers/merge.ts";
import { checkName, generateId, generateName } from "../../../engine/containers/names.ts";
import { tmpfsMount } from "../../../engine/containers/process-spec.ts";
import { parseSignal } from "../../../engine/containers/signals.ts";

const invalid = (error: EngineError) => error.code === "invalid-argument";

describe("containers: what will run", () => {
  const image = { Entrypoint: ["/entry"], Cmd: ["serve"] };
  const command = (options: object, from: object = image) => {
    const { path, args } = mergeConfig({ image: "i", ...options }, from);
    return [path, ...args];
  };

  it("takes entrypoint and command from the image unless they are given", () => {
    assert.deepEqual(command({}), ["/entry", "serve"]);
    assert.deepEqual(command({ cmd: ["other"] }), ["/entry", "other"]);
    assert.deepEqual(command({ cmd: [] }), ["/entry", "serve"]);
  });

  it("drops the image's command when an entrypoint is given", () => {
    assert.deepEqual(command({ entrypoint: ["/own"] }), ["/own"]);
    assert.deepEqual(command({ entrypoint: ["/own"], cmd: ["x"] }), ["/own", "x"]);
  });

  it('takes [""] as "no entrypoint"', () => {
    assert.deepEqual(command({ entrypoint: [""], cmd: ["sh"] }), ["sh"]);
    assert.throws(() => command({ entrypoint: [""] }), invalid);
  });

  it("takes an empty word for a program that will not be found", () => {
    assert.deepEqual(command({ cmd: [""] }, { Cmd: ["sh"] }), [""]);
    assert.deepEqual(command({ entrypoint: [""], cmd: [""] }), [""]);
  });

  it("says that there is nothing to run", () => {
    assert.throws(() => command({}, {}), invalid);
    assert.throws(() => command({}, { Entrypoint: null, Cmd: null }), invalid);
  });

  it("merges variables by name; a bare name takes one away", () => {
    assert.deepEqual(mergeEnv(["A=1", "B=2"], ["B=3", "C=4", "A"]), ["B=3", "C=4"]);
    assert.deepEqual(mergeEnv(["A=x=y"], []), ["A=x=y"]);
  });

  it("adds PATH, HOSTNAME, HOME, and TERM for a terminal", () => {
    const container = { env: ["PATH=/bin", "X=1"], hostname: "h" };
    assert.deepEqual(processEnv(container, { tty: true, home: "/root" }), [
      "PATH=/bin",
      "HOSTNAME=h",
      "TERM=xterm",
      "X=1",
      "HOME=/root",
    ]);
    const plain = processEnv({ env: ["HOME=/own"], hostname: "h" }, { tty: false, home: "/root", env: ["Y=2"] });
    assert.ok(plain[0]?.startsWith("PATH=/usr/local/sbin:"));
    assert.deepEqual(plain.slice(1), ["HOSTNAME=h", "HOME=/own", "Y=2"]);
  });

  it("merges labels, ports, user, folder and stop signal", () => {
    const merged = mergeConfig(
      {
        image: "i",
        labels: { a: "own" },
        user: "me",
        ports: [{ containerPort: 53, protocol: "udp", hostIp: "", hostPort: 5353 }],
        exposedPorts: ["80", "8080/TCP"],
      },
      {
        Cmd: ["x"],
        Labels: { a: "image", b: "image" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/srv",
        StopSignal: "SIGQUIT",
        User: "other",
      },
    );
    assert.deepEqual(merged.labels, { a: "own", b: "image" });
    assert.deepEqual(merged.exposedPorts, ["80/tcp", "8080/tcp", "53/udp"]);
    assert.deepEqual([merged.user, merged.workingDir, merged.stopSignal], ["me", "/srv", "SIGQUIT"]);
    assert.throws(() => mergeConfig({ image: "i", workingDir: "relative" }, { Cmd: ["x"] }), invalid);
    assert.throws(() => mergeConfig({ image: "i", stopSignal: "BOO" }, { Cmd: ["x"] }), invalid);
  });

  it("publishes what is mapped, and with publishAll the rest on free ports", () => {
    const mapped = { containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080 } as const;
    const exposedPorts = ["80/tcp", "53/udp"];
    assert.deepEqual(portsToPublish({ options: { image: "i", ports: [mapped] }, exposedPorts }), [mapped]);
    assert.deepEqual(portsToPublish({ options: { image: "i", ports: [mapped], publishAll: true }, exposedPorts }), [
      mapped,
      { containerPort: 53, protocol: "udp", hostIp: "", hostPort: 0 },
    ]);
    assert.deepEqual(
      portsToPublish({ options: { image: "i", ports: [mapped], networkMode: "host" }, exposedPorts }),
      [],
    );
    for (const text of ["0", "65536", "80/sctp", "x", "80/tcp/", "-1"]) assert.throws(() => parsePort(text), invalid);
  });

  it("knows signals by name and number", () => {
    assert.deepEqual(["TERM", "SIGTERM", "sigkill", "15", "RTMIN+3"].map(parseSignal), [15, 15, 9, 15, 37]);
    for (const text of ["", "0", "65", "SIGNOPE", "RTMIN+99", "toString"])
      assert.throws(() => parseSignal(text), invalid);
  });

  it("makes names that are free, and refuses bad ones", () => {
    assert.match(
      generateName(() => false),
      /^[a-z]+_[a-z]+$/,
    );
    let asked = 0;
    const crowded = generateName(
      () => asked++ < 20,
      () => 0,
    );
    assert.match(crowded, /^[a-z]+_[a-z]+20$/);
    for (const name of ["", "a", "-ab", "a b", "a/b", "é1"]) assert.throws(() => checkName(name), invalid);
    assert.equal(checkName("/web_1.x-y"), "web_1.x-y");
    assert.match(generateId(), /^[0-9a-f]{64}$/);
  });

  it("writes extra hosts, and refuses what is not an address", () => {
    const text = hostsFile({ hostname: "box", options: { image: "i", extraHosts: ["db:10.0.0.1", "six=[::2]"] } });
    assert.match(text, /^127\.0\.0\.1\tlocalhost\n/);
    assert.match(text, /10\.0\.0\.1\tdb\n::2\tsix\n127\.0\.0\.1\tbox\n$/);
    for (const entry of ["db", "db:nowhere", "a b:1.1.1.1", "x:1.1.1.1\n2.2.2.2 y"]) {
      assert.throws(() => hostsFile({ hostname: "box", options: { image: "i", extraHosts: [entry] } }), invalid);
    }
    const gateway = { image: "i", extraHosts: ["host.docker.internal:host-gateway"] };
    assert.throws(
      () => hostsFile({ hostname: "b", options: gateway }),
      (error: EngineError) => error.code === "unsupported",
    );
    assert.match(
      hostsFile({ hostname: "b", options: gateway }, { addresses: [], more: [], hostGateway: "10.1.2.3" }),
      /10\.1\.2\.3\thost\.docker/,
    );
  });

  it("knows a host name with a domain by its first part, too", () => {
    const lastLine = (hostname: string, domainname?: string) =>
      hostsFile({ hostname, options: { image: "i", ...(domainname ? { domainname } : {}) } })
        .trimEnd()
        .split("\n")
        .at(-1);
    assert.equal(lastLine("box"), "127.0.0.1\tbox");
    assert.equal(lastLine("web.example.com"), "127.0.0.1\tweb.example.com web");
    assert.equal(lastLine("web", "example.com"), "127.0.0.1\tweb.example.com web");
  });

  it("reads the options of a tmpfs", () => {
    const tmpfs = { type: "tmpfs", target: "/t" };
    assert.deepEqual(tmpfsMount("/t", ""), { ...tmpfs, noExec: true });
    assert.deepEqual(tmpfsMount("/t", "exec,nosuid,relatime"), tmpfs);
    assert.deepEqual(tmpfsMount("/t", "ro,uid=5,gid=6,nr_inodes=70"), {
      ...tmpfs,
      ...{ uid: 5, gid: 6, inodes: 70, readOnly: true, noExec: true },
    });
    assert.deepEqual(tmpfsMount("/t", "rw,noexec,size=64m,mode=1777"), {
      type: "tmpfs",
      target: "/t",
      sizeBytes: 64 * 1024 * 1024,
      mode: 0o1777,
      noExec: true,
    });
    for (const wrong of ["size=big", "uid=app", "bogus", "ro bogus"]) {
      assert.throws(() => tmpfsMount("/t", wrong), invalid, wrong);
    }
  });
});
