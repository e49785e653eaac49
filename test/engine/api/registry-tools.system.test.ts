// The real tools around the real engine: docker's client in front of it; skopeo, podman and docker's own engine beside it.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { digestOf } from "../../../engine/base/digest.ts";
import { mediaTypes } from "../../../engine/oci/types.ts";
import { busyboxImage } from "../../support/base-images.ts";
import { ask } from "../../support/cli-lab.ts";
import {
  bundleEngine,
  type EngineLab,
  logOf,
  openEngineLab,
  ordinaryUser,
  root,
  type User,
} from "../../support/docker-lab.ts";
import { imageBlobs, json, tarOf } from "../../support/image-blobs.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";

const login = { username: "alice", password: "s3cret-word" };
const dockerfile = `FROM busybox
COPY index.html /srv/
RUN echo made > /srv/made
LABEL a=b
CMD ["cat", "/srv/index.html", "/srv/made"]
`;
const users: readonly User[] = [root, ordinaryUser()].filter((user) => user !== undefined);
/** Program and arguments that end with 0. */
const run = (file: string, ...args: string[]): string => execFileSync(file, args, { encoding: "utf8", stdio: "pipe" });

describe("images between tools", () => {
  let mirror: TestRegistry;
  let registry: TestRegistry;
  let dist: { readonly dir: string; dispose(): void };
  before(async function () {
    this.timeout(120_000);
    mirror = await startRegistry();
    registry = await startRegistry({ login });
    await mirror.push("library/busybox:latest", await busyboxImage());
    dist = await bundleEngine();
  });
  after(async () => {
    dist?.dispose();
    await registry?.stop();
    await mirror?.stop();
  });

  for (const user of users) {
    describe(`as ${user.name}`, function () {
      this.timeout(180_000);
      let lab: EngineLab;
      let name: string;
      const file = (one: string) => path.join(lab.folder, one);
      const credentials = `${login.username}:${login.password}`;
      before(async () => {
        lab = await openEngineLab(user, { dist: dist.dir, settings: { registryMirrors: [mirror.url] } });
        name = `${registry.host}/${user.name}/app`;
        const { code, stderr } = await lab.launch();
        assert.equal(code, 0, stderr + logOf(lab.home));
        lab.write({ "app/Dockerfile": dockerfile, "app/index.html": "hello\n" });
        await lab.ok(["build", "-q", "-t", `${name}:1`, file("app")]);
      });
      after(() => lab?.dispose());

      it("docker logs in, and a wrong password is told without being repeated", async () => {
        const wrong = await lab.docker(["login", "-u", "alice", "--password-stdin", registry.host], {
          input: "wrong-pass",
        });
        assert.equal(wrong.code, 1);
        assert.match(wrong.stderr, /does not accept this user name and password/);
        assert.doesNotMatch(wrong.stderr + logOf(lab.home), /wrong-pass/);
        const right = await lab.ok(["login", "-u", "alice", "--password-stdin", registry.host], {
          input: login.password,
        });
        assert.match(right, /Login Succeeded/);
      });

      it("docker pushes, twice with nothing to send, and the result is pulled by another name", async () => {
        const first = await lab.ok(["push", `${name}:1`]);
        const digest = /1: digest: (sha256:\w+) size: \d+/.exec(first)?.[1];
        assert.ok(digest, first);
        const before = (await registry.requests()).length;
        const second = await lab.ok(["push", `${name}:1`]);
        assert.match(second, new RegExp(digest));
        assert.match(second, /Layer already exists/);
        const requests = (await registry.requests()).slice(before).filter((line) => !line.startsWith("HEAD"));
        assert.deepEqual(
          requests.filter((line) => !line.includes("/manifests/")),
          [],
        );
        assert.match(await lab.ok(["inspect", "-f", "{{.RepoDigests}}", `${name}:1`]), new RegExp(digest));
        await lab.ok(["tag", `${name}:1`, `${name}:2`]);
        assert.match(await lab.ok(["push", "-a", name]), /2: digest/);
        await lab.ok(["rmi", "-f", `${name}:1`, `${name}:2`]);
        assert.match(await lab.ok(["pull", `${name}:2`]), /Downloaded newer image/);
        assert.equal(await lab.ok(["run", "--rm", "--net", "none", `${name}:2`]), "hello\nmade\n");
        await lab.ok(["rmi", "-f", `${name}:2`]);
        assert.match(await lab.ok(["pull", "-a", name]), /Downloaded newer image for .*:1/);
        assert.match(await lab.ok(["images", name]), / 2 [\s\S]* 1 | 1 [\s\S]* 2 /);
      });

      it("a push to another repository mounts what the registry has", async () => {
        await lab.ok(["tag", `${name}:1`, `${registry.host}/${user.name}/other:1`]);
        const output = await lab.ok(["push", `${registry.host}/${user.name}/other:1`]);
        assert.match(output, /Mounted from/);
      });

      it("skopeo, podman and docker read what was pushed, whole and valid", async () => {
        const source = `docker://${name}:1`;
        const options = ["--tls-verify=false", "--creds", credentials];
        const inspected = JSON.parse(run("skopeo", "inspect", ...options, source));
        assert.equal(inspected.Labels.a, "b");
        run("skopeo", "copy", "-q", "--src-tls-verify=false", "--src-creds", credentials, source, `dir:${file("dir")}`);
      });

      it("skopeo reads the store as a layout, and what it puts there is run", async () => {
        const layout = `oci:${lab.home}:${name}:1`;
        assert.match(run("skopeo", "inspect", layout), /"Layers"/);
        run("skopeo", "copy", "-q", layout, `dir:${file("from-store")}`);
        run(
          "skopeo",
          "copy",
          "-q",
          layout,
          "--dest-tls-verify=false",
          "--dest-creds",
          credentials,
          `docker://${name}:skopeo`,
        );
        await lab.ok(["pull", `${name}:skopeo`]);
        assert.equal(await lab.ok(["run", "--rm", "--net", "none", `${name}:skopeo`]), "hello\nmade\n");
      });

      it("umoci unpacks what is saved as a layout", async () => {
        await lab.ok(["save", "-o", file("layout.tar"), `${name}:1`]);
        mkdirSync(file("layout"));
        run("tar", "-xf", file("layout.tar"), "-C", file("layout"));
        run("umoci", "unpack", "--rootless", "--image", `${file("layout")}:1`, file("bundle"));
        assert.equal(readFileSync(path.join(file("bundle"), "rootfs/srv/made"), "utf8"), "made\n");
      });

      it("saves for skopeo, and loads what skopeo, as both kinds of archive, has written", async () => {
        await lab.ok(["save", "-o", file("app.tar"), `${name}:1`]);
        const entries = run("tar", "-tf", file("app.tar"));
        for (const entry of ["manifest.json", "index.json", "oci-layout"])
          assert.match(entries, new RegExp(`^${entry}$`, "m"));
        run("skopeo", "copy", "-q", `docker-archive:${file("app.tar")}`, `oci-archive:${file("s.oci.tar")}:s/oci:1`);
        run("skopeo", "copy", "-q", `oci-archive:${file("app.tar")}`, `docker-archive:${file("s.tar")}:s/docker:1`);
        for (const [archive, loaded] of [
          ["s.oci.tar", "s/oci:1"],
          ["s.tar", "s/docker:1"],
        ] as const) {
          assert.match(await lab.ok(["load", "-q", "-i", file(archive)]), new RegExp(`Loaded image: ${loaded}`));
          assert.equal(await lab.ok(["run", "--rm", "--net", "none", loaded]), "hello\nmade\n");
        }
      });

      it("saves and loads with names and digests kept, several images, also compressed", async () => {
        const id = await lab.ok(["inspect", "-f", "{{.Id}} {{.RepoTags}}", `${name}:1`]);
        await lab.ok(["save", "-o", file("two.tar"), `${name}:1`, `${name}:2`, "busybox"]);
        run("gzip", "-f", file("two.tar"));
        await lab.ok(["rmi", "-f", `${name}:1`, `${name}:2`]);
        const said = await lab.ok(["load", "-i", file("two.tar.gz")]);
        assert.match(said, /Loaded image: busybox:latest/);
        assert.equal(await lab.ok(["inspect", "-f", "{{.Id}} {{.RepoTags}}", `${name}:1`]), id);
      });

      it("refuses a damaged or hostile archive, and keeps nothing of it", async () => {
        const blobs = path.join(lab.home, "blobs", "sha256");
        const before = readdirSync(blobs).sort();
        await lab.ok(["save", "-o", file("whole.tar"), `${name}:1`]);
        const whole = readFileSync(file("whole.tar"));
        writeFileSync(file("cut.tar"), whole.subarray(0, whole.length / 2), { mode: 0o644 });
        const climbing = { "layer.tar": randomBytes(100_000), "../../evil": "x" };
        writeFileSync(file("hostile.tar"), await tarOf(climbing), { mode: 0o644 });
        for (const [archive, words] of [
          ["cut.tar", /the archive is damaged/],
          ["hostile.tar", /the archive is refused: .*leads out of it/],
        ] as const) {
          const refused = await lab.docker(["load", "-i", file(archive)]);
          assert.equal(refused.code, 1);
          assert.match(refused.stderr + refused.stdout, words);
        }
        const known = new Set(before);
        assert.deepEqual(
          readdirSync(blobs).filter((blob) => !known.has(blob)),
          [],
        );
      });

      it("imports a root file system with changes", async () => {
        run("sh", "-c", `cd ${lab.folder} && tar -cf root.tar -C app index.html && gzip -f root.tar`);
        const change = ["-c", "CMD cat /index.html", "-c", "ENV A=b", "-m", "by hand"];
        assert.match(await lab.ok(["import", ...change, file("root.tar.gz"), "imported:1"]), /^sha256:/);
        const config = JSON.parse(await lab.ok(["inspect", "-f", "{{json .Config}}", "imported:1"]));
        assert.deepEqual(config.Cmd, ["/bin/sh", "-c", "cat /index.html"]);
        assert.deepEqual(config.Env, ["A=b"]);
        assert.match(await lab.ok(["history", "imported:1"]), /by hand/);
        const server = createServer((_, response) => createReadStream(file("root.tar.gz")).pipe(response));
        await once(server.listen(0, "127.0.0.1"), "listening");
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/root.tar.gz`;
        await lab.ok(["import", address, "imported:4"]);
        server.close();
        const layers = await lab.ok(["inspect", "-f", "{{.RootFS.Layers}}", "imported:1"]);
        assert.equal(await lab.ok(["inspect", "-f", "{{.RootFS.Layers}}", "imported:4"]), layers);
        const odd = await lab.docker(["import", "-c", "RUN rm -rf /", file("root.tar.gz"), "imported:2"]);
        assert.match(odd.stderr, /is not a valid change of an image/);
        const picture = await lab.docker(["import", file("app/Dockerfile"), "imported:3"]);
        assert.match(picture.stderr, /this is no tar, so it cannot be imported\. Import a tar/);
      });

      it("an image for several machines is loaded, run, pushed and saved as a whole", async () => {
        const busybox = await busyboxImage();
        const config = JSON.parse(String(busybox.blobs.get(busybox.id)));
        const other = imageBlobs({ layers: [await tarOf({ other: "machine" })], architecture: "s390x" });
        const index = json({
          schemaVersion: 2,
          mediaType: mediaTypes.index,
          manifests: [
            { ...other.manifest, platform: { os: "linux", architecture: "s390x" } },
            { ...busybox.manifest, platform: { os: "linux", architecture: config.architecture } },
          ],
        });
        const multi = `${mirror.host}/${user.name}/multi:1`;
        const root = { mediaType: mediaTypes.index, digest: digestOf(index), size: index.byteLength };
        const named = { ...root, annotations: { "org.opencontainers.image.ref.name": multi } };
        const blobs = [...busybox.blobs, ...other.blobs, [root.digest, index] as const];
        const archive = await tarOf({
          "oci-layout": json({ imageLayoutVersion: "1.0.0" }),
          "index.json": json({ schemaVersion: 2, manifests: [named] }),
          ...Object.fromEntries(blobs.map(([digest, data]) => [`blobs/sha256/${digest.slice(7)}`, data])),
        });
        writeFileSync(file("multi.tar"), archive, { mode: 0o644 });
        assert.match(await lab.ok(["load", "-i", file("multi.tar")]), /Loaded image: .*multi:1/);
        assert.equal(await lab.ok(["run", "--rm", "--net", "none", multi, "echo", "runs"]), "runs\n");
        assert.match(await lab.ok(["push", multi]), new RegExp(`1: digest: ${root.digest}`));
        const raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${multi}`);
        assert.equal(digestOf(raw), root.digest);
        const elsewhere = ["--override-arch", "s390x", "inspect", "--tls-verify=false", `docker://${multi}`];
        assert.equal(JSON.parse(run("skopeo", ...elsewhere)).Architecture, "s390x");
        const described = await ask(lab.socket, "GET", `/distribution/${multi}/json`);
        assert.equal(JSON.parse(described.text).Platforms.length, 2);
        await lab.ok(["save", "-o", file("multi2.tar"), multi]);
        const listed = run("tar", "-xOf", file("multi2.tar"), "index.json");
        assert.equal(JSON.parse(listed).manifests[0].digest, root.digest);
      });

      it("searches a registry of one's own, and shows the manifest of what is there", async () => {
        await lab.ok(["pull", "-q", `${mirror.host}/library/busybox:latest`]);
        assert.match(await lab.ok(["search", `${mirror.host}/busy`]), /library\/busybox/);
        assert.match(await lab.ok(["history", "--no-trunc", `${name}:1`]), /CMD \["cat"/);
      });

      it("docker logs out, and the registry is closed again", async () => {
        await lab.ok(["logout", registry.host]);
        const refused = await lab.docker(["push", `${name}:1`]);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /wants a login/);
        assert.doesNotMatch(logOf(lab.home), /s3cret-word|YWxpY2U6/);
      });
    });
  }

  describe("with other engines, as root", function () {
    this.timeout(180_000);
    let lab: EngineLab;
    const folder = mkdtempSync(path.join(tmpdir(), "drydock-peers-"));
    const graph = ["--root", path.join(folder, "podman"), "--runroot", path.join(folder, "podman-run")];
    const podman = (...args: string[]) => run("podman", ...graph, "--storage-driver", "vfs", ...args);
    let dockerd: ChildProcess | undefined;
    const socket = path.join(folder, "docker.sock");
    const realDocker = (...args: string[]) => run("docker", "-H", `unix://${socket}`, ...args);
    const name = () => `${mirror.host}/peers/app`;

    before(async function () {
      if (process.getuid?.() !== 0) return this.skip();
      lab = await openEngineLab(root, { dist: dist.dir, settings: { registryMirrors: [mirror.url] } });
      await lab.launch();
      lab.write({ "app/Dockerfile": dockerfile, "app/index.html": "hello\n" });
      await lab.ok(["build", "-q", "-t", `${name()}:1`, path.join(lab.folder, "app")]);
      const places = ["data-root", "exec-root"].map((place) => `--${place}=${path.join(folder, place)}`);
      const network = ["--bridge=none", "--iptables=false", "--ip6tables=false"];
      const more = ["-H", `unix://${socket}`, `--pidfile=${path.join(folder, "pid")}`, "--storage-driver=vfs"];
      dockerd = spawn("dockerd", [...places, ...network, ...more], { stdio: ["ignore", "ignore", "pipe"] });
      await new Promise<void>((resolve, reject) => {
        let log = "";
        dockerd?.stderr?.setEncoding("utf8").on("data", (text: string) => {
          log += text;
          if (/API listen on/.test(log)) resolve();
        });
        dockerd?.on("exit", () => reject(new Error(`dockerd ended:\n${log}`)));
      });
    });
    after(async () => {
      if (dockerd && dockerd.exitCode === null) {
        dockerd.kill("SIGTERM");
        await once(dockerd, "exit");
      }
      await lab?.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    it("dockerd loads what we save, and runs it", async () => {
      const archive = path.join(folder, "ours.tar");
      await lab.ok(["save", "-o", archive, `${name()}:1`]);
      assert.match(realDocker("load", "-i", archive), /Loaded image: .*peers\/app:1/);
      assert.equal(realDocker("run", "--rm", "--network", "none", `${name()}:1`), "hello\nmade\n");
      const id = realDocker("inspect", "-f", "{{.Id}}", `${name()}:1`);
      assert.equal(await lab.ok(["inspect", "-f", "{{.Id}}", `${name()}:1`]), id);
    });

    it("we load what dockerd saves, and run what it pushes", async () => {
      const archive = path.join(folder, "theirs.tar");
      realDocker("tag", `${name()}:1`, "theirs:1");
      realDocker("save", "-o", archive, "theirs:1");
      assert.match(await lab.ok(["load", "-i", archive]), /Loaded image: theirs:1/);
      assert.equal(await lab.ok(["run", "--rm", "--net", "none", "theirs:1"]), "hello\nmade\n");
      realDocker("tag", `${name()}:1`, `${name()}:docker`);
      realDocker("push", "-q", `${name()}:docker`);
      await lab.ok(["pull", "-q", `${name()}:docker`]);
      assert.equal(await lab.ok(["run", "--rm", "--net", "none", `${name()}:docker`]), "hello\nmade\n");
    });

    it("dockerd and podman pull what we push, in either kind of media types", async () => {
      await lab.ok(["tag", `${name()}:1`, `${name()}:v2`]);
      await lab.ok(["push", "-q", `${name()}:1`]);
      const answer = await ask(lab.socket, "POST", `/images/${name()}/push?tag=v2&mediatypes=docker`);
      assert.match(answer.text, /"aux"/);
      assert.match(
        run("skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${name()}:v2`),
        /docker\.distribution/,
      );
      for (const tag of ["1", "v2"]) {
        realDocker("rmi", "-f", `${name()}:1`, `${name()}:docker`, "theirs:1");
        realDocker("pull", "-q", `${name()}:${tag}`);
        assert.equal(realDocker("run", "--rm", "--network", "none", `${name()}:${tag}`), "hello\nmade\n");
        podman("pull", "-q", "--tls-verify=false", `${name()}:${tag}`);
        assert.match(podman("inspect", "-f", "{{.Config.Cmd}}", `${name()}:${tag}`), /cat/);
      }
    });

    it("podman loads what we save, and we what it saves and pushes", async () => {
      const archive = path.join(folder, "ours2.tar");
      await lab.ok(["tag", `${name()}:1`, "ours:2"]);
      await lab.ok(["save", "-o", archive, "ours:2"]);
      assert.match(podman("load", "-q", "-i", archive), /Loaded image.*: .*ours:2/);
      for (const format of ["docker-archive", "oci-archive"]) {
        const theirs = path.join(folder, `${format}.tar`);
        podman("tag", "ours:2", `localhost/${format}:1`);
        podman("save", "-q", "--format", format, "-o", theirs, `localhost/${format}:1`);
        assert.match(await lab.ok(["load", "-i", theirs]), new RegExp(`Loaded image: localhost/${format}:1`));
        assert.equal(await lab.ok(["run", "--rm", "--net", "none", `localhost/${format}:1`]), "hello\nmade\n");
      }
      podman("push", "-q", "--tls-verify=false", "ours:2", `${name()}:podman`);
      await lab.ok(["pull", "-q", `${name()}:podman`]);
      assert.equal(await lab.ok(["run", "--rm", "--net", "none", `${name()}:podman`]), "hello\nmade\n");
    });
  });
});
