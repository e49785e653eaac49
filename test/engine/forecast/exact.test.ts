// The forecast and the build agree on every step, whatever is changed in between. DRYDOCK_FORECAST_EDITS and
// DRYDOCK_FORECAST_SEED say how long and from where.
import assert from "node:assert/strict";
import { openForecaster } from "../../../engine/forecast.ts";
import { makeEngine } from "../../support/build-engine.ts";
import { follow, newTally } from "../../support/forecast-lab.ts";
import { type Abilities, type Random, randomBy } from "../../support/forecast-projects.ts";

const edits = Number(process.env.DRYDOCK_FORECAST_EDITS ?? 250);
const firstSeed = Number(process.env.DRYDOCK_FORECAST_SEED ?? 1);
const editsAProject = 40;

const abilities: Abilities = {
  mounts: ["bind", "cache"],
  copyFlags: ["--link", "--chown=1:2", "--chmod=700", "--exclude=*.md", "--parents"],
  hasHeredocs: true,
  hasIgnoreFile: true,
};

describe("a forecast", function () {
  this.timeout(0);

  it(`is what the build then does, in ${edits} random edits`, async () => {
    const tally = newTally();
    for (let seed = firstSeed; tally.edits < edits; seed += 1) {
      const random = randomBy(seed);
      const engine = await makeEngine();
      const forecaster = openForecaster({ home: engine.home, platform: { os: "linux", architecture: "amd64" } });
      try {
        await engine.addImage("base", { "etc/passwd": "", "opt/tool": "1" });
        const upset = async (by: Random) => {
          const entries = await engine.cache.list();
          switch (by(3)) {
            case 0:
              await engine.addImage("base", { "etc/passwd": "", "opt/tool": String(by(3)) });
              return "another base image";
            case 1: {
              const entry = entries[by(entries.length)];
              if (entry) await engine.cache.remove([entry.record.key]);
              return `without the result of ${entry?.record.text}`;
            }
            default:
              if (by(4) > 0) return undefined;
              await engine.cache.clear();
              return "without the cache";
          }
        };
        const lab = { random, abilities, forecaster, upset, build: engine.build };
        await follow(lab, Math.min(editsAProject, edits - tally.edits), tally).catch((error) => {
          process.stdout.write(`      seed ${seed}\n`);
          throw error;
        });
      } finally {
        await forecaster.dispose();
        engine.dispose();
      }
    }
    process.stdout.write(`      ${JSON.stringify(tally)}\n`);
    assert.ok(tally.unknown < tally.steps / 10, "too much is left open");
    assert.ok(tally.failures < tally.edits / 4, "too many builds fail");
  });
});
