// dockerd, asked again: what is recorded is what it says.
import assert from "node:assert/strict";
import { generator } from "../conformance/random.ts";
import { sessions } from "./golden.ts";
import { openDockerd, openSurroundings, type Peer, type Surroundings } from "./peers.ts";
import { linesOf } from "./session.ts";

const sampled = Number(process.env.DRYDOCK_SAMPLE ?? 2);
const seed = Number(process.env.DRYDOCK_SEED ?? Date.now() % 1_000_000);

describe("dockerd", function () {
  this.timeout(1_800_000);
  let surroundings: Surroundings;
  let dockerd: Peer;
  before(async function () {
    if (process.getuid?.() !== 0) return this.skip();
    surroundings = await openSurroundings();
    dockerd = await openDockerd(surroundings);
  });
  after(async () => {
    await dockerd?.dispose();
    await surroundings?.dispose();
  });

  it(`says again what is recorded of it (${sampled} sessions, DRYDOCK_SEED=${seed})`, async () => {
    const chance = generator(seed);
    const all = [...sessions()];
    const some = Array.from({ length: sampled }, () => all.splice(Math.floor(chance() * all.length), 1)[0]);
    for (const session of some) {
      if (!session) continue;
      const answers = await dockerd.answers(session);
      for (const [at, { line, answer }] of session.steps.entries()) {
        assert.deepEqual(linesOf(answers[at] ?? answer), linesOf(answer), `${session.name}: $ ${line}`);
      }
    }
  });
});
