import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { parseReference } from "../../../engine/oci/reference.ts";
import { createRegistry } from "../../../engine/registry/registry.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openImageStore } from "../../../engine/store/image-store.ts";
import { failure } from "../../support/engine-errors.ts";
import { imageBlobs, storeImage, tarOf } from "../../support/image-blobs.ts";
import { startRegistry } from "../../support/registry.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("store on a real machine", () => {
  const scratch = scratchFolder();

  describe("on a full disk", () => {
    let home: string;
    beforeEach(() => {
      home = path.join(scratch(), "small");
      mkdirSync(home);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", home]);
    });
    afterEach(() => execFileSync("umount", [home]));

    it("says so, cleans up, and works again when there is room", async () => {
      const store = await openContentStore(home);
      const chunk = Buffer.alloc(64 * 1024, 7);
      const error = await failure("disk-full", store.ingest(Readable.from(Array(32).fill(chunk))));
      assert.match(error.message, /no space left in /);
      assert.deepEqual(readdirSync(path.join(home, "ingest")), []);
      await failure("disk-full", store.put(Buffer.alloc(2 * 1024 * 1024)));
      assert.deepEqual(readdirSync(path.join(home, "ingest")), []);
      await store.ingest(Readable.from([chunk]));
      assert.equal((await store.list()).length, 1);
    });
  });

  it("is a layout that skopeo reads, and skopeo's pushes can be pulled", async () => {
    const home = path.join(scratch(), "home");
    const content = await openContentStore(home);
    const cache = await openCacheStore(home, content);
    const images = await openImageStore({ home, content, cache });
    const blobs = imageBlobs({ layers: [await tarOf({ "etc/motd": "hello\n" })], config: { Cmd: ["true"] } });
    await images.add(await storeImage(content, blobs), [parseReference("app:1")]);
    const source = `oci:${home}:docker.io/library/app:1`;
    const inspected = JSON.parse(execFileSync("skopeo", ["inspect", source], { encoding: "utf8" }));
    assert.equal(inspected.Digest, blobs.manifest.digest);

    const registry = await startRegistry();
    try {
      // Docker's own media types this time.
      const copy = ["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", "--format", "v2s2"];
      execFileSync("skopeo", [...copy, source, `docker://${registry.host}/team/app:1`]);
      const client = createRegistry({
        content,
        settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
        dockerConfig: path.join(scratch(), "config.json"),
      });
      const name = parseReference(`${registry.host}/team/app:1`);
      const pulled = await client.pull(name);
      assert.equal(pulled.manifest.mediaType, "application/vnd.docker.distribution.manifest.v2+json");
      assert.deepEqual((await images.add(pulled.manifest, [name])).config.config?.Cmd, ["true"]);
    } finally {
      await registry.stop();
    }
  });
});
