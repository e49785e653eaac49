// With DRYDOCK_RECORD=changed (or all) asks dockerd and writes what it says into sessions/.
import { record, sessions } from "./golden.ts";
import { openDockerd, openSurroundings } from "./peers.ts";

const wanted = process.env.DRYDOCK_RECORD;
if (wanted !== undefined) {
  it("records what dockerd answers", async function () {
    this.timeout(1_800_000);
    const surroundings = await openSurroundings();
    const dockerd = await openDockerd(surroundings);
    try {
      for (const session of sessions()) {
        if (wanted !== "all" && session.recorded === session.input && wanted !== session.name) continue;
        const began = Date.now();
        await record(session, dockerd);
        console.log(`      ${session.name}: ${session.steps.length} steps, ${Date.now() - began} ms`);
      }
    } finally {
      await dockerd.dispose();
      await surroundings.dispose();
    }
  });
}
