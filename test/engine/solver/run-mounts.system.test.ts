import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import path from "node:path";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import { sweepBuilds } from "../../../engine/solver/builder.ts";
import { listCacheMounts, removeCacheMounts } from "../../../engine/solver/cache-mounts.ts";
import { mountMemory } from "../../../engine/solver/secrets.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { nodeImage } from "../../support/base-images.ts";
import { processesWith } from "../../support/cli-lab.ts";
import { writeFiles } from "../../support/files.ts";
import { openRealBuilder, type RealBuild, type RealBuilder } from "../../support/real-builder.ts";

const inside = process.env[insideVariable];
const single = "with a single id";

describe("RUN --mount with real mounts and processes", () => {
  if (inside !== undefined) return suite();
  if (process.getuid?.() === 0) describe("as root", suite);
  const again = (name: string, prefix: readonly string[]) =>
    runAgain({
      bundle: __filename,
      inside: name,
      prefix,
      ...(process.getuid?.() === 0 && { user: ordinaryUser() }),
    });
  it("as an ordinary user", () => again("as an ordinary user", userNamespaces)).timeout(240_000);
  it(single, () => again(single, ["unshare", "--map-root-user", "--mount", "--propagation", "slave"])).timeout(240_000);
});

function suite(): void {
  let real: RealBuilder;
  const onlyRoot = inside === single;

  before(async () => {
    real = await openRealBuilder();
  });
  after(() => real.dispose());
  afterEach(() => assert.deepEqual(readdirSync(path.join(real.home, "runs")), []));

  const dockerfile = (...lines: string[]) => `FROM busybox\n${lines.join("\n")}\n`;
  /** Without the folders that a mount point was made in and taken from. */
  const changed = async (built: RealBuild) =>
    (await real.layers(built.id)).map((lines) => lines.filter((line) => !/^(etc|run|root|var)\/ /.test(line)));

  describe("bind", () => {
    const files = {
      ".dockerignore": "hidden\n",
      "src/a.txt": "a\n",
      "src/sub/b.txt": "b\n",
      hidden: "no\n",
      "one.txt": "one\n",
    };

    it("shows files of the context, read only, as root's, without what is ignored", async () => {
      const built = await real.good({
        ...files,
        Dockerfile: dockerfile(
          "RUN --mount=source=.,target=/ctx ls -A /ctx; cat /ctx/src/sub/b.txt; stat -c %u:%g /ctx/one.txt",
          "RUN --mount=type=bind,src=src/sub,dst=/in/deep cat /in/deep/b.txt; touch /in/deep/x 2>&1 | grep -o Read-only",
          "RUN --mount=source=one.txt,target=/file/here cat /file/here; [ -f /file/here ] && echo file",
          "WORKDIR /srv",
          "RUN --mount=source=src ls",
        ),
      });
      assert.deepEqual(built.log, [
        ...[".dockerignore", "Dockerfile", "one.txt", "src", "b", "0:0"],
        ...["b", "Read-only", "one", "file", "a.txt", "sub"],
      ]);
      assert.deepEqual(await changed(built), [[], [], [], ["srv/ 755 0:0"], []]);
    });

    it("shows what changed since the last build, of which alone a layer is written", async () => {
      const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`many/${index}`, `${index}`]));
      const Dockerfile = dockerfile(
        "RUN --mount=target=/ctx,source=app cd /ctx; find . ! -path './many/*' | sort; cat deep/down/file link; stat -c %a mode deep",
      );
      const app = (files: Record<string, string>) =>
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text]));
      const first = await real.good({
        Dockerfile,
        ...app({
          ...many,
          "deep/down/file": "1",
          "deep/other": "",
          "gone/a/b": "",
          link: "-> deep/down/file",
          mode: "",
          "swap/x": "",
          turn: "",
        }),
      });
      const folder = path.join(first.context, "app");
      chmodSync(path.join(folder, "deep"), 0o711);
      chmodSync(path.join(folder, "mode"), 0o600);
      for (const name of ["gone", "swap", "turn", "link", "deep/other"])
        rmSync(path.join(folder, name), { recursive: true });
      writeFiles(folder, { "deep/down/file": "2", "turn/now": "", swap: "file", link: "-> mode", "new/er": "" });
      const second = await real.good(first.context);
      assert.deepEqual(second.log, [
        ...[
          ".",
          "./deep",
          "./deep/down",
          "./deep/down/file",
          "./link",
          "./many",
          "./mode",
          "./new",
          "./new/er",
          "./swap",
        ],
        ...["./turn", "./turn/now", "2600", "711"],
      ]);
      const mounted = readdirSync(path.join(real.home, "cache"))
        .map((name) => JSON.parse(readFileSync(path.join(real.home, "cache", name), "utf8")))
        .filter(({ text }) => text === "RUN --mount=source=/app")
        .map(({ layer }) => layer.descriptor.size);
      assert.equal(mounted.length, 2);
      assert.ok(Math.min(...mounted) < Math.max(...mounted) / 2, mounted.join());
      // And back again.
      rmSync(path.join(folder, "turn"), { recursive: true });
      rmSync(path.join(folder, "swap"));
      writeFiles(folder, { turn: "", "swap/x": "", "many/0": "changed" });
      const third = await real.good(first.context);
      assert.ok(third.log.includes("./swap/x") && third.log.includes("./turn") && !third.log.includes("./turn/now"));
    });

    it("throws away what is written with rw, also below other mounts", async () => {
      const built = await real.good({
        ...files,
        Dockerfile: dockerfile(
          "RUN --mount=source=src,target=/src,rw --mount=type=cache,target=/src/cached echo new > /src/a.txt; rm -r /src/sub; echo kept > /src/cached/x; ls /src; echo out > /out",
          "RUN --mount=source=src,target=/src --mount=type=cache,target=/c,id=/src/cached cat /src/a.txt /c/x",
        ),
      });
      assert.deepEqual(built.log, ["a.txt", "cached", "a", "kept"]);
      assert.deepEqual(await changed(built), [['out 644 0:0 "out\n"'], []]);
      assert.equal(readFileSync(path.join(built.context, "src/a.txt"), "utf8"), "a\n");
    });

    it("takes from stages and images, and only what it takes counts", async () => {
      const Dockerfile = [
        "FROM busybox AS tools",
        "COPY seed /seed",
        "RUN mkdir -p /opt/bin && echo tool > /opt/bin/tool",
        "FROM scratch AS nothing",
        "FROM busybox",
        "RUN --mount=from=tools,source=/opt/bin,target=/tools cat /tools/tool",
        "RUN --mount=from=busybox,source=/bin/busybox,target=/bb [ -x /bb ] && echo image",
        "RUN --mount=from=nothing,target=/none ls -A /none | wc -l",
        "RUN --mount=from=tools,target=/all,rw echo x > /all/opt/bin/tool; ls /all/seed",
        "",
      ].join("\n");
      const first = await real.good({ Dockerfile, seed: "1" });
      assert.deepEqual(first.log.toSorted(), ["/all/seed", "0", "image", "tool"]);
      writeFiles(first.context, { seed: "2" });
      const second = await real.good(first.context);
      // The stage was built again, /opt/bin is the same: only who mounts all of it is run again.
      assert.deepEqual(second.log, ["/all/seed"]);
      assert.deepEqual(
        second.events.flatMap((event) => (event.type === "step-done" && !event.cached ? [event.step] : [])).length,
        3,
      );
    });

    it("says what is missing, at its words", async () => {
      const hidden = await real.build({ ...files, Dockerfile: dockerfile("RUN --mount=source=hidden,target=/h true") });
      assert.equal(hidden.failure?.error.drydock?.code, "copy-source-not-found");
      assert.deepEqual(hidden.failure?.error.drydock?.range?.start, { line: 1, character: 12 });
      const stage = await real.build({ Dockerfile: dockerfile("RUN --mount=from=busybox,source=/no,target=/h true") });
      assert.match(stage.failure?.error.message ?? "", /"\/?no" was not found in the stage/);
    });
  });

  describe("cache", () => {
    const events = () => {
      const seen: string[] = [];
      const waiting = new Map<string, () => void>();
      return {
        seen,
        on: (who: string) => (event: BuildEvent) => {
          const text =
            event.type === "log" ? event.text : event.type === "step-started" && !event.cached ? "starts" : undefined;
          if (text === undefined) return;
          seen.push(`${who} ${text}`);
          waiting.get(`${who} ${text}`)?.();
        },
        until: (what: string) =>
          new Promise<void>((resolve) => {
            if (seen.includes(what)) resolve();
            else waiting.set(what, resolve);
          }),
      };
    };
    const foldersOf = async (name: string) =>
      (await listCacheMounts(real.home))
        .filter((cache) => cache.name === name)
        .map(({ id }) => path.join(real.home, "cache-mounts", id, "data"));

    it("keeps what is put into it, in no layer, for the next build", async () => {
      const text = (word: string) =>
        dockerfile(`RUN --mount=type=cache,target=/k/keep echo ${word} >> /k/keep/log; cat /k/keep/log`);
      await real.good({ Dockerfile: text("one") });
      const built = await real.good({ Dockerfile: text("two") });
      assert.deepEqual(built.log, ["one", "two"]);
      assert.deepEqual(await changed(built), [[]]);
      const [info] = (await listCacheMounts(real.home)).filter(({ name }) => name === "/k/keep");
      assert.ok(
        info && info.sizeBytes >= 4096 && !info.inUse && info.lastUsedAt >= info.createdAt,
        JSON.stringify(info),
      );
    });

    it("is another one for another name, namespace, owner or beginning", async () => {
      const text = (mount: string) => dockerfile(`RUN --mount=type=cache,target=/c,${mount} ls -A /c; touch /c/used`);
      const seen: string[] = [];
      for (const [mount, buildArgs] of [
        ["id=apart", {}],
        ["id=apart2", {}],
        ["id=apart", { BUILDKIT_CACHE_MOUNT_NS: "ns" }],
        ["id=apart,mode=0711", {}],
        ["id=apart,from=busybox,source=/etc", {}],
        ["id=apart", {}],
      ] as const) {
        const { log } = await real.good({ Dockerfile: text(mount) }, { buildArgs, noCache: true });
        seen.push(log.join(" "));
      }
      assert.deepEqual(seen.slice(0, 4), ["", "", "", ""]);
      assert.match(seen[4] ?? "", /group.*passwd/);
      assert.equal(seen[5], "used");
    });

    it("has owner and mode, and may be read only", async () => {
      const owner = onlyRoot ? "mode=0700" : "uid=1000,gid=1001,mode=0700";
      const built = await real.good({
        Dockerfile: dockerfile(
          `RUN --mount=type=cache,target=/o,${owner} stat -c '%a %u:%g' /o`,
          "RUN --mount=type=cache,target=/plain stat -c '%a %u:%g' /plain",
          "RUN --mount=type=cache,target=/plain,ro touch /plain/x 2>&1 | grep -o Read-only",
        ),
      });
      assert.deepEqual(built.log, [onlyRoot ? "700 0:0" : "700 1000:1001", "755 0:0", "Read-only"]);
      if (!onlyRoot) return;
      const refused = await real.build({ Dockerfile: dockerfile("RUN --mount=type=cache,target=/o,uid=1000 true") });
      assert.match(refused.failure?.error.message ?? "", /The owner 1000:0 of the mount does not exist here/);
    });

    it("that is shared is used by two builds at once", async () => {
      const text = (mine: string, other: string) =>
        dockerfile(
          `RUN --mount=type=cache,target=/both touch /both/${mine}; while [ ! -e /both/${other} ]; do usleep 5000; done; echo met`,
        );
      const [a, b] = await Promise.all([
        real.good({ Dockerfile: text("a", "b") }),
        real.good({ Dockerfile: text("b", "a") }),
      ]);
      assert.deepEqual([a.log, b.log], [["met"], ["met"]]);
      assert.equal((await foldersOf("/both")).length, 1);
    });

    it("that is locked is used by one build after the other", async () => {
      const text = (who: string) =>
        dockerfile(
          `RUN --mount=type=cache,id=lock,target=/l,sharing=locked echo in; while [ ! -e /l/go ]; do usleep 5000; done; echo out ${who}`,
        );
      const { seen, on, until } = events();
      const a = real.good({ Dockerfile: text("a") }, {}, on("a"));
      await until("a in");
      const b = real.good({ Dockerfile: text("b") }, {}, on("b"));
      await until("b starts");
      const [folder = ""] = await foldersOf("lock");
      assert.equal((await removeCacheMounts(real.home, [path.basename(path.dirname(folder))])).removed.length, 0);
      writeFileSync(path.join(folder, "go"), "");
      await Promise.all([a, b]);
      assert.deepEqual(
        seen.filter((line) => !line.endsWith("starts")),
        ["a in", "a out a", "b in", "b out b"],
      );
      assert.equal((await foldersOf("lock")).length, 1);
    });

    it("that is locked lets a cancelled build go", async () => {
      const text = (word: string) =>
        dockerfile(
          `RUN --mount=type=cache,id=held,target=/l,sharing=locked echo ${word}; while [ ! -e /l/go ]; do usleep 5000; done`,
        );
      const { on, until } = events();
      const holder = real.good({ Dockerfile: text("in") }, {}, on("a"));
      await until("a in");
      const abort = new AbortController();
      const waiting = real.build({ Dockerfile: text("waits") }, {}, on("b"), abort.signal);
      await until("b starts");
      abort.abort();
      assert.equal((await waiting).failure?.error.drydock?.code, "cancelled");
      const [folder = ""] = await foldersOf("held");
      writeFileSync(path.join(folder, "go"), "");
      await holder;
    });

    it("that is private is another one while it is in use", async () => {
      const text = (word: string) =>
        dockerfile(
          `RUN --mount=type=cache,id=own,target=/p,sharing=private ls /p; echo ${word}; touch /p/${word}; while [ ! -e /p/go ]; do usleep 5000; done`,
        );
      const { seen, on, until } = events();
      const a = real.good({ Dockerfile: text("a") }, {}, on("a"));
      await until("a a");
      const b = real.good({ Dockerfile: text("b") }, {}, on("b"));
      await until("b b");
      const folders = await foldersOf("own");
      for (const folder of folders) writeFileSync(path.join(folder, "go"), "");
      await Promise.all([a, b]);
      assert.deepEqual(
        seen.filter((line) => !line.endsWith("starts")),
        ["a a", "b b"],
      );
      assert.equal(folders.length, 2);
    });

    it("is one for a step that mounts it twice", async () => {
      const built = await real.good({
        Dockerfile: dockerfile(
          "RUN --mount=type=cache,id=twice,target=/x,sharing=locked --mount=type=cache,id=twice,target=/y,sharing=locked touch /x/f; ls /y",
        ),
      });
      assert.deepEqual(built.log, ["f"]);
    });

    it("goes when it is removed", async () => {
      await real.good({ Dockerfile: dockerfile("RUN --mount=type=cache,target=/gone echo 12345 > /gone/x") });
      const [info] = (await listCacheMounts(real.home)).filter(({ name }) => name === "/gone");
      const { removed, freedBytes } = await removeCacheMounts(real.home, [info?.id ?? "", "../home", "0"]);
      assert.deepEqual(removed, [info?.id]);
      assert.equal(freedBytes, info?.sizeBytes);
      assert.deepEqual(await foldersOf("/gone"), []);
    });
  });

  describe("tmpfs", () => {
    it("has the mode of the folder that it covers", async () => {
      const built = await real.good({
        Dockerfile: dockerfile(
          "RUN --mount=type=tmpfs,target=/root --mount=type=tmpfs,target=/new stat -c %a /root /new",
        ),
      });
      const [root = "", made] = built.log;
      assert.match(root, /^7[05][05]$/);
      assert.equal(made, "1777");
    });

    it("is in memory, of the given size, and in no layer", async () => {
      const built = await real.good({
        Dockerfile: dockerfile(
          "RUN --mount=type=tmpfs,target=/t,size=1m stat -f -c %T /t; df -k /t | tail -1 | awk '{print $2}'; echo x > /t/x",
        ),
      });
      assert.deepEqual(built.log, ["tmpfs", "1024"]);
      assert.deepEqual(await changed(built), [[]]);
    });
  });

  describe("secret", () => {
    const value = "s3cr3t-Wort-äöü";
    const given = { token: { kind: "value" as const, value: Buffer.from(value).toString("base64") } };
    const hash = createHash("sha256").update(value).digest("hex");

    it("is a file in memory that only its owner may read, or a variable", async () => {
      const owner = onlyRoot ? "mode=0440" : "mode=0440,uid=1000,gid=1001";
      const built = await real.good(
        {
          Dockerfile: dockerfile(
            "RUN --mount=type=secret,id=token stat -f -c %T /run/secrets/token; stat -c '%a %u:%g' /run/secrets/token; sha256sum < /run/secrets/token",
            `RUN --mount=type=secret,id=token,target=/root/.token,${owner} stat -c '%a %u:%g' /root/.token; echo x 2>&1 > /root/.token | grep -o Read-only`,
            'RUN --mount=type=secret,id=token,env=TOKEN printf %s "$TOKEN" | sha256sum; ls /run/secrets 2>/dev/null | wc -l',
            'RUN --mount=type=secret,id=token,env=TOKEN,target=both printf %s "$TOKEN" | cmp - /both && echo both',
            "RUN --mount=type=secret,id=missing ls /run/secrets/missing 2>/dev/null || echo absent",
          ),
        },
        { secrets: given },
      );
      assert.deepEqual(built.log, [
        ...["tmpfs", "400 0:0", `${hash}  -`],
        ...[onlyRoot ? "440 0:0" : "440 1000:1001", "Read-only"],
        ...[`${hash}  -`, "0", "both", "absent"],
      ]);
      assert.deepEqual(await changed(built), [[], [], [], [], []]);
    });

    it("never keys a step, is never printed, and is nowhere afterwards", async () => {
      const file = path.join(real.home, "../token.txt");
      writeFileSync(file, value);
      const Dockerfile = dockerfile(
        'RUN --mount=type=secret,id=token,required=true --mount=type=secret,id=token,env=TOKEN echo up; echo "it is $TOKEN"; cat /run/secrets/token; echo; set -x; : $TOKEN',
        'RUN --mount=type=secret,id=token,env=TOKEN echo "$TOKEN" >&2; exit 3',
      );
      const told: number[] = [];
      const built = await real.build({ Dockerfile }, { secrets: { token: { kind: "file", path: file } } }, (event) => {
        if (event.type !== "log" || event.text !== "up") return;
        told.push(...processesWith(value), ...processesWith("--mount=type=secret,id=token"));
      });
      assert.equal(built.failure?.error.drydock?.exitCode, 3);
      // Two streams have no common order.
      assert.deepEqual(built.log.toSorted(), ["***", "***", "+ : '***'", "it is ***", "up"]);
      assert.deepEqual(told, [], "in the arguments of a process");
      assert.ok(!JSON.stringify(built.events).includes(value));
      const base64 = Buffer.from(value).toString("base64");
      for (const word of [value, base64]) {
        const found = execFileSync("sh", ["-c", 'grep -rlF -- "$1" "$2" || true', "sh", word, real.home], {
          encoding: "utf8",
        });
        assert.equal(found, "");
      }
      rmSync(file);
      // Another value, or none: the first step is what it was.
      const again = await real.build(built.context, { secrets: given });
      assert.equal(again.steps[1], "cached");
    });

    it("that is required and missing, unreadable or no text is said at the words", async () => {
      const required = dockerfile("RUN true", "RUN --mount=type=secret,id=token,required true");
      const missing = await real.build({ Dockerfile: required });
      assert.match(missing.failure?.error.message ?? "", /needs the secret token/);
      assert.deepEqual(missing.failure?.error.drydock?.range?.start, { line: 2, character: 12 });
      const noFile = await real.build(
        { Dockerfile: required },
        { secrets: { token: { kind: "file", path: "/no/such" } } },
      );
      assert.match(noFile.failure?.error.message ?? "", /cannot be read from \/no\/such/);
      const bytes = { token: { kind: "value" as const, value: Buffer.from([0, 255]).toString("base64") } };
      const noText = await real.build(
        { Dockerfile: dockerfile("RUN --mount=type=secret,id=token,env=T true") },
        { secrets: bytes },
      );
      assert.match(noText.failure?.error.message ?? "", /is no text/);
    });

    it("goes with a build that an engine was killed over", async () => {
      const folder = path.join(real.home, "runs/build-0123456789abcdef");
      const memory = await mountMemory(path.join(folder, "memory"), real.facts);
      writeFileSync(path.join(memory.path, "0"), value);
      mkdirSync(path.join(real.home, "cache-mounts/.new-1/data"), { recursive: true });
      await sweepBuilds(real.home, real.snapshots, real.facts);
      assert.deepEqual(readdirSync(path.join(real.home, "runs")), []);
      assert.ok(!existsSync(path.join(real.home, "cache-mounts/.new-1")));
    });
  });

  describe("ssh", () => {
    it("forwards the agent, to the user that it is for", async () => {
      await real.addImage("node", await nodeImage());
      const socket = path.join(real.home, "../agent.sock");
      const agent = net.createServer((connection) => connection.on("data", (data) => connection.end(`signed ${data}`)));
      await new Promise<void>((resolve) => agent.listen(socket, resolve));
      const ask =
        'node -e \'require("net").connect(process.env.SSH_AUTH_SOCK).on("data", (d) => console.log(String(d))).write("this")\'';
      const built = await real.good(
        {
          Dockerfile: [
            "FROM node",
            `RUN --mount=type=ssh ${ask}; echo $SSH_AUTH_SOCK; stat -c '%a %u:%g' $SSH_AUTH_SOCK`,
            ...(onlyRoot
              ? []
              : ["USER 1000", `RUN --mount=type=ssh,id=mine,uid=1000,target=/tmp/agent,required ${ask}`]),
            "RUN --mount=type=ssh,id=none [ -e $SSH_AUTH_SOCK ] || echo none",
            "",
          ].join("\n"),
        },
        { ssh: { default: socket, mine: socket } },
      );
      agent.close();
      const first = ["signed this", "/run/buildkit/ssh_agent.0", "600 0:0"];
      assert.deepEqual(built.log, [...first, ...(onlyRoot ? [] : ["signed this"]), "none"]);
      const missing = await real.build({ Dockerfile: dockerfile("RUN --mount=type=ssh,required true") });
      assert.match(missing.failure?.error.message ?? "", /needs the ssh agent default/);
      const noSocket = await real.build(
        { Dockerfile: dockerfile("RUN --mount=type=ssh true") },
        { ssh: { default: "/etc/passwd" } },
      );
      assert.match(noSocket.failure?.error.message ?? "", /\/etc\/passwd is no socket/);
    });
  });

  describe("the sandbox of a build", () => {
    it("has hosts, shared memory and limits that were asked for", async () => {
      const built = await real.good(
        {
          Dockerfile: dockerfile(
            "RUN grep -E 'db|here|six' /etc/hosts; df -k /dev/shm | tail -1 | awk '{print $2}'; ulimit -Sn; ulimit -Hn",
          ),
        },
        {
          addHosts: ["db:10.0.0.7", "here:host-gateway", "six=[::2]"],
          shmSizeBytes: 2 * 1024 * 1024,
          ulimits: [{ name: "nofile", soft: 64, hard: 128 }],
        },
      );
      assert.deepEqual(built.log, ["10.0.0.7\tdb", "127.0.0.1\there", "::2\tsix", "2048", "64", "128"]);
      const moved = await real.good(built.context, {
        addHosts: ["db:10.0.0.8", "here:host-gateway", "six=[::2]"],
        shmSizeBytes: 2 * 1024 * 1024,
        ulimits: [{ name: "nofile", soft: 64, hard: 128 }],
      });
      assert.deepEqual(moved.steps, ["cached", "cached"]);
      const bad = await real.build({ Dockerfile: dockerfile("RUN true") }, { addHosts: ["db"] });
      assert.match(bad.failure?.error.message ?? "", /invalid extra host: db/);
    });

    it("has no network when the build says so, unless a step chooses another", async () => {
      const built = await real.good(
        { Dockerfile: dockerfile("RUN ip link | grep -c '^[0-9]'", "RUN --network=host readlink /proc/self/ns/net") },
        { network: "none", allow: ["network.host"] },
      );
      assert.deepEqual(built.log, ["1", readlinkSync("/proc/self/ns/net")]);
    });

    it("refuses what Docker's profile refuses, where that can be had, unless the step is insecure", async () => {
      const look = "grep Seccomp: /proc/self/status; unshare -U true 2>&1 | grep -o 'not permitted'; :";
      const Dockerfile = dockerfile(`RUN ${look}`, `RUN --security=insecure ${look}`);
      const built = await real.good({ Dockerfile }, { allow: ["security.insecure"] });
      const refused = real.facts.seccompBy === undefined ? ["Seccomp:\t0"] : ["Seccomp:\t2", "not permitted"];
      assert.deepEqual(built.log.slice(0, refused.length + 1), [...refused, "Seccomp:\t0"]);
    });

    it("is open with --security=insecure", async () => {
      const own = /^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
      const Dockerfile = dockerfile("RUN --security=insecure grep CapEff /proc/self/status | awk '{print $2}'");
      const built = await real.good({ Dockerfile }, { allow: ["security.insecure"] });
      assert.deepEqual(built.log, [own]);
      const refused = await real.build(built.context);
      assert.match(refused.failure?.error.message ?? "", /--allow security\.insecure/);
    });
  });

  it("does the steps of named stages again, and what stands on them", async () => {
    const Dockerfile = [
      "FROM busybox AS deps",
      "RUN echo deps > /deps",
      "FROM busybox AS other",
      "RUN echo other",
      "FROM busybox",
      "COPY --from=other /bin/busybox /b",
      "RUN echo first",
      "COPY --from=deps /deps /d",
      "RUN echo last",
      "",
    ].join("\n");
    const first = await real.good({ Dockerfile });
    const again = await real.good(first.context, { noCacheFilter: ["DEPS"] });
    const done = again.events.flatMap((event) => (event.type === "step-done" && !event.cached ? [event.step] : []));
    const started = again.events.find((event) => event.type === "started");
    assert.deepEqual(
      started?.steps.filter(({ id }) => done.includes(id)).map(({ text }) => text),
      ["RUN echo deps > /deps", "COPY --from=deps /deps /d", "RUN echo last"],
    );
  });

  it("says where a mount cannot be made", async () => {
    chmodSync(real.home, 0o700);
    const built = await real.build({
      "src/a": "",
      Dockerfile: dockerfile("RUN --mount=source=src,target=/s --mount=type=cache,target=/s/node_modules true"),
    });
    assert.match(built.failure?.error.message ?? "", /Cannot mount on \/s\/node_modules/);
  });
}
