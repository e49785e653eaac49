// How long a forecast takes after a key in the Dockerfile, and after a file of a large context was saved. As in the language server, where
// forecasts are made: without its settings of V8 every twentieth key waits for a compiler.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Forecaster, openForecaster } from "../../engine/forecast.ts";
import { tune } from "../../server/tune.ts";
import { makeEngine, type TestEngine } from "../support/build-engine.ts";
import { makeFolder } from "../support/files.ts";

const platform = { os: "linux", architecture: "amd64" };
const keys = 300;
const saves = 20;

const show = (name: string, value: string) => console.log(JSON.stringify({ name, value }));

/** Sixty lines in three stages, as a person writes them. */
function sixtyLines(): string {
  const stage = (name: string, from: string, copies: string) => [
    `FROM ${from} AS ${name}`,
    "WORKDIR /app",
    "ENV NODE_ENV=production \\",
    "    LANG=C.UTF-8",
    "ARG VERSION=1",
    "LABEL org.opencontainers.image.version=$VERSION",
    "COPY package.json ./",
    "RUN echo install > installed",
    ...Array.from({ length: 9 }, (_, at) =>
      at % 3 === 2 ? `RUN echo ${name}-${at} > made-${at}` : `# about ${name} ${at}`,
    ),
    copies,
    "RUN echo build > built",
    "",
  ];
  return `${[
    ...stage("deps", "base", "COPY src src"),
    ...stage("build", "deps", "COPY . ."),
    ...stage("run", "base", "COPY --from=build /built /app/built"),
  ].join("\n")}\n`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

const part = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const figures = (times: readonly number[]) => [0.5, 0.95].map((share) => part(times, share).toFixed(1)).join(" / ");

interface Place {
  readonly engine: TestEngine;
  readonly forecaster: Forecaster;
  readonly folder: string;
  ask(text: string): Promise<unknown>;
}

async function inContext(
  files: number,
  text: string,
  ignored: string,
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const engine = await makeEngine();
  await engine.addImage("base", { "etc/passwd": "" });
  const context = makeFolder({ Dockerfile: text, "package.json": "{}", "src/index.js": "1", ".dockerignore": ignored });
  for (let folder = 0; folder < files / 50; folder += 1) {
    mkdirSync(path.join(context.path, `lib/d${folder}`), { recursive: true });
    for (let file = 0; file < 50; file += 1)
      writeFileSync(path.join(context.path, `lib/d${folder}/f${file}.js`), `${folder} ${file} `.repeat(100));
  }
  const forecaster = openForecaster({ home: engine.home, platform });
  try {
    const { failure } = await engine.build(context.path);
    if (failure) throw new Error(JSON.stringify(failure));
    const ask = (asked: string) =>
      forecaster.forecast({
        contextDir: context.path,
        dockerfilePath: path.join(context.path, "Dockerfile"),
        text: asked,
      });
    await work({ engine, forecaster, folder: context.path, ask });
  } finally {
    await forecaster.dispose();
    context.dispose();
    engine.dispose();
  }
}

async function main(): Promise<void> {
  tune();
  const text = sixtyLines();
  await inContext(20, text, "Dockerfile\n", async ({ ask }) => {
    show("forecast: the first of a Dockerfile, 60 lines", `${(await timed(() => ask(text))).toFixed(1)} ms`);
    const times: number[] = [];
    for (let key = 0; key < keys; key += 1)
      times.push(await timed(() => ask(text.replace("echo build-5", `echo build-5${"x".repeat(key % 40)}`))));
    show(`forecast: a key, ${text.split("\n").length} lines`, `p50 / p95 ${figures(times.slice(20))} ms`);
  });

  const large = "FROM base\nCOPY . /app\n";
  for (const ignored of ["Dockerfile\n", ""]) {
    const which = ignored === "" ? "10,000 files and the Dockerfile copied" : "10,000 files copied";
    await inContext(10_000, large, ignored, async ({ ask, forecaster, folder }) => {
      show(`forecast: the first, ${which}`, `${(await timed(() => ask(large))).toFixed(0)} ms`);
      const edited: number[] = [];
      for (let key = 0; key < 40; key += 1) edited.push(await timed(() => ask(`${large}# ${"x".repeat(key)}\n`)));
      show(`forecast: a key, ${which}`, `p50 / p95 ${figures(edited)} ms`);
      const times: number[] = [];
      const before = { ...forecaster.work };
      for (let save = 0; save < saves; save += 1) {
        const file = path.join(folder, `lib/d${save}/f${save}.js`);
        writeFileSync(file, `saved ${save}`);
        forecaster.invalidate([file]);
        times.push(await timed(() => ask(large)));
      }
      const hashed = (forecaster.work.filesHashed - before.filesHashed) / saves;
      const looked = Math.round((forecaster.work.stats - before.stats) / saves);
      show(
        `forecast: after a file was saved, ${which}`,
        `p50 / p95 ${figures(times)} ms; hashed ${hashed}, looked at ${looked}`,
      );
    });
  }
}

void main();
