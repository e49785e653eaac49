// With DRYDOCK_RECORD=changed (or all) asks the real engines and writes what they say into golden/.
import { openBuildah } from "./buildah.ts";
import { openWorkshop } from "./builds.ts";
import { groups } from "./cases/index.ts";
import { openDocker } from "./docker.ts";
import { record } from "./golden.ts";

const wanted = process.env.DRYDOCK_RECORD;
if (wanted !== undefined) {
  it("records what docker and buildah answer", async function () {
    this.timeout(1_800_000);
    const workshop = await openWorkshop();
    const engines = { docker: await openDocker(workshop), buildah: await openBuildah(workshop) };
    try {
      for (const group of groups) {
        const began = Date.now();
        const count = await record(group, engines, wanted === "all");
        console.log(`      ${group.name}: ${count} cases, ${Date.now() - began} ms`);
      }
    } finally {
      await engines.buildah.dispose();
      await engines.docker.dispose();
      workshop.dispose();
    }
  });
}
