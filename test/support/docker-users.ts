import assert from "node:assert/strict";
import { busyboxImage } from "./base-images.ts";
import { bundleEngine, type EngineLab, logOf, openEngineLab, ordinaryUser, root } from "./docker-lab.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

/** The real docker client before the real engine, with busybox pulled, once as root and once as an ordinary user. */
export function describeWithDocker(title: string, tests: (lab: () => EngineLab) => void): void {
  describe(title, () => {
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
    for (const user of [root, ordinaryUser()]) {
      if (!user) continue;
      describe(`as ${user.name}`, function () {
        this.timeout(180_000);
        let lab: EngineLab;
        before(async () => {
          lab = await openEngineLab(user, { dist: dist.dir, settings: { registryMirrors: [registry.url] } });
          const { code, stderr } = await lab.launch();
          assert.equal(code, 0, stderr + logOf(lab.home));
          await lab.ok(["pull", "-q", "busybox"]);
        });
        after(() => lab?.dispose());
        tests(() => lab);
      });
    }
  });
}
