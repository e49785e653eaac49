// The same as exact.test.ts with real mounts and real processes. DRYDOCK_FORECAST_REAL says for how many edits.
import assert from "node:assert/strict";
import { openForecaster } from "../../../engine/forecast.ts";
import { busyboxImage } from "../../support/base-images.ts";
import { follow, newTally } from "../../support/forecast-lab.ts";
import { randomBy } from "../../support/forecast-projects.ts";
import { openRealBuilder } from "../../support/real-builder.ts";

const edits = Number(process.env.DRYDOCK_FORECAST_REAL ?? 40);
const firstSeed = Number(process.env.DRYDOCK_FORECAST_SEED ?? 1);
const editsAProject = 40;

describe("a forecast of real builds", function () {
  if (process.getuid?.() !== 0) return;
  this.timeout(0);

  it(`is what the build then does, in ${edits} random edits`, async () => {
    const tally = newTally();
    for (let seed = firstSeed; tally.edits < edits; seed += 1) {
      const real = await openRealBuilder();
      const forecaster = openForecaster({ home: real.home });
      try {
        await real.addImage("base", await busyboxImage());
        await follow(
          {
            random: randomBy(seed),
            abilities: {
              mounts: ["bind", "cache", "tmpfs", "secret"],
              copyFlags: ["--link", "--chown=1:2", "--chmod=700", "--exclude=*.md", "--parents"],
              hasHeredocs: true,
              hasIgnoreFile: true,
            },
            forecaster,
            build: (context, request) => real.build(context, request),
          },
          Math.min(editsAProject, edits - tally.edits),
          tally,
        ).catch((error) => {
          process.stdout.write(`      seed ${seed}\n`);
          throw error;
        });
      } finally {
        await forecaster.dispose();
        real.dispose();
      }
    }
    process.stdout.write(`      ${JSON.stringify(tally)}\n`);
    assert.ok(tally.unknown < tally.steps / 10, "too much is left open");
  });
});
