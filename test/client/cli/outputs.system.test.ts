// `drydock build -o …` and the commands around registries and archives, as a person types them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { busyboxImage } from "../../support/base-images.ts";
import { bundlePrograms, type CliLab, everyUser, openCliLab, type Programs } from "../../support/cli-lab.ts";
import { logOf } from "../../support/docker-lab.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";

const login = { username: "alice", password: "s3cret-word" };
const dockerfile = `FROM busybox AS make
RUN mkdir -p /out/bin /out/data && echo tool > /out/bin/tool && chmod 755 /out/bin/tool && \
  echo private > /out/data/private && chown 7:8 /out/data/private && ln -s tool /out/bin/link
FROM scratch
COPY --from=make /out /
CMD ["/bin/tool"]
`;
const run = (file: string, ...args: string[]): string => execFileSync(file, args, { encoding: "utf8", stdio: "pipe" });

describe("build outputs and registries on the command line", () => {
  let mirror: TestRegistry;
  let registry: TestRegistry;
  let programs: Programs;
  before(async function () {
    this.timeout(120_000);
    mirror = await startRegistry();
    registry = await startRegistry({ login });
    await mirror.push("library/busybox:latest", await busyboxImage());
    programs = await bundlePrograms();
  });
  after(async () => {
    programs?.dispose();
    await registry?.stop();
    await mirror?.stop();
  });

  for (const user of everyUser()) {
    describe(`as ${user.name}`, function () {
      this.timeout(180_000);
      let lab: CliLab;
      const at = (name: string) => path.join(lab.folder, name);
      const build = (...args: string[]) => lab.ok(["build", "--progress", "plain", ...args, "app"]);
      before(async () => {
        lab = await openCliLab(user, programs, { registryMirrors: [mirror.url] });
        lab.write({ "app/Dockerfile": dockerfile });
      });
      after(() => lab?.dispose());

      it("writes the files into a folder, all of them the user's own", async () => {
        assert.match(await build("-o", "out"), /Written to .*\/out/);
        assert.deepEqual(readdirSync(at("out")).sort(), ["bin", "data"]);
        assert.equal(readFileSync(at("out/data/private"), "utf8"), "private\n");
        assert.equal(statSync(at("out/bin/tool")).mode & 0o777, 0o755);
        assert.ok(lstatSync(at("out/bin/link")).isSymbolicLink());
        for (const name of ["out", "out/data", "out/data/private", "out/bin/link"]) {
          assert.equal(lstatSync(at(name)).uid, user.uid, name);
          assert.equal(lstatSync(at(name)).gid, user.gid, name);
        }
        assert.equal(
          (await lab.ok(["images", "-q"])).split("\n").filter(Boolean).length,
          1,
          "only the base is an image",
        );
      });

      it("writes a tar to standard output, and nothing else there", async () => {
        const { code, stderr } = await lab.run("sh", [
          "-c",
          `${process.execPath} ${path.join(programs.dir, "cli.js")} build --progress plain -o - app > files.tar`,
        ]);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /Built/);
        assert.match(run("tar", "-tvf", at("files.tar")), / 7\/8 .* data\/private/);
      });

      it("tells scripts the image alone: its id, and files about it", async () => {
        const quiet = ["build", "-q", "--rm=true", "--force-rm", "--load", "--provenance=false", "--iidfile", "id"];
        const id = await lab.ok([...quiet, "--metadata-file", "about.json", "-t", "told:1", "app"]);
        assert.match(id, /^sha256:[0-9a-f]{64}\n$/);
        assert.equal(readFileSync(at("id"), "utf8"), id.trim());
        const about = JSON.parse(readFileSync(at("about.json"), "utf8"));
        assert.equal(about["containerimage.config.digest"], id.trim());
        assert.equal(about["image.name"], "docker.io/library/told:1");
        await lab.ok(["build", "-q", "--metadata-file", "oci.json", "-o", "type=oci,dest=told,tar=false", "app"]);
        const { manifests } = JSON.parse(readFileSync(at("told/index.json"), "utf8"));
        const packed = JSON.parse(readFileSync(at("oci.json"), "utf8"))["containerimage.digest"];
        assert.equal(packed, manifests[0].digest);
        assert.notEqual(packed, about["containerimage.digest"]);

        lab.write({ "fails/Dockerfile": "FROM busybox\nRUN echo wrong; exit 3\n" });
        const failed = await lab.drydock(["build", "-q", "--sbom=true", "--iidfile", "id", "fails"]);
        assert.deepEqual([failed.code, failed.stdout], [1, ""]);
        assert.match(failed.stderr, /^warning: --sbom=true: .*\n.*RUN echo wrong.*\n.*wrong/s);
        assert.ok(!readdirSync(lab.folder).includes("id"));
      });

      it("writes archives and layouts that other tools understand", async () => {
        await build("-t", "me/app:1", "-o", "type=oci,dest=app.oci.tar", "-o", "type=docker,dest=app.docker.tar");
        await build("-t", "me/app:1", "-o", "type=oci,dest=layout,tar=false,oci-mediatypes=true");
        for (const source of [
          `oci-archive:${at("app.oci.tar")}`,
          `oci:${at("layout")}`,
          `docker-archive:${at("app.docker.tar")}`,
        ]) {
          assert.match(run("skopeo", "inspect", "--config", source), /"Cmd": \[\s*"\/bin\/tool"/);
          run("skopeo", "copy", "-q", source, `dir:${at(`checked-${source.length}`)}`);
        }
        assert.match(run("skopeo", "inspect", "--raw", `oci:${at("layout")}`), /tar\+gzip/);
        assert.equal(statSync(at("app.oci.tar")).uid, user.uid);
        assert.match(await lab.ok(["load", "-i", "app.docker.tar"]), /Loaded image: me\/app:1/);
      });

      it("logs in with the password on standard input, keeps it safe, pushes, and logs out", async () => {
        const name = `${registry.host}/${user.name}/app:1`;
        const refused = await lab.drydock(["login", "-u", "alice", "--password-stdin", registry.host], {
          input: "wrong",
        });
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /does not accept/);
        const strangers = await lab.drydock(["build", "-t", name, "--push", "app"]);
        assert.equal(strangers.code, 1);
        assert.match(strangers.stderr, /wants a login/);

        const said = await lab.ok(["login", "-u", "alice", "--password-stdin", registry.host], {
          input: `${login.password}\n`,
        });
        assert.match(said, /only you can read it/);
        assert.equal(statSync(at(".docker/config.json")).mode & 0o777, 0o600);
        assert.match(await build("-t", name, "--push"), /Pushed .*app:1: sha256:/);
        assert.match(await lab.ok(["push", name]), /^127\.0\.0\.1:\d+\/\w+\/app:1@sha256:\w{64}\n$/);
        await lab.ok(["tag", name, name.replace(":1", ":2").replace("/app", "/other")]);
        await lab.ok(["push", "--media-types", "docker", name.replace(":1", ":2").replace("/app", "/other")]);
        assert.match(await lab.ok(["search", `${registry.host}/other`]), new RegExp(`${user.name}/other`));
        await lab.ok(["rmi", "-f", name]);
        await lab.ok(["pull", name]);
        assert.match(await lab.ok(["logout", registry.host]), /Logged out/);
        assert.match(await lab.ok(["logout", registry.host]), /no login/);
        assert.doesNotMatch(logOf(lab.home), /s3cret|YWxpY2U6/);
      });

      it("saves and loads, shows the history and names", async () => {
        await build("-t", "mine:1");
        await lab.ok(["tag", "mine:1", "mine:2"]);
        await lab.ok(["save", "-o", "mine.tar", "mine"]);
        await lab.ok(["rmi", "-f", "mine:1", "mine:2"]);
        assert.equal((await lab.ok(["load", "-i", "mine.tar"])).match(/Loaded image/g)?.length, 2);
        assert.match(
          await lab.ok(["history", "mine:1"]),
          /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT\n[0-9a-f]{12} .*CMD/,
        );
        const none = await lab.drydock(["save", "-o", "none.tar", "nothing"]);
        assert.equal(none.code, 1);
        assert.deepEqual(
          readdirSync(lab.folder).filter((name) => name.startsWith("none")),
          [],
        );
      });

      it("says where a disk is full or closed, and leaves what was there", async () => {
        const full = await lab.drydock(["build", "-o", "type=oci,dest=/dev/full", "app"]);
        assert.equal(full.code, 1);
        assert.match(full.stderr, /no space left for the output \/dev\/full/);
        const folder = await lab.drydock(["build", "-o", "type=tar,dest=app", "app"]);
        assert.match(folder.stderr, /app is a folder/);
        mkdirSync(at("closed"), { recursive: true });
        writeFileSync(at("closed/kept"), "kept");
        if (user.uid !== 0) {
          const closed = await lab.drydock(["build", "-o", "/root-only-place", "app"]);
          assert.match(closed.stderr, /\/root-only-place cannot be written \(EACCES\)/);
        }
      });
    });
  }
});
