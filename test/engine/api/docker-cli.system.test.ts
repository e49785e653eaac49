import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { busyboxImage } from "../../support/base-images.ts";
import {
  bundleEngine,
  type EngineLab,
  gone,
  logOf,
  openEngineLab,
  ordinaryUser,
  outputOf,
  root,
  said,
  type User,
} from "../../support/docker-lab.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";

const dockerfile = `FROM busybox
ARG GREETING=hello
WORKDIR /srv
COPY index.html .
RUN echo "$GREETING" > greeting && id -u
LABEL org.example=yes
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/srv"]
`;

const users: readonly User[] = [root, ordinaryUser()].filter((user) => user !== undefined);

describe("the real docker client", () => {
  let registry: TestRegistry;
  let dist: { readonly dir: string; dispose(): void };
  before(async function () {
    this.timeout(120_000);
    registry = await startRegistry();
    await registry.push("library/busybox:latest", await busyboxImage());
    dist = await bundleEngine();
  });
  after(async () => {
    dist?.dispose();
    await registry?.stop();
  });

  for (const user of users) {
    describe(`as ${user.name}`, function () {
      this.timeout(180_000);
      let lab: EngineLab;
      before(async () => {
        lab = await openEngineLab(user, { dist: dist.dir, settings: { registryMirrors: [registry.url] } });
        const { code, stderr } = await lab.launch();
        assert.equal(code, 0, stderr + logOf(lab.home));
      });
      after(() => lab?.dispose());

      it("finds an engine", async () => {
        assert.match(await lab.ok(["version"]), /Server: Drydock\n(.*\n)* +Version: +0\.1\.0/);
        const info = await lab.ok(["info"]);
        assert.match(info, /Operating System: Drydock/);
        assert.match(info, new RegExp(`${registry.url}`));
      });

      it("pulls, lists, inspects and tags images", async () => {
        assert.match(await lab.ok(["pull", "busybox"]), /Status: Downloaded newer image for busybox:latest/);
        assert.match(await lab.ok(["pull", "busybox"]), /Status: Image is up to date for busybox:latest/);
        assert.match(await lab.ok(["images"]), /^busybox +latest +[0-9a-f]{12} /m);
        assert.match(await lab.ok(["history", "busybox"]), /^[0-9a-f]{12} /m);
        await lab.ok(["tag", "busybox", "my/box:1"]);
        assert.equal(await lab.ok(["inspect", "-f", "{{.Os}}", "my/box:1"]), "linux\n");
        assert.equal(await lab.ok(["rmi", "my/box:1"]), "Untagged: my/box:1\n");
        const missing = await lab.docker(["pull", "nothing"]);
        assert.equal(missing.code, 1);
        assert.doesNotMatch(missing.stderr, /internal|undefined/);
        const unknown = await lab.docker(["inspect", "nothing"]);
        assert.match(unknown.stderr, /no such object: nothing/i);
      });

      it("runs a command and has its output and its exit code", async () => {
        await lab.ok(["rmi", "busybox"]);
        const pulled = await lab.docker(["run", "--rm", "busybox", "echo", "hello"]);
        assert.equal(pulled.stdout, "hello\n");
        assert.match(pulled.stderr, /^Unable to find image 'busybox:latest' locally\n/);
        assert.equal(await lab.ok(["run", "--rm", "busybox", "echo", "hello"]), "hello\n");
        const failed = await lab.docker(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"]);
        assert.deepEqual([failed.code, failed.stdout, failed.stderr], [7, "out\n", "err\n"]);
        const unknown = await lab.docker(["run", "--rm", "busybox", "no-such-command"]);
        assert.equal(unknown.code, 127, unknown.stderr);
        const typed = await lab.ok(["run", "--rm", "-i", "busybox", "tr", "a-z", "A-Z"], { input: "typed\n" });
        assert.equal(typed, "TYPED\n");
        assert.equal(await lab.ok(["ps", "-aq"]), "");
      });

      it("builds with the classic builder, and again from the cache", async () => {
        lab.write({ "app/Dockerfile": dockerfile, "app/index.html": "<p>it works</p>\n" });
        const build = ["build", "-t", "app:1", "--build-arg", "GREETING=hi", "--label", "a=b", "app"];
        const first = await lab.ok(build);
        assert.match(first, /^Step 1\/\d+ : FROM busybox$/m);
        assert.match(first, /Successfully built [0-9a-f]{12}\nSuccessfully tagged app:1\n$/);
        const second = await lab.ok(build);
        assert.match(second, /RUN echo .*\n ---> Using cache/);
        assert.match(await lab.ok(["build", "-q", "app"]), /^sha256:[0-9a-f]{64}\n$/);
        const labels = await lab.ok(["inspect", "-f", "{{json .Config.Labels}}", "app:1"]);
        assert.deepEqual(JSON.parse(labels), { a: "b", "org.example": "yes" });
        assert.equal(await lab.ok(["run", "--rm", "app:1", "cat", "greeting"]), "hi\n");

        lab.write({ "broken/Dockerfile": "FROM busybox\nRUN echo before && exit 3\n" });
        const broken = await lab.docker(["build", "broken"]);
        assert.notEqual(broken.code, 0);
        assert.match(broken.stdout + broken.stderr, /before/);
        lab.write({ "wrong/Dockerfile": "FROM busybox\nCOPPY a b\n" });
        assert.match((await lab.docker(["build", "wrong"])).stderr, /COPPY/);
      });

      it("publishes a port", async () => {
        const id = (await lab.ok(["run", "-d", "--name", "web", "-p", "127.0.0.1::8080", "app:1"])).trim();
        const port = /127\.0\.0\.1:(\d+)/.exec(await lab.ok(["port", "web"]))?.[1];
        assert.equal(await fetchText(Number(port)), "<p>it works</p>\n");
        assert.match(await lab.ok(["ps"]), new RegExp(`${id.slice(0, 12)} +app:1 .*Up .*:${port}->8080/tcp +web`));
        assert.match(await lab.ok(["top", "web"]), /httpd -f/);
      });

      it("does not remove the image of a container, and says whose it is", async () => {
        const running = await lab.docker(["rmi", "-f", "app:1"]);
        assert.match(running.stderr, /conflict: unable to remove image "app:1": container web is using it/);
        await lab.ok(["stop", "-t", "1", "web"]);
        assert.match(await lab.ok(["ps", "-a"]), /Exited \(\d+\)/);
        const stopped = await lab.docker(["rmi", "app:1"]);
        assert.equal(stopped.code, 1);
        assert.match(stopped.stderr, /container web is using it/);
      });

      it("starts a stopped container again, and removes it and its image", async () => {
        await lab.ok(["start", "web"]);
        const port = /127\.0\.0\.1:(\d+)/.exec(await lab.ok(["port", "web"]))?.[1];
        assert.equal(await fetchText(Number(port)), "<p>it works</p>\n");
        assert.match((await lab.docker(["rm", "web"])).stderr, /running/);
        await lab.ok(["rm", "-f", "web"]);
        assert.match(await lab.ok(["rmi", "app:1"]), /^Untagged: app:1\nDeleted: sha256:/);
      });

      it("follows logs until the container ends", async () => {
        await lab.ok(["run", "-d", "--name", "talker", "busybox", "sh", "-c", "echo one; exec sleep 600"]);
        const following = lab.spawn("docker", ["logs", "-f", "talker"]);
        const output = outputOf(following);
        await said(following, /one/);
        await lab.ok(["kill", "talker"]);
        assert.match((await output).stdout, /^one\n/);
        assert.match(await lab.ok(["logs", "-t", "talker"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z one$/m);
        assert.equal(await lab.ok(["logs", "--tail", "0", "talker"]), "");
        await lab.ok(["rm", "-f", "talker"]);
      });

      it("runs commands in a container, with and without a terminal", async () => {
        await lab.ok(["run", "-d", "--name", "box", "busybox", "sleep", "600"]);
        assert.equal(await lab.ok(["exec", "-e", "A=b", "-w", "/bin", "box", "sh", "-c", "echo $A; pwd"]), "b\n/bin\n");
        assert.equal((await lab.docker(["exec", "box", "sh", "-c", "exit 5"])).code, 5);
        assert.equal(await lab.ok(["exec", "-i", "box", "cat"], { input: "typed" }), "typed");
        await lab.ok(["exec", "-d", "box", "touch", "/tmp/made"]);
        await lab.ok(["exec", "box", "sh", "-c", "until [ -e /tmp/made ]; do sleep 0.1; done"]);
        const terminal = await lab.run("script", ["-qec", "docker exec -it box sh -c 'tty; exit 4'", "/dev/null"]);
        assert.match(terminal.stdout, /\/dev\/pts\/\d/);
        assert.equal(terminal.code, 4);
        await lab.ok(["rename", "box", "case"]);
        await lab.ok(["restart", "-t", "0", "case"]);
        assert.equal(await lab.ok(["exec", "case", "ls", "/tmp/made"]), "/tmp/made\n");
        await lab.ok(["rm", "-f", "case"]);
      });

      it("runs with a terminal, attaches to it, and waits for it", async () => {
        const shell = await lab.run("script", [
          "-qec",
          "docker run --rm -it busybox sh -c 'tty && stty size'",
          "/dev/null",
        ]);
        assert.match(shell.stdout, /\/dev\/pts\/\d/);
        assert.equal(shell.code, 0, shell.stdout);

        await lab.ok(["run", "-d", "-i", "--name", "cat", "busybox", "sh", "-c", "read line; echo got $line; exit 6"]);
        const waiting = lab.docker(["wait", "cat"]);
        const attached = lab.spawn("docker", ["attach", "cat"]);
        const output = outputOf(attached);
        attached.stdin?.write("words\n");
        assert.equal((await output).stdout, "got words\n");
        assert.equal((await output).code, 6);
        assert.equal((await waiting).stdout, "6\n");
        await lab.ok(["rm", "cat"]);
      });

      it("prunes, and knows what uses how much", async () => {
        await lab.ok(["create", "--name", "never-started", "busybox"]);
        assert.match(await lab.ok(["system", "df"]), /^Images +\d+ +1 /m);
        assert.match(await lab.ok(["container", "prune", "-f"]), /^Deleted Containers:\n[0-9a-f]{64}$/m);
        await lab.ok(["image", "prune", "-f"]);
        assert.doesNotMatch(await lab.ok(["images"]), /<none>/);
        assert.match(await lab.ok(["network", "ls"]), / bridge +bridge +local$/m);
        assert.equal(await lab.ok(["volume", "ls", "-q"]), "");
        await lab.ok(["run", "--rm", "-v", "data:/data", "busybox", "touch", "/data/kept"]);
        assert.equal(await lab.ok(["run", "--rm", "-v", "data:/data", "busybox", "ls", "/data"]), "kept\n");
        assert.equal(await lab.ok(["volume", "rm", "data"]), "data\n");

        assert.notDeepEqual(layersOf(lab.home), []);
        await lab.ok(["builder", "prune", "-f"]);
        assert.match(await lab.ok(["image", "prune", "-af"]), /Total reclaimed space: [1-9]/);
        assert.deepEqual(layersOf(lab.home), []);
        await lab.ok(["pull", "busybox"]);
      });

      it("tells events", async () => {
        const since = String(Math.floor(Date.now() / 1000) - 1);
        await lab.ok(["run", "--rm", "--name", "short", "busybox", "true"]);
        const until = String(Math.floor(Date.now() / 1000) + 1);
        const args = ["--since", since, "--until", until, "--filter", "container=short"];
        const events = await lab.ok(["events", ...args, "--format", "{{.Action}}"]);
        for (const action of ["create", "start", "die", "destroy"])
          assert.match(events, new RegExp(`^${action}$`, "m"));
      });

      it("keeps containers running when the engine is killed", async () => {
        const script = "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.2; done; sleep 600";
        await lab.ok(["run", "-d", "--name", "survivor", "busybox", "sh", "-c", script]);
        const { pid } = await lab.status();
        process.kill(pid, "SIGKILL");
        await gone(pid);
        assert.notEqual((await lab.docker(["ps"])).code, 0);

        const { code, stderr } = await lab.launch();
        assert.equal(code, 0, stderr);
        assert.notEqual((await lab.status()).pid, pid);
        assert.match(await lab.ok(["ps"]), /Up .*survivor/);
        const following = lab.spawn("docker", ["logs", "-f", "survivor"]);
        const text = await said(following, /line 9/);
        following.kill();
        assert.equal(text, [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `line ${i}\n`).join(""));
        assert.equal(await lab.ok(["exec", "survivor", "echo", "alive"]), "alive\n");
        await lab.ok(["stop", "-t", "0", "survivor"]);
        assert.match(await lab.ok(["ps", "-a"]), /Exited \(137\) .*survivor/);
        await lab.ok(["rm", "survivor"]);
      });

      it("starts one engine however many ask, and ends it in good order", async () => {
        const { pid } = await lab.status();
        await lab.run("kill", [String(pid)]);
        await gone(pid);
        const started = await Promise.all([1, 2, 3].map(() => lab.launch()));
        const pids = started.map(({ code, stdout, stderr }) => {
          assert.equal(code, 0, stderr);
          return (JSON.parse(stdout) as { pid: number }).pid;
        });
        assert.equal(new Set(pids).size, 1);
      });

      it("ends when there is nothing to do", async () => {
        const before = await lab.status();
        await lab.run("kill", [String(before.pid)]);
        await gone(before.pid);
        const { stdout } = await lab.launch({ DRYDOCK_IDLE_SECONDS: "0.3" });
        await gone((JSON.parse(stdout) as { pid: number }).pid);
        assert.match(logOf(lab.home), /end: nothing to do/);
      });
    });
  }
});

/** Unpacked layers. */
function layersOf(home: string): readonly string[] {
  return readdirSync(path.join(home, "layers")).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/** A port is open from the start on; until somebody listens behind it, who connects is turned away. */
async function fetchText(port: number): Promise<string> {
  for (;;) {
    const req = request({ host: "127.0.0.1", port, path: "/", agent: false });
    req.end();
    try {
      const [response] = await once(req, "response");
      let text = "";
      for await (const chunk of response) text += String(chunk);
      return text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
