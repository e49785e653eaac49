import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { bundlePrograms, type Programs } from "../../support/cli-lab.ts";
import { writeFiles } from "../../support/files.ts";
import { openDockerd, type PeerEngine } from "../../support/peer-engines.ts";
import { scratchFolder } from "../../support/scratch.ts";

// The engine in a container of the real dockerd: a dev container, a job of a CI. Programs are this machine's own.
describe("the engine inside a docker container", function () {
  this.timeout(180_000);
  const scratch = scratchFolder();
  let dockerd: PeerEngine;
  let programs: Programs;
  before(async () => {
    [dockerd, programs] = await Promise.all([openDockerd(), bundlePrograms()]);
  });
  after(async () => {
    await dockerd?.dispose();
    programs?.dispose();
  });

  /** What a script prints that has `drydock` and the context of a build in its folder. */
  async function inside(options: readonly string[], script: string): Promise<string> {
    const context = path.join(scratch(), "context");
    mkdirSync(context, { recursive: true });
    copyFileSync("/bin/busybox", path.join(context, "busybox"));
    writeFiles(context, {
      Dockerfile: "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nRUN echo from the inside\n",
      "files.Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n",
    });
    const own = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc"].map((folder) => `${folder}:${folder}:ro`);
    const node = path.dirname(path.dirname(process.execPath));
    const mounts = [...own, `${node}:/node:ro`, `${path.dirname(programs.dir)}:/drydock:ro`, `${context}:/context:ro`];
    const tmpfs = ["/tmp:exec", "/data:exec"].map((place) => `--tmpfs=${place}`);
    const start = `export DRYDOCK_HOME=/data/home XDG_RUNTIME_DIR=/tmp; drydock() { /node/bin/node /drydock/dist/cli.js "$@" 2>&1; }\n`;
    const { stdout } = await promisify(execFile)("docker", [
      ...["-H", `unix://${dockerd.socket}`, "run", "--rm", "--network=none", ...tmpfs],
      ...[...mounts.map((mount) => `--volume=${mount}`), ...options],
      ...["busybox", "sh", "-c", `${start}cd /context; ${script}; drydock engine stop >/dev/null`],
    ]);
    return stdout;
  }

  it("builds what has no RUN, and says for RUN how the outer container must be started", async () => {
    const said = await inside([], "drydock build -f files.Dockerfile . && drydock build .");
    assert.match(said, /^Built [0-9a-f]{12} /m);
    assert.match(
      said,
      /this machine cannot run the commands of RUN\n.* inside of a container .*docker run --privileged/,
    );
  });

  // What --privileged gives that counts here; where tests run in a container themselves, more cannot be given.
  it("builds and runs where the outer container may mount", async () => {
    const said = await inside(
      ["--cap-add=SYS_ADMIN", "--cap-add=NET_ADMIN", "--security-opt=seccomp=unconfined"],
      "drydock build -t app . && drydock run --rm --network=none app sh -c 'echo it runs'",
    );
    assert.match(said, /from the inside\n/);
    assert.match(said, /^it runs$/m);
  });
});
