// How long builds take, beside docker build (BuildKit) and buildah on the same files in the same run, and a pull.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Files, tarOf } from "../support/base-image-files.ts";
import { busyboxImage } from "../support/base-images.ts";
import { bundlePrograms, openCliLab } from "../support/cli-lab.ts";
import { root } from "../support/docker-lab.ts";
import { type ImageBlobs, imageBlobs } from "../support/image-blobs.ts";
import { startRegistry } from "../support/registry.ts";
import { type BuildOptions, type Peer, startPeers } from "./peers.ts";

interface Scenario {
  readonly name: string;
  readonly dockerfile: (base: string) => string;
  readonly files: number;
  readonly bytesPerFile: number;
  readonly rounds: number;
}

const scenarios: readonly Scenario[] = [
  {
    name: "20 files",
    dockerfile: (base) =>
      `FROM ${base}\nWORKDIR /app\nCOPY package.json ./\nRUN echo modules > modules\nCOPY . .\nCMD ["sh"]\n`,
    files: 20,
    bytesPerFile: 2000,
    rounds: 7,
  },
  {
    name: "10,000 files, 100 MB",
    dockerfile: (base) => `FROM ${base}\nCOPY . /app\n`,
    files: 10_000,
    bytesPerFile: 10_000,
    rounds: 3,
  },
];

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) {
    console.log("Builds are compared as root; as an ordinary user there is nothing to compare with.");
    return;
  }
  const registry = await startRegistry();
  const programs = await bundlePrograms();
  const lab = await openCliLab(root, programs);
  const peers = await startPeers((line) => process.stderr.write(line));
  try {
    const base = `${registry.host}/library/busybox:latest`;
    await registry.push("library/busybox:latest", await busyboxImage());
    const large: string[] = [];
    for (let round = 0; round < 3; round++) {
      await registry.push(`library/large${round}:latest`, await largeImage());
      large.push(`${registry.host}/library/large${round}:latest`);
    }
    await lab.launch();
    const engine: Peer = {
      name: "engine",
      prepare: async () => void (await lab.ok(["pull", base])),
      build: (context, options) => buildByApi(lab.socket, context, options),
      // Layers are unpacked when they are first needed; docker does it in the pull.
      async pull(image) {
        await answer(lab.socket, "POST", `/images/create?fromImage=${encodeURIComponent(image)}`);
        lab.write({ "unpack/Dockerfile": `FROM ${image}\nWORKDIR /made\n` });
        await buildByApi(lab.socket, path.join(lab.folder, "unpack"), { noCache: true });
      },
      dispose: async () => undefined,
    };
    const cli: Peer = {
      ...engine,
      name: "drydock build",
      prepare: async () => undefined,
      build: async (context, { noCache = false } = {}) =>
        void (await lab.ok(["build", "-t", "bench", ...(noCache ? ["--no-cache"] : []), context])),
    };
    const builders = [engine, cli, ...peers];
    for (const builder of builders) await builder.prepare(base);
    for (const scenario of scenarios) await compare(scenario, base, builders);
    await comparePulls(large, [engine, ...peers]);
  } finally {
    for (const peer of peers) await peer.dispose();
    await lab.dispose();
    programs.dispose();
    await registry.stop();
  }
}

async function compare(scenario: Scenario, base: string, builders: readonly Peer[]): Promise<void> {
  const context = mkdtempSync(path.join(tmpdir(), "drydock-bench-context-"));
  try {
    makeFiles(context, scenario);
    writeFileSync(path.join(context, "Dockerfile"), scenario.dockerfile(base));
    // A file is trusted by its times only when it is older than the clock's grain.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const times = new Map<string, Map<string, number>>();
    const note = (what: string, builder: Peer, ms: number) => {
      const row = times.get(what) ?? new Map<string, number>();
      times.set(what, row.set(builder.name, ms));
    };
    for (const builder of builders) {
      const { rounds } = scenario;
      const timed = (options?: BuildOptions) => time(() => builder.build(context, options));
      await builder.build(context);
      note("no-op", builder, await median(rounds, () => timed()));
      note(
        "one file changed",
        builder,
        await median(rounds, () => {
          writeFileSync(path.join(context, "d0/f1.txt"), randomBytes(scenario.bytesPerFile / 2).toString("hex"));
          return timed();
        }),
      );
      note("cold", builder, await median(Math.min(3, rounds), () => timed({ noCache: true })));
    }
    for (const [what, row] of times) tell(`build ${scenario.name}, ${what}`, row);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Each image is pulled once: what is removed goes in the background, and a pull that finds some of it is no pull. */
async function comparePulls(images: readonly string[], builders: readonly Peer[]): Promise<void> {
  const row = new Map<string, number>();
  for (const { name, pull } of builders) {
    const waiting = [...images];
    if (pull) row.set(name, await median(images.length, () => time(() => pull(waiting.shift() ?? ""))));
  }
  tell("pull and unpack 300 MB", row);
}

/** One row: our time, and how many times longer each other one takes. */
function tell(name: string, row: ReadonlyMap<string, number>): void {
  const own = row.get("engine") ?? 0;
  const others = [...row].filter(([builder]) => builder !== "engine");
  const ratios = others.map(([builder, ms]) => `${builder} ${ms.toFixed(0)} ms (${(ms / own).toFixed(1)}×)`);
  console.log(JSON.stringify({ name, value: [`${own.toFixed(0)} ms`, ...ratios].join("; ") }));
}

function makeFiles(folder: string, { files, bytesPerFile }: Scenario): void {
  for (let count = 0; count < files; count++) {
    const name = path.join(folder, `d${Math.floor(count / 100)}`, `f${count}.txt`);
    if (count % 100 === 0) mkdirSync(path.dirname(name));
    writeFileSync(name, randomBytes(bytesPerFile / 2).toString("hex"));
  }
  writeFileSync(path.join(folder, "package.json"), "{}");
}

/** Three layers of files that compress about as well as programs do. */
async function largeImage(): Promise<ImageBlobs> {
  const layers: Buffer[] = [];
  for (let layer = 0; layer < 3; layer++) {
    const files: Files = new Map();
    for (let folder = 0; folder < 40; folder++) {
      const name = `layer${layer}-${folder}`;
      files.set(name, { type: "folder", mode: 0o755 });
      for (let file = 0; file < 25; file++)
        files.set(`${name}/${file}`, {
          type: "file",
          mode: 0o644,
          content: Buffer.from(randomBytes(50_000).toString("hex")),
        });
    }
    layers.push(await tarOf(files));
  }
  return imageBlobs({ layers });
}

async function buildByApi(socket: string, contextPath: string, { noCache = false }: BuildOptions = {}): Promise<void> {
  await answer(socket, "POST", "/drydock/build", { contextPath, tags: ["bench"], noCache });
}

/** Waits for the whole answer, which may be a stream that says at its end that it failed. */
function answer(socketPath: string, method: string, url: string, body?: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const call = request({ socketPath, method, path: url, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more) => {
        text += more;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) >= 400 || /"type":"failed"|"error"/.test(text)) reject(new Error(text));
        else resolve();
      });
    });
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function median(rounds: number, measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

void main();
