// The forecast for builds by Docker, and what its BuildKit then does. DRYDOCK_FORECAST_BUILDKIT says for how many edits.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import type { ForecastRequest, ForeignStep, StepForecast } from "../../../engine/base/forecast.ts";
import { openForecaster } from "../../../engine/forecast.ts";
import { type BuildKitLab, openBuildKit, type ToldStep } from "../../support/buildkit-lab.ts";
import { makeFolder } from "../../support/files.ts";
import {
  type Abilities,
  dockerfileOf,
  edit,
  filesOf,
  makeProject,
  type Project,
  randomBy,
  writeChanges,
} from "../../support/forecast-projects.ts";

const edits = Number(process.env.DRYDOCK_FORECAST_BUILDKIT ?? 40);
const firstSeed = Number(process.env.DRYDOCK_FORECAST_SEED ?? 1);
const editsAProject = 20;

/** What docker 20.10 knows: its Dockerfiles are older than heredocs, `--link`, `--exclude` and `--parents`. */
const abilities: Abilities = {
  mounts: ["bind", "cache", "secret"],
  copyFlags: ["--chown=1:2"],
  hasHeredocs: false,
  hasIgnoreFile: true,
};

const hasDocker = process.getuid?.() === 0 && spawnSync("dockerd", ["--version"]).status === 0;

describe("a forecast for docker's BuildKit", function () {
  if (!hasDocker) return;
  this.timeout(0);
  let docker: BuildKitLab;
  before(async () => {
    docker = await openBuildKit();
    await docker.tag("busybox", "base");
  });
  after(() => docker.dispose());

  it(`says what it then does, in ${edits} random edits, where the rules are the same`, async () => {
    const tally = { edits: 0, steps: 0, right: 0, open: 0, better: 0, failures: 0, unlike: 0 };
    const wrong: string[] = [];
    for (let seed = firstSeed; tally.edits < edits; seed += 1) {
      const random = randomBy(seed);
      const home = makeFolder();
      const folder = makeFolder();
      const forecaster = openForecaster({ home: home.path });
      const engine = { name: "docker", images: { base: await docker.image("base") } };
      // Nothing of another project or stage is in docker's cache.
      let project: Project = { ...makeProject(random, abilities), globals: [] };
      let good = project;
      let on: ReturnType<typeof filesOf> = new Map();
      try {
        for (let count = 0; count < editsAProject && tally.edits < edits; count += 1) {
          let what = "begin";
          if (count > 0) ({ project, what } = edit(random, project, abilities));
          const stages = project.stages.map((stage) =>
            stage.from === "base" || stage.from === "scratch"
              ? { ...stage, lines: [`COPY own-${seed} /own-${stage.name}`, ...stage.lines] }
              : stage,
          );
          const files = new Map([...project.files, [`own-${seed}`, { text: `${seed}`, mode: 0o644 }]]);
          const whole: Project = { ...project, files, stages, noCacheFilter: [] };
          const now = filesOf(whole);
          forecaster.invalidate(writeChanges(folder.path, on, now));
          on = now;
          const text = dockerfileOf(whole);
          const request: ForecastRequest = {
            contextDir: folder.path,
            dockerfilePath: path.join(folder.path, "Dockerfile"),
            text,
            engine,
            buildArgs: whole.buildArgs,
            noCache: whole.noCache,
            ...(whole.target === undefined ? {} : { target: whole.target }),
          };
          const foretold = await forecaster.forecast(request);
          const recording = await forecaster.recordForeignBuild(request);
          const { isGood, steps: told } = await docker.build(folder.path, [
            ...Object.entries(whole.buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
            ...(whole.target === undefined ? [] : [`--target=${whole.target}`]),
            ...(whole.noCache ? ["--no-cache"] : []),
          ]);
          tally.edits += 1;
          if (!isGood) {
            // What was done before it failed is kept all the same.
            await recording.finish({ steps: pairsBefore(foretold.steps, told).map(seen), error: "failed" });
            tally.failures += 1;
            project = good;
            continue;
          }
          good = project;
          const pairs = paired(foretold.steps, told);
          if (!pairs) tally.unlike += 1;
          for (const [step, done] of pairs ?? []) {
            tally.steps += 1;
            const said = `${step.outcome} of ${step.instruction}`;
            if (step.outcome === "unknown") tally.open += 1;
            else if ((step.outcome === "hit") === done.cached) tally.right += 1;
            else wrong.push(`seed ${seed}, ${what}: ${said}, and docker: ${done.cached ? "CACHED" : "DONE"}\n${text}`);
          }
          await recording.finish({ steps: (pairs ?? []).map(seen) });
        }
      } finally {
        await forecaster.dispose();
        home.dispose();
        rmSync(folder.path, { recursive: true, force: true });
      }
    }
    process.stdout.write(`      ${JSON.stringify(tally)}, wrong ${wrong.length}\n`);
    assert.deepEqual(wrong.slice(0, Number(process.env.DRYDOCK_SHOW ?? 3)), []);
  });
});

function seen([{ line }, { cached, durationMs }]: Pair): ForeignStep {
  return { line, cached, durationMs };
}

type Pair = readonly [StepForecast, ToldStep];

/** Steps of both, by their numbers in their stages; FROM is the first where it is shown. */
function pairsBefore(steps: readonly StepForecast[], told: readonly ToldStep[]): readonly Pair[] {
  return [...new Set(steps.map(({ stage }) => stage))].flatMap((stage) => {
    const ours = steps.filter((step) => step.stage === stage && !step.instruction.startsWith("FROM "));
    const theirs = told.filter((step) => (step.stage ?? stage) === stage && !step.text.startsWith("FROM "));
    const first = Math.min(...theirs.map(({ place }) => place));
    return theirs.flatMap((step): readonly Pair[] => {
      const one = ours[step.place - first];
      return one ? [[one, step]] : [];
    });
  });
}

/** Undefined when docker shows others than we. */
function paired(steps: readonly StepForecast[], told: readonly ToldStep[]): readonly Pair[] | undefined {
  const pairs = pairsBefore(steps, told);
  const ours = steps.filter(({ instruction }) => !instruction.startsWith("FROM "));
  return pairs.length === ours.length ? pairs : undefined;
}
