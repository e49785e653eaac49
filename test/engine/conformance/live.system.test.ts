// The real engines, asked again: what is recorded is what they say, and Dockerfiles that nobody wrote are built alike.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { asOldDockerSays, compare } from "./answer.ts";
import { openBuildah } from "./buildah.ts";
import { openWorkshop, type Workshop } from "./builds.ts";
import { peers } from "./case.ts";
import { groups } from "./cases/index.ts";
import { openDocker, type PeerEngine } from "./docker.ts";
import { recordingOf } from "./golden.ts";
import { type OurEngine, openOurs } from "./ours.ts";
import { generator, randomCase } from "./random.ts";

const sampled = Number(process.env.DRYDOCK_SAMPLE ?? 40);
const generated = Number(process.env.DRYDOCK_RANDOM ?? 12);
const seed = Number(process.env.DRYDOCK_SEED ?? Date.now() % 1_000_000);
/** The same in every run that no one asked otherwise: new ones are for a person who has the time to look into them. */
const firstRandom = Number(process.env.DRYDOCK_SEED ?? 1);

describe("real engines", function () {
  this.timeout(1_800_000);
  let workshop: Workshop;
  let ours: OurEngine;
  let engines: { readonly docker: PeerEngine; readonly buildah: PeerEngine };
  before(async function () {
    if (process.getuid?.() !== 0) return this.skip();
    workshop = await openWorkshop();
    ours = await openOurs(workshop);
    engines = { docker: await openDocker(workshop), buildah: await openBuildah(workshop) };
  });
  after(async () => {
    ours?.dispose();
    await engines?.buildah.dispose();
    await engines?.docker.dispose();
    workshop?.dispose();
  });

  it(`say again what is recorded of them (${sampled} cases, DRYDOCK_SEED=${seed})`, async () => {
    const chance = generator(seed);
    const all = groups.flatMap((group) => {
      const recording = recordingOf(group);
      return group.cases.map((one) => ({ one, recorded: recording[one.name] }));
    });
    const some = Array.from({ length: sampled }, () => all.splice(Math.floor(chance() * all.length), 1)[0]);
    for (const peer of peers) {
      const asked = some.flatMap((chosen) => (chosen?.recorded?.[peer] ? [chosen] : []));
      const answers = await engines[peer].answers(asked.map(({ one }) => one));
      for (const [at, { one, recorded }] of asked.entries()) {
        let answer = answers[at];
        // buildah does stages of one name, or named by a variable, now in this order and now in that.
        for (let again = 0; again < 4 && !isDeepStrictEqual(answer, recorded?.[peer]); again += 1) {
          [answer] = await engines[peer].answers([one]);
        }
        assert.deepEqual(answer, recorded?.[peer], `${peer}: ${one.name}`);
      }
    }
  });

  it(`docker builds ${generated} Dockerfiles by chance as we do (DRYDOCK_SEED=${firstRandom})`, async () => {
    const cases = Array.from({ length: generated }, (_, at) => randomCase(firstRandom + at));
    const theirs = await engines.docker.answers(cases);
    const said: string[] = [];
    for (const [at, one] of cases.entries()) {
      const answer = await ours.answer(one);
      const found = compare(asOldDockerSays(answer), asOldDockerSays(theirs[at] ?? { built: false }), [
        "tree",
        "config",
        "history",
      ]);
      for (const [part, text] of found) said.push(`${one.name}: ${part}\n${text}\n${one.dockerfile}`);
    }
    if (said.length > 0) assert.fail(said.join("\n"));
  });
});
