// The build cache on a real machine: what prune frees is free, caches go through a registry to another engine.
import assert from "node:assert/strict";
import { readdirSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { busyboxImage } from "../../support/base-images.ts";
import { ask, bundlePrograms, type CliLab, everyUser, openCliLab, type Programs } from "../../support/cli-lab.ts";
import { logOf, root } from "../../support/docker-lab.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";

const [user = root] = everyUser();

describe("the build cache of an engine", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let programs: Programs;
  const labs: CliLab[] = [];
  before(async () => {
    registry = await startRegistry();
    await registry.push("library/busybox:latest", await busyboxImage());
    programs = await bundlePrograms();
  });
  after(async () => {
    programs?.dispose();
    await registry?.stop();
  });
  afterEach(async () => {
    for (const lab of labs.splice(0)) await lab.dispose();
  });
  const open = async (settings: Record<string, unknown> = {}) => {
    const lab = await openCliLab(user, programs, { registryMirrors: [registry.url], ...settings });
    labs.push(lab);
    return lab;
  };
  const bytesOf = (folder: string) =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

  it("is shown, pruned by age and altogether, and what was freed is what the disk has more", async () => {
    const lab = await open();
    lab.write({
      "one/Dockerfile":
        "FROM busybox\nRUN --mount=type=cache,target=/c dd if=/dev/zero of=/c/x bs=1M count=3 && echo 1 > /1\n",
      "two/Dockerfile": "FROM busybox\nRUN dd if=/dev/urandom of=/two bs=1M count=5\n",
    });
    await lab.ok(["build", "-t", "one", "one"]);
    await lab.ok(["build", "-t", "two", "two"]);
    assert.match(await lab.ok(["builder", "du"]), /cache mount +3\.\d+ MB/);
    // In an image: it is not what the cache alone keeps.
    assert.match(await lab.ok(["builder", "prune", "--filter", "type=regular"]), /^Freed: 0 B\n$/);
    await lab.ok(["rmi", "two"]);
    const cache = path.join(lab.home, "cache");
    const old = new Date(Date.now() - 3 * 3_600_000);
    assert.match(await lab.ok(["builder", "prune", "--filter", "until=1h"]), /^Freed: 0 B\n$/);
    for (const name of readdirSync(cache)) utimesSync(path.join(cache, name), old, old);

    const blobs = path.join(lab.home, "blobs/sha256");
    const before = bytesOf(blobs);
    const { text } = await ask(lab.socket, "POST", `/build/prune?filters=${encodeURIComponent('{"until":["1h"]}')}`);
    const { CachesDeleted, SpaceReclaimed } = JSON.parse(text);
    assert.equal(CachesDeleted.length, 1);
    assert.ok(SpaceReclaimed > 5 * 1024 * 1024);
    assert.equal(before - bytesOf(blobs), SpaceReclaimed);
    assert.equal(readdirSync(cache).length, 1);

    await lab.ok(["builder", "prune", "-a"]);
    assert.deepEqual(readdirSync(cache), []);
    assert.match(await lab.ok(["builder", "du"]), /^ID[^\n]*\n$/);
    assert.equal(await lab.ok(["run", "--rm", "one", "cat", "/1"]), "1\n");
  });

  it("remembers over restarts what was used last, without writing at each use", async () => {
    const lab = await open();
    lab.write({ "app/Dockerfile": "FROM busybox\nRUN true\n" });
    await lab.ok(["build", "app"]);
    const cache = path.join(lab.home, "cache");
    const file = path.join(cache, readdirSync(cache)[0] ?? "");
    const old = new Date(Date.now() - 3_600_000);
    await lab.ok(["engine", "stop"]);
    utimesSync(file, old, old);
    await lab.ok(["build", "app"]);
    const used = statSync(file).mtimeMs;
    assert.ok(used > Date.now() - 60_000);
    for (let round = 0; round < 3; round++) await lab.ok(["build", "app"]);
    assert.equal(statSync(file).mtimeMs, used);
  });

  for (const inline of [false, true]) {
    it(`goes through a registry ${inline ? "inside the image" : "by itself"}, and another engine builds nothing`, async () => {
      const [one, other] = [await open(), await open()];
      const place = `${registry.host}/cache/${inline ? "inline" : "own"}:1`;
      for (const lab of [one, other])
        lab.write({
          "app/Dockerfile": "FROM busybox\nCOPY f /f\nRUN cat /proc/sys/kernel/random/uuid > /id\n",
          "app/f": "f",
        });
      const to = inline ? ["--cache-to", "inline"] : ["--cache-to", `type=registry,ref=${place},mode=max`];
      await one.ok(["build", "-t", place, ...to, "app"]);
      if (inline) await one.ok(["push", place]);
      const said = await other.ok(["build", "-t", "copy", "--cache-from", place, "--progress", "plain", "app"]);
      const show = (lab: CliLab, name: string) => lab.ok(["run", "--rm", name, "cat", "/id"]);
      assert.equal(await show(other, "copy"), await show(one, place), said + logOf(other.home));
    });
  }
});
