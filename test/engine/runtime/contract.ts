import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { EngineError } from "../../../engine/base/errors.ts";
import { createCgroups } from "../../../engine/runtime/cgroups/cgroups.ts";
import { processesOf } from "../../../engine/runtime/cgroups/members.ts";
import { findCgroupTree } from "../../../engine/runtime/cgroups/tree.ts";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createNetworkSetup } from "../../../engine/runtime/network.ts";
import { processStat } from "../../../engine/runtime/proc.ts";
import type {
  CgroupPlace,
  Cgroups,
  CgroupTree,
  ProcessSpec,
  RunningProcess,
  RunSpec,
  Runtime,
} from "../../../engine/runtime/types.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { processSpec } from "../../support/process-spec.ts";

type Wish = Partial<Omit<RunSpec, "process">> & { readonly process?: Partial<ProcessSpec> };

/** What every Runtime must do; the machine must be able to run containers. */
export function runtimeContract(makeRuntime: () => Promise<Runtime>): void {
  let runtime: Runtime;
  let folder: string;
  let rootfs: string;
  let count = 0;

  before(async () => {
    runtime = await makeRuntime();
    folder = mkdtempSync(path.join(tmpdir(), "drydock-contract-"));
    chmodSync(folder, 0o755);
    rootfs = makeBusyboxRoot(path.join(folder, "rootfs"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const stateDir = () => {
    const dir = path.join(folder, `state-${count++}`);
    mkdirSync(dir);
    return dir;
  };
  const run = (args: readonly string[], { process, ...wish }: Wish = {}): Promise<RunningProcess> =>
    runtime.run({
      rootfs,
      hostname: "box",
      mounts: [],
      network: "current",
      stateDir: stateDir(),
      ...wish,
      process: processSpec(args, process),
    });
  const sh = (script: string, wish?: Wish) => run(["sh", "-c", script], wish);
  const result = async (running: RunningProcess) => {
    const [stdout, stderr, code] = await Promise.all([text(running.stdout), text(running.stderr), running.exit]);
    return { stdout, stderr, code };
  };
  const output = async (script: string, wish?: Wish) => {
    const { stdout, stderr, code } = await result(await sh(script, wish));
    assert.deepEqual({ stderr, code }, { stderr: "", code: 0 });
    return stdout;
  };
  /** crun 1.8 garbles what a terminal still holds when its process ends: there the last words are given the time to be read. */
  const readFirst = () => (runtime.name === "crun" ? "sleep 0.3; " : "");
  /** A container that waits, for exec. */
  const idle = async (wish?: Wish) => {
    const running = await sh("echo up; exec sleep 1000", wish);
    await once(running.stdout, "data");
    return running;
  };
  const stop = async (running: RunningProcess) => {
    running.signal("KILL");
    await running.exit;
  };
  const untilSeen = (running: RunningProcess, seen: RegExp) =>
    new Promise<string>((resolve, reject) => {
      let all = "";
      running.stdout.setEncoding("utf8");
      const listen = (part: string) => {
        all += part;
        if (!seen.test(all)) return;
        running.stdout.off("data", listen);
        resolve(all);
      };
      running.stdout.on("data", listen);
      running.stdout.once("end", () => reject(new Error(`${seen} not seen in ${JSON.stringify(all)}`)));
    });

  describe("exit codes", () => {
    it("gives the command's own", async () => {
      assert.equal((await result(await run(["true"]))).code, 0);
      assert.equal((await result(await sh("exit 3"))).code, 3);
      assert.equal((await result(await sh("exit 127"))).code, 127);
    });

    it("gives 128 and the signal's number after a signal, without a word on stderr", async () => {
      for (const [signal, code] of [
        ["KILL", 137],
        ["SIGTERM", 143],
        [15, 143],
      ] as const) {
        const running = await sh(
          signal === "KILL" ? "echo up; sleep 1000" : "trap 'exit 143' TERM; echo up; sleep 1000 & wait",
        );
        await once(running.stdout, "data");
        running.signal(signal);
        assert.deepEqual(await result(running), { stdout: "", stderr: "", code });
      }
    });

    it("does not mind a signal after the end", async () => {
      const running = await run(["true"]);
      await running.exit;
      running.signal("TERM");
    });
  });

  describe("commands that cannot be run", () => {
    const refused = async (args: readonly string[], exitCode: number, words: RegExp) => {
      await assert.rejects(run(args), (error) => {
        assert.ok(error instanceof EngineError);
        assert.equal(error.code, "command-not-found");
        assert.equal(error.details.exitCode, exitCode);
        assert.match(error.message, words);
        assert.ok(error.details.hint);
        return true;
      });
    };
    it("says that a name is not in PATH", () =>
      refused(["foo"], 127, /^exec: "foo": executable file not found in \$PATH$/));
    it("takes an empty word for a name", () => refused([""], 127, /^exec: "": executable file not found in \$PATH$/));
    it("says that a path does not exist", () => refused(["/no/such"], 127, /"\/no\/such": no such file/));
    it("says that a file is not executable", () => refused(["/etc/passwd"], 126, /"\/etc\/passwd": permission denied/));
    it("says that a folder is not executable", () => refused(["/etc"], 126, /permission denied/));
    it("takes a link that leads in a circle for nothing", async () => {
      symlinkSync("circle", path.join(rootfs, "bin/circle"));
      await refused(["circle"], 127, /^exec: "circle": executable file not found in \$PATH$/);
      await refused(["/bin/circle"], 127, /"\/bin\/circle": no such file/);
      writeFileSync(path.join(rootfs, "bin/spun"), "#!/bin/circle\n", { mode: 0o755 });
      await refused(["spun"], 127, /interpreter \/bin\/circle /);
      await refused(["x".repeat(300)], 127, /executable file not found/);
      await assert.rejects(
        run(["true"], { process: { cwd: "/bin/circle/in" } }),
        /working directory \/bin\/circle\/in/,
      );
    });
    it("says which interpreter is missing", async () => {
      writeFileSync(path.join(rootfs, "bin/script"), "#!/bin/nosuchsh -e\n", { mode: 0o755 });
      await refused(["script"], 127, /interpreter \/bin\/nosuchsh /);
    });
    it("says what the kernel says of a file that is no program", async () => {
      writeFileSync(path.join(rootfs, "bin/garbage"), "\u0001\u0002\u0003garbage", { mode: 0o755 });
      await refused(["garbage"], 126, /exec format error/);
    });
    it("does not look at the host's PATH", () => refused(["python3"], 127, /executable file not found/));
    it("leaves nothing in the root file system", () => {
      assert.deepEqual(
        ["dev", "proc", "sys"].filter((name) => existsSync(path.join(rootfs, name))),
        [],
      );
    });
  });

  describe("standard streams", () => {
    it("keeps stdout and stderr apart", async () => {
      assert.deepEqual(await result(await sh("echo out; echo err >&2")), { stdout: "out\n", stderr: "err\n", code: 0 });
    });

    it("passes stdin on and its end", async () => {
      const running = await run(["cat"]);
      running.stdin.write("one ");
      running.stdin.end("two");
      assert.equal((await result(running)).stdout, "one two");
    });

    it("survives that nobody reads stdin", async () => {
      const running = await run(["true"]);
      running.stdin.write("x".repeat(200_000));
      assert.equal((await result(running)).code, 0);
    });

    it("has all output of 3 MB before the exit", async () => {
      const running = await sh("dd if=/dev/zero bs=1024 count=3072 2>/dev/null; echo end >&2");
      let bytes = 0;
      running.stdout.on("data", (part: Uint8Array) => {
        bytes += part.length;
      });
      const stderr = text(running.stderr);
      await running.exit;
      assert.equal(bytes, 3 * 1024 * 1024);
      assert.equal(await stderr, "end\n");
    });

    it("lets programs open /dev/stdout and /dev/stderr, as any user", async () => {
      for (const uid of [0, 1000]) {
        const running = await sh("echo a >/dev/stdout; echo b >/dev/stderr", { process: { uid, gid: uid } });
        assert.deepEqual(await result(running), { stdout: "a\n", stderr: "b\n", code: 0 });
      }
    });

    it("has no other descriptors open", async () => {
      // Descriptors above 15 may come from whoever started the tests: libuv closes a gapless row only.
      assert.equal(
        await output("for n in $(seq 0 15); do [ -e /proc/1/fd/$n ] && echo -n $n' '; done; true"),
        "0 1 2 ",
      );
    });
  });

  describe("environment", () => {
    const env = (entries: readonly string[]) => entries.toSorted().join("\n");
    const environment = async (entries: readonly string[]) => {
      const { stdout } = await result(await run(["/bin/cat", "/proc/1/environ"], { process: { env: entries } }));
      return env(stdout.split("\0").filter((entry) => entry !== ""));
    };
    it("is exactly what is given", async () => {
      const entries = [
        "PATH=/bin",
        "EMPTY=",
        "SPACES=a  b 'c' \"d\"",
        "LINES2=a\nb",
        "HOME=/root",
        "TERM=xterm",
        "ÄÖ=ü".slice(2),
      ];
      assert.equal(await environment(entries.slice(0, 6)), env(entries.slice(0, 6)));
      // OCI runtimes want one.
      assert.equal((await environment([])).replace("HOME=/root", ""), "");
    });
    it("has names that shells and loaders would act on, or that no shell knows", async () => {
      const entries = [
        "PATH=/bin",
        "HOME=/root",
        "PWD=/mine",
        "SHLVL=7",
        "_=x",
        "SHELL=/bin/none",
        "LD_PRELOAD=/no/such.so",
        "discovery.type=single-node",
        "BASH_ENV=/x",
        "IFS=,",
        "UID=5",
      ];
      assert.equal(await environment(entries), env(entries));
    });
    it("never shows values among the arguments of the host's processes", async () => {
      const running = await idle({ process: { env: ["PATH=/bin", "SECRET=hunter2", "a.secret=hunter2"] } });
      const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${running.pid}/status`, "utf8"))?.[1]);
      for (const pid of [running.pid, parent])
        assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /hunter2/);
      await stop(running);
    });
  });

  describe("identity", () => {
    const status =
      "grep -E '^(Uid|Gid|Groups|Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status | tr -s '\\t ' ' '";
    const fields = async (process: Partial<ProcessSpec>) =>
      Object.fromEntries(
        (await output(status, { process }))
          .trim()
          .split("\n")
          .map((line) => {
            const [key = "", value = ""] = line.split(":");
            return [key, value.trim()];
          }),
      );
    const none = "0000000000000000";
    const docker = "00000000a80425fb";

    it("gives root Docker's capabilities and no more", async () => {
      assert.deepEqual(await fields({}), {
        Uid: "0 0 0 0",
        Gid: "0 0 0 0",
        Groups: "0",
        CapInh: none,
        CapPrm: docker,
        CapEff: docker,
        CapBnd: docker,
        CapAmb: none,
        NoNewPrivs: "0",
      });
    });
    it("gives a user none of them, and its groups", async () => {
      assert.deepEqual(await fields({ uid: 1000, gid: 1001, additionalGids: [2000, 2001], noNewPrivileges: true }), {
        Uid: "1000 1000 1000 1000",
        Gid: "1001 1001 1001 1001",
        Groups: "1001 2000 2001",
        CapInh: none,
        CapPrm: none,
        CapEff: none,
        CapBnd: docker,
        CapAmb: none,
        NoNewPrivs: "1",
      });
    });
    it("adds and drops capabilities", async () => {
      assert.equal((await fields({ capAdd: ["NET_ADMIN"], capDrop: ["CHOWN"] })).CapEff, "00000000a80435fa");
      assert.equal((await fields({ capDrop: ["ALL"] })).CapEff, none);
      assert.equal((await fields({ capDrop: ["ALL"], capAdd: ["NET_BIND_SERVICE"] })).CapBnd, "0000000000000400");
      const user = await fields({ capDrop: ["ALL"], uid: 1000, gid: 1000 });
      assert.deepEqual([user.CapBnd, user.CapEff, user.Uid], [none, none, "1000 1000 1000 1000"]);
    });
    it("gives a privileged process everything that this machine has", async () => {
      const own = /^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
      assert.equal((await fields({ privileged: true })).CapEff, own);
    });
    it("refuses a capability that does not exist", async () => {
      await assert.rejects(run(["true"], { process: { capAdd: ["NO_SUCH"] } }), { code: "invalid-argument" });
    });
  });

  describe("isolation", () => {
    it("is process 1 and sees only its own processes", async () => {
      assert.equal(await output("echo $$; ls /proc | grep -E '^[0-9]+$' | head -1"), "1\n1\n");
      assert.ok(Number(await output("ls /proc | grep -cE '^[0-9]+$'")) <= 4);
    });

    it("sees none of the host's mounts", async () => {
      const points = (await output("cut -d' ' -f5 /proc/self/mountinfo")).trim().split("\n");
      const allowed = /^\/($|dev($|\/)|proc($|\/)|sys($|\/))/;
      assert.deepEqual(
        points.filter((point) => !allowed.test(point)),
        [],
      );
      assert.doesNotMatch(await output("cat /proc/self/mountinfo"), /drydock-contract.*state/);
    });
    it("cannot reach the host's files as root", async () => {
      const secret = path.join(folder, "secret");
      writeFileSync(secret, "secret");
      const escapes = [
        `cat ${secret}`,
        `cat /proc/1/root${secret}`,
        `cat ../../../../../../..${secret}`,
        `mkdir /jail; chroot /jail /bin/sh -c 'cat ../../../..${secret}'`,
        "umount -l /",
        "umount /proc/sys",
        "mount -t proc proc /tmp",
        "mount -o remount,rw /proc/sys",
        "echo 1 >/proc/sys/kernel/panic",
        "echo h >/proc/sysrq-trigger",
        "touch /sys/x",
        "mknod /tmp/disk b 254 0 && cat /tmp/disk",
      ];
      for (const attempt of escapes) assert.notEqual((await result(await sh(attempt))).code, 0, attempt);
    });
    it("has its own host name", async () => {
      assert.equal(await output("hostname", { hostname: "elsewhere" }), "elsewhere\n");
      // hostname(1) would refuse it, the kernel does not.
      assert.equal(await output("hostname", { hostname: "my_app" }), "my_app\n");
    });
    it("enters a network namespace that was made for it, where it has its own settings", async () => {
      const facts = await probeHost();
      const setup = createNetworkSetup({ ...facts, outbound: "none" }, path.join(folder, "netns"));
      const { path: namespace } = await setup.create("own", { setUp: "echo 81 >/proc/sys/net/ipv4/ip_default_ttl" });
      try {
        const script = "ls /sys/class/net; cat /proc/sys/net/ipv4/ip_default_ttl; readlink /proc/self/ns/net";
        const [name, ttl, inside] = (await output(script, { network: { path: namespace } })).split("\n");
        assert.deepEqual([name, ttl], ["lo", "81"]);
        assert.notEqual(inside, readlinkSync("/proc/self/ns/net"));
      } finally {
        await setup.remove("own");
      }
    });
    it("has only the loopback interface, up, without a network", async () => {
      const answer = await output("ls /sys/class/net; ip -o link show lo | grep -c UP", { network: "none" });
      assert.equal(answer, "lo\n1\n");
    });
    it("takes all its processes along when process 1 ends", async () => {
      const running = await sh("sleep 1234 & sleep 1234 & echo up; exec sleep 1000");
      await once(running.stdout, "data");
      const children = readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "utf8").trim().split(" ");
      assert.equal(children.length, 2);
      await stop(running);
      for (const pid of children)
        assert.equal(existsSync(`/proc/${pid}/exe`) && statSync(`/proc/${pid}`) !== undefined, false);
    });
    it("has the usual devices", async () => {
      const names = await output("ls -1 /dev | tr '\\n' ' '");
      assert.equal(
        names.replace(/^core /, ""),
        "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ",
      );
      assert.equal(
        await output("head -c 4 /dev/zero | wc -c; echo x >/dev/null; : >/dev/shm/a; head -c 3 /dev/urandom | wc -c"),
        "4\n3\n",
      );
    });
    it("has 64 MiB of shared memory, or as much as is asked for", async () => {
      const size = "df -k /dev/shm | tail -1 | awk '{print $2}'";
      assert.equal(await output(size), "65536\n");
      assert.equal(await output(size, { shmSizeBytes: 1024 * 1024 }), "1024\n");
    });
    it("has the limits that are asked for", async () => {
      const limits = [
        { name: "nofile", soft: 100, hard: 200 },
        { name: "core", soft: 0, hard: 0 },
      ];
      assert.equal(await output("ulimit -Sn; ulimit -Hn; ulimit -Hc", { limits }), "100\n200\n0\n");
      const unknown = [{ name: "dreams", soft: 1, hard: 1 }];
      await assert.rejects(run(["true"], { limits: unknown }), { code: "invalid-argument" });
    });
    it("says where nothing can be mounted: below a read-only mount that has no such folder", async () => {
      const source = path.join(folder, "empty-view");
      mkdirSync(source);
      execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", source]);
      try {
        const mounts = [
          { type: "bind", source, target: "/view", readOnly: true },
          { type: "tmpfs", target: "/view/inside" },
        ] as const;
        await assert.rejects(run(["true"], { mounts }), /Cannot mount on \/view\/inside/);
      } finally {
        execFileSync("umount", [source]);
      }
    });
    it("leaves no mount points behind in the root file system", async () => {
      await output("true", {
        mounts: [{ type: "bind", source: "/etc/hostname", target: "/etc/resolv.conf", readOnly: true }],
      });
      assert.deepEqual(
        ["dev", "proc", "sys", "etc/resolv.conf"].filter((name) => existsSync(path.join(rootfs, name))),
        [],
      );
    });
  });

  describe("namespaces", () => {
    const namespaces = (running: RunningProcess, ...kinds: readonly string[]) =>
      kinds.map((kind) => readlinkSync(`/proc/${running.pid}/ns/${kind}`));
    const own = (...kinds: readonly string[]) => kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
    it("are the host's where that is asked for", async () => {
      const running = await idle({ pid: "host", ipc: "host", uts: "host" });
      assert.deepEqual(namespaces(running, "pid", "ipc", "uts"), own("pid", "ipc", "uts"));
      const state = stateDir();
      const seen = await sh(`[ -d /proc/${process.pid} ] && [ -d /proc/self ] && echo seen`, {
        pid: "host",
        stateDir: state,
      });
      assert.equal((await result(seen)).stdout, "seen\n");
      await stop(running);
    });
    it("are another container's where that is asked for", async () => {
      const first = await idle({ hostname: "shared" });
      const shared = { ofPid: first.pid };
      const second = await idle({ pid: shared, ipc: shared, uts: shared });
      assert.deepEqual(namespaces(second, "pid", "ipc", "uts"), namespaces(first, "pid", "ipc", "uts"));
      const third = await sh("hostname; tr '\\0' ' ' </proc/1/cmdline", { pid: shared, uts: shared });
      assert.equal((await result(third)).stdout, "shared\nsleep 1000 ");
      await stop(second);
      await stop(first);
    });
    it("have no /dev/shm, or that of a folder, where that is asked for", async () => {
      const shared = path.join(folder, "shm");
      mkdirSync(shared);
      chmodSync(shared, 0o1777);
      assert.equal(await output("echo hi >/dev/shm/f; stat -c %a /dev/shm", { shm: { folder: shared } }), "1777\n");
      assert.equal(
        await output("cat /dev/shm/f; [ ! -x /dev/shm/f ] && echo ok", { shm: { folder: shared } }),
        "hi\nok\n",
      );
      assert.equal(
        await output("ls /dev | grep -c shm; grep -c ' /dev/shm ' /proc/mounts; :", { shm: "none" }),
        "0\n0\n",
      );
    });
    it("have a domain name", async () => {
      const name = await output("cat /proc/sys/kernel/domainname", { domainname: "example.test" });
      // Without a program for it an ordinary user's containers have none.
      assert.match(name, process.getuid?.() === 0 ? /^(example\.test|\(none\))\n$/ : /./);
    });
    it("have kernel settings of their own, and none of the host", async () => {
      const sysctls = { "kernel.shmmax": "123456", "net.ipv4.ip_unprivileged_port_start": "81" };
      const read = "cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_unprivileged_port_start";
      assert.equal(await output(read, { sysctls, network: "none" }), "123456\n81\n");
      for (const name of ["kernel.panic", "vm.swappiness", "net/../kernel/panic", "fs.file-max"])
        await assert.rejects(run(["true"], { sysctls: { [name]: "1" } }), { code: "invalid-argument" });
      await assert.rejects(run(["true"], { ipc: "host", sysctls: { "kernel.shmmax": "1" } }), {
        code: "invalid-argument",
      });
    });
  });

  describe("init", () => {
    it("is process 1 before the command, gives its exit code and reaps what is left over", async () => {
      // Who has ended is to be seen until somebody reaps him.
      const script =
        "echo $$; (sleep 0.01 & echo $! >/tmp/left); read left </tmp/left; i=0; while [ -e /proc/$left ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done; [ ! -e /proc/$left ] && echo reaped; rm /tmp/left; exit 7";
      const running = await sh(script, { init: true });
      const { stdout, stderr, code } = await result(running);
      assert.notEqual(stdout.split("\n")[0], "1");
      assert.deepEqual([stdout.split("\n")[1], stderr, code], ["reaped", "", 7]);
    });
    it("passes signals on", async () => {
      const running = await sh("trap 'echo got; exit 9' TERM; echo up; while :; do sleep 0.05; done", { init: true });
      await untilSeen(running, /up/);
      running.signal("TERM");
      assert.match((await result(running)).stdout, /got/);
      assert.equal(await running.exit, 9);
    });
    it("works with a terminal, and says what cannot be run", async () => {
      const running = await sh(`tty; stty size; ${readFirst()}exit 3`, {
        init: true,
        process: { tty: { rows: 20, columns: 70 } },
      });
      assert.deepEqual(await result(running), { stdout: "/dev/pts/0\r\n20 70\r\n", stderr: "", code: 3 });
      await assert.rejects(run(["nothere"], { init: true }), { code: "command-not-found" });
    });
  });

  describe("what is hidden", () => {
    it("is what is asked for instead of the usual", async () => {
      writeFileSync(path.join(rootfs, "etc/hidden"), "secret\n");
      mkdirSync(path.join(rootfs, "etc/hidden.d"), { recursive: true });
      writeFileSync(path.join(rootfs, "etc/hidden.d/file"), "secret\n");
      const wish = { maskedPaths: ["/etc/hidden", "/etc/hidden.d", "/proc/nothing"], readonlyPaths: ["/tmp"] };
      const script = "cat /etc/hidden; ls /etc/hidden.d; ! touch /tmp/x 2>/dev/null; [ -w /proc/sys ] && echo open";
      assert.equal(await output(script, { ...wish }), "open\n");
      assert.equal(await output("cat /etc/hidden", { maskedPaths: [], readonlyPaths: [] }), "secret\n");
    });
  });

  describe("devices", () => {
    it("of the host are there under the name that is asked for", async () => {
      const devices = [{ source: "/dev/zero", target: "/dev/nothing/zero", permissions: "rwm" }];
      assert.equal(await output("head -c 3 /dev/nothing/zero | wc -c", { devices }), "3\n");
      const elsewhere = [{ source: "/dev/full", target: "/opt/full", permissions: "rw" }];
      assert.equal(await output("! echo x 2>/dev/null >/opt/full && echo full", { devices: elsewhere }), "full\n");
    });
    it("that are none are named", async () => {
      for (const source of ["/dev/no-such", "/etc/passwd"]) {
        const devices = [{ source, target: "/dev/x", permissions: "rwm" }];
        await assert.rejects(run(["true"], { devices }), { code: "invalid-argument", message: new RegExp(source) });
      }
    });
  });

  describe("the out-of-memory score and limits", () => {
    it("are set, limits no higher than is allowed here", async () => {
      assert.equal(await output("cat /proc/self/oom_score_adj", { process: { oomScoreAdj: 500 } }), "500\n");
      const limits = [{ name: "nofile", soft: -1, hard: -1 }];
      const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
      const answer = await result(
        await sh("ulimit -Hn", {
          limits: process.getuid?.() === 0 ? [{ name: "nofile", soft: Number(hard), hard: Number(hard) + 5 }] : limits,
        }),
      );
      assert.ok([`${hard}\n`, `${Number(hard) + 5}\n`].includes(answer.stdout), answer.stdout + answer.stderr);
    });
  });

  describe("a control group", () => {
    const groupsOf = (pid: number | "self") => readFileSync(`/proc/${pid}/cgroup`, "utf8");
    const inGroup = async (tree: CgroupTree, body: (place: CgroupPlace, cgroups: Cgroups) => Promise<void>) => {
      const cgroups = createCgroups({ cgroups: tree });
      const place = await cgroups.create(`contract-${process.pid}`, { memoryBytes: 64 << 20, pidsLimit: 30 });
      assert.ok(place);
      try {
        await body(place, cgroups);
      } finally {
        await cgroups.remove(place);
      }
    };
    it("holds the process and what is run beside it, and can be looked at from inside", async () => {
      const tree = findCgroupTree();
      // An ordinary user may have none.
      if (!tree) return;
      await inGroup(tree, async (place, cgroups) => {
        const state = stateDir();
        const running = await idle({ cgroup: place, stateDir: state });
        assert.match(groupsOf(running.pid), /\/drydock\/contract-/);
        const handle = { pid: running.pid, rootfs, stateDir: state, cgroup: place };
        const limit = place.version === 1 ? "memory/memory.limit_in_bytes" : "memory.max";
        const beside = await runtime.exec(
          handle,
          processSpec([
            "sh",
            "-c",
            `cat /proc/self/cgroup; cat /sys/fs/cgroup/${limit}; ! mkdir /sys/fs/cgroup/x 2>/dev/null`,
          ]),
        );
        const { stdout, stderr, code } = await result(beside);
        assert.deepEqual([stderr, code], ["", 0]);
        assert.match(
          stdout,
          place.version === 1 ? /memory:\/drydock\/contract-[\s\S]*\n67108864\n$/ : /0::\/\n67108864\n$/,
        );
        const usage = await cgroups.usage({ place, pid: running.pid });
        assert.ok((usage.memoryBytes ?? 0) > 0);
        await cgroups.freeze({ place, pid: running.pid });
        await cgroups.thaw({ place, pid: running.pid });
        await stop(running);
      });
    });
    it("that is not there is made up for: all processes of the container stop by signals, and no others", async () => {
      const none = createCgroups({});
      const state = stateDir();
      const running = await sh("sleep 1000 & echo up; while :; do sleep 0.01; done", { stateDir: state });
      await once(running.stdout, "data");
      const member = { place: undefined, pid: running.pid };
      const own = processesOf(running.pid);
      assert.ok(own.length >= 2 && !own.includes(process.pid) && !own.includes(process.ppid));
      await none.freeze(member);
      for (const pid of processesOf(running.pid)) assert.equal(processStat(pid)?.state, "T");
      await none.thaw(member);
      assert.notEqual(processStat(running.pid)?.state, "T");
      await stop(running);
    });
    it("of v2 is the root of what the container sees", async () => {
      const mount = readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .find((line) => line.includes(" - cgroup2 "))
        ?.split(" ")[4];
      // crun must not see it beside v1.
      if (mount === undefined || !isWritable(mount) || runtime.name !== "launcher") return;
      const folder = path.join(mount, `drydock-contract-${process.pid}`);
      mkdirSync(folder, { recursive: true });
      try {
        await inGroup({ version: 2, folders: { unified: folder }, controllers: [] }, async (place) => {
          const state = stateDir();
          const running = await idle({ cgroup: place, stateDir: state });
          const beside = await runtime.exec(
            { pid: running.pid, rootfs, stateDir: state, cgroup: place },
            processSpec(["sh", "-c", "grep ^0: /proc/self/cgroup; wc -l </sys/fs/cgroup/cgroup.procs"]),
          );
          // The container's, the exec'd shell, and wc.
          assert.equal((await result(beside)).stdout, "0::/\n3\n");
          const terminal = await sh("grep ^0: /proc/self/cgroup", {
            cgroup: place,
            process: { tty: { rows: 9, columns: 80 } },
          });
          assert.equal((await result(terminal)).stdout, "0::/\r\n");
          await stop(running);
        });
      } finally {
        rmdirSync(folder);
      }
    });
  });

  describe("system calls", () => {
    const seccomp = "default";
    const blocked = ["unshare -U true", "mount -t tmpfs x /tmp", "umount /tmp"];
    it("that reach the host are refused by Docker's profile, and ordinary programs work", async () => {
      const script = `grep Seccomp: /proc/self/status; cat /etc/passwd | head -1; id -u; ls / >/dev/null && sort /etc/group | wc -l; sh -c 'sleep 0 & wait; chmod 600 /tmp; chmod 1777 /tmp'`;
      assert.equal(await output(script, { seccomp }), "Seccomp:\t2\nroot:x:0:0::/root:/bin/sh\n0\n3\n");
      for (const command of blocked) {
        const answer = await result(await sh(command, { seccomp }));
        assert.match(answer.stderr, /not permitted|permission denied/, command);
      }
    });
    it("are refused to other users, with a terminal and beside process 1 as well", async () => {
      const process = { uid: 1000, gid: 1000, noNewPrivileges: true };
      const script = "grep Seccomp: /proc/self/status; unshare -U true 2>&1";
      assert.match((await result(await sh(script, { seccomp, process }))).stdout, /2\n.*not permitted/);
      assert.match(
        (
          await result(
            await sh(`${script}; ${readFirst()}true`, { seccomp, process: { tty: { rows: 9, columns: 80 } } }),
          )
        ).stdout,
        /2\r\n.*not permitted/,
      );
      const state = stateDir();
      const container = await idle({ seccomp, stateDir: state });
      const handle = { pid: container.pid, rootfs, stateDir: state, seccomp };
      const beside = await runtime.exec(handle, processSpec(["sh", "-c", script]));
      assert.match((await result(beside)).stdout, /2\n.*not permitted/);
      await stop(container);
    });
    it("are not looked at without a profile, or for a privileged container", async () => {
      assert.equal(await output("grep Seccomp: /proc/self/status"), "Seccomp:\t0\n");
      assert.equal(
        await output("grep Seccomp: /proc/self/status", { seccomp, process: { privileged: true } }),
        "Seccomp:\t0\n",
      );
    });
    it("are what a capability opens", async () => {
      const wish = { seccomp, process: { capAdd: ["SYS_ADMIN"] } };
      assert.equal(await output("mount -t tmpfs x /tmp && umount /tmp && echo done", wish), "done\n");
    });
    it("can be chosen by a profile of one's own", async () => {
      const names = ["chmod", "fchmod", "fchmodat", "fchmodat2"];
      const profile = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names, action: "SCMP_ACT_ERRNO" }] };
      const answer = await result(await sh("chmod 700 /tmp", { seccomp: JSON.stringify(profile) }));
      assert.match(answer.stderr, /not permitted/);
      await assert.rejects(run(["true"], { seccomp: "{}" }), { code: "invalid-argument" });
    });
  });

  describe("folders and mounts", () => {
    it("starts in the working directory and makes it if it is missing", async () => {
      assert.equal(await output("pwd", { process: { cwd: "/work dir/deep" } }), "/work dir/deep\n");
      assert.equal(await output("pwd", { process: { cwd: "/tmp", uid: 1000, gid: 1000 } }), "/tmp\n");
    });
    it("binds files and folders, and creates what they are mounted on", async () => {
      const source = path.join(folder, "source dir");
      mkdirSync(path.join(source, "sub"), { recursive: true });
      writeFileSync(path.join(source, "file"), "content\n");
      const mounts = [
        { type: "bind", source, target: "/data", readOnly: false },
        { type: "bind", source: path.join(source, "file"), target: "/opt/new/file", readOnly: true },
        { type: "tmpfs", target: "/data/sub", sizeBytes: 1 << 20, mode: 0o700 },
      ] as const;
      const answer = await output(
        "cat /data/file /opt/new/file; echo new >/data/new; ! echo x 2>/dev/null >/opt/new/file; stat -c %a /data/sub; touch /data/sub/y; df -k /data/sub | tail -1 | tr -s ' ' | cut -d' ' -f2",
        { mounts },
      );
      // runc gives a tmpfs the mode of the folder below it.
      assert.equal(answer.replace(runtime.name === "runc" ? "755" : "none", "700"), "content\ncontent\n700\n1024\n");
      assert.equal(readFileSync(path.join(source, "new"), "utf8"), "new\n");
      assert.equal(existsSync(path.join(source, "sub/y")), false);
    });
    it("gives a tmpfs its owner, and mounts inside of one that is read only", async () => {
      const source = path.join(folder, "in-read-only");
      writeFileSync(source, "here\n");
      const options = { uid: 5, gid: 6, inodes: 70, readOnly: true, noExec: true };
      const mounts = [
        { type: "tmpfs", target: "/data", ...options },
        { type: "bind", source, target: "/data/file", readOnly: false },
      ] as const;
      const script =
        "grep ' /data ' /proc/mounts | cut -d' ' -f4; stat -c %u:%g /data; cat /data/file; touch /data/x 2>&1 || :";
      const seen = await output(script, { mounts });
      for (const word of ["ro", "nosuid", "nodev", "noexec", "nr_inodes=70"])
        assert.match(seen, new RegExp(`\\b${word}\\b`));
      assert.match(seen, /\n5:6\nhere\n.*Read-only/);
    });
    it("mounts inside of tmpfs and /dev", async () => {
      const file = path.join(folder, "in-tmpfs");
      writeFileSync(file, "here\n");
      const mounts = [
        { type: "tmpfs", target: "/run" },
        { type: "bind", source: file, target: "/run/a/file", readOnly: true },
        { type: "bind", source: file, target: "/dev/thing", readOnly: true },
        { type: "bind", source: folder, target: "/run/folder", readOnly: true },
      ] as const;
      assert.equal(
        await output("cat /run/a/file /dev/thing; cat /run/folder/in-tmpfs", { mounts }),
        "here\nhere\nhere\n",
      );
    });
    it("follows links of the image inside of the image only", async () => {
      const outside = path.join(folder, "outside");
      mkdirSync(outside);
      await output(`ln -s ${outside} /link-out; ln -s / /link-root`);
      const mounts = [{ type: "bind", source: "/etc/hostname", target: "/link-out/x/name", readOnly: true }] as const;
      assert.notEqual(await output(`cat ${outside}/x/name`, { mounts }), "");
      assert.equal(existsSync(path.join(outside, "x")), false);
      const nested = [{ type: "bind", source: "/etc/hostname", target: "/link-root/top", readOnly: true }] as const;
      assert.notEqual(await output("cat /top", { mounts: nested }), "");
    });
    it("can have a read-only root", async () => {
      const script = "! touch /x 2>/dev/null; ! touch /etc/x 2>/dev/null; touch /tmp/t /dev/shm/x; echo done";
      assert.equal(
        await output(script, { readOnlyRootfs: true, mounts: [{ type: "tmpfs", target: "/tmp" }] }),
        "done\n",
      );
    });
    it("says when there is more environment than the kernel takes", async () => {
      const env = Array.from({ length: 40 }, (_, index) => `V${index}=${"x".repeat(100_000)}`);
      await assert.rejects(run(["true"], { process: { env } }), {
        code: "runtime-failed",
        message: /^The container could not be set up: .*(E2BIG|too long)/i,
      });
    });
    it("says which source is missing", async () => {
      const mounts = [{ type: "bind", source: "/no/such/source", target: "/x", readOnly: false }] as const;
      await assert.rejects(
        run(["true"], { mounts }),
        (error) => error instanceof EngineError && /\/no\/such\/source/.test(error.message),
      );
      assert.equal(existsSync(path.join(rootfs, "proc")), false);
    });
  });

  describe("terminal", () => {
    const tty = { rows: 33, columns: 101 };
    it("has the given size, is the controlling terminal, and gives the exit code", async () => {
      const running = await sh(
        `tty; stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; echo e >&2; ${readFirst()}: </dev/tty && exit 5`,
        { process: { tty } },
      );
      assert.deepEqual(await result(running), { stdout: "/dev/pts/0\r\n33 101\r\nall\r\ne\r\n", stderr: "", code: 5 });
    });
    it("is resized", async () => {
      const running = await sh("trap 'stty size' WINCH; echo up; while :; do read x; done", {
        process: { tty },
      });
      await untilSeen(running, /up/);
      const seen = untilSeen(running, /40 120/);
      await running.resize({ rows: 40, columns: 120 });
      await seen;
      await stop(running);
    });
    it("turns Ctrl-C into an interrupt", async () => {
      const running = await sh(`trap 'echo caught; ${readFirst()}exit 130' INT; echo up; sleep 1000 & wait`, {
        process: { tty },
      });
      await untilSeen(running, /up/);
      running.stdin.write("\u0003");
      const { stdout, code } = await result(running);
      assert.match(stdout, /caught/);
      assert.equal(code, 130);
    });
    it("belongs to the user", async () => {
      const running = await sh(`echo x >/dev/stdout; id -u; tty; ${readFirst()}true`, {
        process: { tty, uid: 1000, gid: 1000 },
      });
      assert.equal((await result(running)).stdout, "x\r\n1000\r\n/dev/pts/0\r\n");
    });
    it("has a shell with job control and echoes what is typed", async () => {
      const running = await run(["sh", "-i"], { process: { tty } });
      running.stdin.write("echo $((40+2))\n");
      await untilSeen(running, /\n42\r\n/);
      running.stdin.write(`${readFirst()}exit 4\n`);
      const { stdout, code } = await result(running);
      assert.doesNotMatch(stdout, /job control/);
      assert.equal(code, 4);
    });
    it("keeps the environment exact", async () => {
      const running = await run(["/bin/sh", "-c", `cat /proc/1/environ; ${readFirst()}true`], {
        process: { tty, env: ["SHELL=/bin/none", "A=1", "HOME=/h"] },
      });
      assert.deepEqual((await result(running)).stdout.split("\0").filter(Boolean).toSorted(), [
        "A=1",
        "HOME=/h",
        "SHELL=/bin/none",
      ]);
    });
    it("gives 137 after KILL", async () => {
      const running = await sh("echo up; exec sleep 1000", { process: { tty } });
      await untilSeen(running, /up/);
      running.signal("KILL");
      assert.equal((await result(running)).code, 137);
    });
  });

  describe("exec", () => {
    let container: RunningProcess;
    let state: string;
    before(async () => {
      state = stateDir();
      const mounts = [{ type: "tmpfs", target: "/data" }] as const;
      container = await idle({ network: "none", hostname: "execbox", mounts, stateDir: state });
    });
    after(() => stop(container));
    const exec = (args: readonly string[], wish?: Partial<ProcessSpec>) =>
      runtime.exec({ pid: container.pid, rootfs, stateDir: state }, processSpec(args, wish));
    const execOutput = async (script: string, wish?: Partial<ProcessSpec>) => {
      const { stdout, stderr, code } = await result(await exec(["sh", "-c", script], wish));
      assert.deepEqual({ stderr, code }, { stderr: "", code: 0 });
      return stdout;
    };

    it("runs in the container's namespaces", async () => {
      const own = await execOutput(
        "hostname; tr '\\0' ' ' </proc/1/cmdline; echo; ls /sys/class/net; readlink /proc/self/ns/pid; readlink /proc/1/ns/pid",
      );
      const [name, first, net, pidNamespace, initNamespace] = own.split("\n");
      assert.deepEqual([name, first, net, pidNamespace], ["execbox", "sleep 1000 ", "lo", initNamespace]);
      assert.equal(readlinkSync(`/proc/${container.pid}/ns/pid`), pidNamespace);
    });
    it("sees the container's mounts", async () => {
      assert.match(await execOutput("df /data; : >/data/x; grep -c /data /proc/self/mountinfo"), /tmpfs[\s\S]*\n1\n$/);
    });
    it("has user, groups, capabilities, working directory and environment of its own", async () => {
      const wish = { uid: 1000, gid: 1000, additionalGids: [2000], cwd: "/tmp", env: ["PATH=/bin", "A=b", "HOME=/h"] };
      assert.equal(
        await execOutput(
          "id -u; id -G; pwd; grep CapEff /proc/self/status | tr -s '\\t' ' '; env | sort | tr '\\n' ' '",
          wish,
        ),
        "1000\n1000 2000\n/tmp\nCapEff: 0000000000000000\nA=b HOME=/h PATH=/bin PWD=/tmp SHLVL=1 ",
      );
      assert.match(await execOutput("grep CapEff /proc/self/status"), /00000000a80425fb/);
    });
    it("has the container's limits", async () => {
      // Not the soft one of files, which runc, being a Go program, raises for an ordinary user.
      const limits = [
        { name: "nofile", soft: 200, hard: 200 },
        { name: "stack", soft: 1 << 20, hard: 2 << 20 },
      ];
      const running = await runtime.exec(
        { pid: container.pid, rootfs, stateDir: state, limits },
        processSpec(["sh", "-c", "ulimit -n; ulimit -Ss; ulimit -Hs"]),
      );
      assert.deepEqual(await result(running), { stdout: "200\n1024\n2048\n", stderr: "", code: 0 });
    });
    it("passes streams and exit codes", async () => {
      const running = await exec(["sh", "-c", "cat; echo err >&2; exit 9"]);
      running.stdin.end("in");
      assert.deepEqual(await result(running), { stdout: "in", stderr: "err\n", code: 9 });
    });
    it("is killed by its own signals", async () => {
      const running = await exec(["sh", "-c", "echo up; exec sleep 1000"]);
      await once(running.stdout, "data");
      running.signal("TERM");
      assert.deepEqual(await result(running), { stdout: "", stderr: "", code: 143 });
    });
    it("ends though something it left behind holds its output", async () => {
      // runc copies the output itself and waits for its end.
      const left = runtime.name === "runc" ? "sleep 3" : "sleep 1000";
      const running = await exec(["sh", "-c", `${left} & echo started`]);
      assert.equal((await result(running)).code, 0);
    });
    it("can have a terminal", async () => {
      const running = await exec(["sh", "-c", `tty; stty size; ${readFirst()}exit 6`], {
        tty: { rows: 20, columns: 70 },
      });
      const { stdout, code } = await result(running);
      assert.match(stdout, /^\/dev\/pts\/\d\r\n20 70\r\n$/);
      assert.equal(code, 6);
    });
    it("says what is wrong with the command", async () => {
      await assert.rejects(exec(["nothere"]), { code: "command-not-found" });
      await assert.rejects(exec(["true"], { cwd: "/nowhere" }), { code: "invalid-argument" });
    });
    it("cannot reach the host's files", async () => {
      const running = await exec([
        "sh",
        "-c",
        `mkdir -p /jail; chroot /jail /bin/sh -c 'cat ../../../..${folder}/secret'; cat /proc/self/root${folder}/secret`,
      ]);
      assert.notEqual((await result(running)).code, 0);
    });
    it("dies with the container", async () => {
      const otherState = stateDir();
      const other = await idle({ stateDir: otherState });
      const handle = { pid: other.pid, rootfs, stateDir: otherState };
      const running = await runtime.exec(handle, processSpec(["sleep", "1000"]));
      await stop(other);
      assert.equal(await running.exit, 137);
      await assert.rejects(runtime.exec(handle, processSpec(["true"])), { code: "conflict" });
    });
  });
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
