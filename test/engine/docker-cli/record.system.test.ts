// With DRYDOCK_RECORD=changed (or all, or a session's name) asks dockerd and writes what it says into sessions/; with
// DRYDOCK_RECORD=differences asks our engine and writes where it says something else, for somebody to give the reasons.
import { bundleEngine } from "../../support/docker-lab.ts";
import { type Difference, differences, record, sessions, writeDifferences } from "./golden.ts";
import { openDockerd, openOurs, openSurroundings } from "./peers.ts";
import { agree, linesOf, stepName } from "./session.ts";

const wanted = process.env.DRYDOCK_RECORD;
if (wanted === "differences") {
  it("writes down where our answers are others", async function () {
    this.timeout(1_800_000);
    const surroundings = await openSurroundings();
    const dist = await bundleEngine();
    const ours = await openOurs(dist.dir, surroundings);
    try {
      const known = differences();
      const found: Record<string, Record<string, Difference>> = {};
      for (const session of sessions()) {
        const answers = await ours.answers(session);
        for (const [at, { answer }] of session.steps.entries()) {
          const name = stepName(session, at);
          const [got, theirs] = [linesOf(answers[at] ?? answer), linesOf(answer)];
          if (agree(got, theirs)) continue;
          const own = found[session.name] ?? {};
          found[session.name] = own;
          own[name] = { why: known[session.name]?.[name]?.why ?? "", ours: got };
        }
      }
      writeDifferences(found);
    } finally {
      await ours.dispose();
      dist.dispose();
      await surroundings.dispose();
    }
  });
} else if (wanted !== undefined) {
  it("records what dockerd answers", async function () {
    this.timeout(1_800_000);
    const surroundings = await openSurroundings();
    const dockerd = await openDockerd(surroundings);
    try {
      for (const session of sessions()) {
        const isWanted = wanted === "all" || wanted === session.name || session.recorded !== session.input;
        if (!isWanted) continue;
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
