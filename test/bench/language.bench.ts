// What an editor asks while somebody types: a key and the request behind it, over the streams of our bundled server and of
// dockerfile-language-server-nodejs, on the same files. Then their start and their memory.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheDir } from "../../.ci/cache.mjs";
import { LanguageServer } from "../support/language-server.ts";
import { longFile } from "./long-file.ts";
import { run } from "./peers.ts";

const peerVersion = "0.15.0";
/** Lines of the file, and how often each thing is asked: the peer's answers about long files take seconds. */
const sizes = [
  { lines: 60, ours: 300, peers: 300 },
  { lines: 1000, ours: 40, peers: 12 },
  { lines: 10_000, ours: 25, peers: 2 },
];
/** The peer's colours of 10,000 lines take half a minute. */
const longestWaitMs = 60_000;

const capabilities = {
  textDocument: {
    completion: { completionItem: { snippetSupport: true } },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    publishDiagnostics: { versionSupport: true },
    semanticTokens: { requests: { full: true }, tokenTypes: [], tokenModifiers: [], formats: ["relative"] },
  },
};

type Ask = (server: LanguageServer, uri: string, position: { line: number; character: number }) => Promise<unknown>;

const at =
  (method: string): Ask =>
  (server, uri, position) =>
    server.ask(method, uri, { position });
const whole =
  (method: string, rest: Record<string, unknown> = {}): Ask =>
  (server, uri) =>
    server.ask(method, uri, rest);

const requests: Readonly<Record<string, Ask>> = {
  completion: at("completion"),
  hover: at("hover"),
  definition: at("definition"),
  symbols: whole("documentSymbol"),
  folding: whole("foldingRange"),
  formatting: whole("formatting", { options: { tabSize: 4, insertSpaces: true } }),
  "semantic tokens": whole("semanticTokens/full"),
};

/** One server at work on one file; `say` types a character each time. */
class Typist {
  readonly server: LanguageServer;
  readonly uri: string;
  readonly #line: number;
  #character: number;
  #version = 1;

  constructor(server: LanguageServer, lines: number, text: string) {
    this.server = server;
    this.uri = `file:///bench/${lines}/Dockerfile`;
    const all = text.split("\n");
    this.#line = all.findIndex((one, index) => index >= Math.min(lines / 2, lines - 40) && one.includes("echo"));
    this.#character = (all[this.#line] ?? "").indexOf("built");
  }

  get position() {
    return { line: this.#line, character: this.#character };
  }

  async key(): Promise<void> {
    const { position } = this;
    this.#version += 1;
    this.#character += 1;
    await this.server.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: this.uri, version: this.#version },
      contentChanges: [{ range: { start: position, end: position }, text: "x" }],
    });
  }

  async keyThen(ask: Ask): Promise<number> {
    const began = performance.now();
    await this.key();
    await ask(this.server, this.uri, this.position);
    return performance.now() - began;
  }

  async keyToDiagnostics(): Promise<number> {
    const began = performance.now();
    const said = diagnosticsOf(this.server, this.#version + 1);
    await this.key();
    await said;
    return performance.now() - began;
  }
}

/** The next ones; the peer does not say of which version. */
function diagnosticsOf(server: LanguageServer, version: number): Promise<void> {
  return new Promise((resolve) => {
    server.onDiagnostics = (said) => {
      if (said === undefined || said === version) resolve();
    };
  });
}

type Times = Readonly<Record<string, readonly number[]>>;

async function session(server: LanguageServer, lines: number, rounds: number): Promise<Times> {
  const text = longFile(lines);
  const typist = new Typist(server, lines, text);
  const said = diagnosticsOf(server, 1);
  await server.open(typist.uri, text);
  await said;
  const times: Record<string, number[]> = {};
  const began = performance.now();
  // Colours last: the peer may take all the time there is.
  for (const [name, ask] of Object.entries({ diagnostics: undefined, ...requests })) {
    const own: number[] = [];
    times[name] = own;
    // The first is for the compiler.
    for (let round = 0; round <= rounds; round += 1) {
      const took = ask ? await typist.keyThen(ask) : await typist.keyToDiagnostics();
      if (round > 0 || took > 5000) own.push(took);
      if (performance.now() - began > longestWaitMs) break;
    }
  }
  return times;
}

function part(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function figures(times: readonly number[]): string {
  return [0.5, 0.95, 0.99].map((share) => part(times, share).toFixed(1)).join(" / ");
}

function ratio(peers: readonly number[], ours: readonly number[], share: number): string {
  return `${(part(peers, share) / part(ours, share)).toFixed(1)}×`;
}

/** Of the process, in MB; undefined where the system does not say. */
function memoryMb(server: LanguageServer): number | undefined {
  const file = `/proc/${server.process.pid}/status`;
  if (!existsSync(file)) return undefined;
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1];
  return kb === undefined ? undefined : Number(kb) / 1024;
}

async function startMs(program: string): Promise<number> {
  const began = performance.now();
  const server = LanguageServer.run(program);
  await server.initialize({ capabilities });
  const said = diagnosticsOf(server, 1);
  await server.open("file:///bench/start/Dockerfile", longFile(60));
  await said;
  const took = performance.now() - began;
  await server.stop();
  return took;
}

const show = (name: string, value: string) => console.log(JSON.stringify({ name, value }));

async function compare(ours: string, peers: string | undefined): Promise<void> {
  show("language server: very first start to first diagnostics", `${(await startMs(ours)).toFixed(0)} ms`);
  const programs = [ours, ...(peers === undefined ? [] : [peers])];
  const starts = programs.map((): number[] => []);
  for (let round = 0; round < 11; round += 1) {
    for (const [index, program] of programs.entries()) starts[index]?.push(await startMs(program));
  }
  const [ourStarts = [], peerStarts] = starts;
  const beside = peerStarts ? `; the peer ${part(peerStarts, 0.5).toFixed(0)} ms` : "";
  show(
    "language server: start to first diagnostics",
    `${part(ourStarts, 0.5).toFixed(0)} ms (best ${Math.min(...ourStarts).toFixed(0)} ms)${beside}`,
  );
  const servers = programs.map((program) => LanguageServer.run(program));
  try {
    for (const server of servers) await server.initialize({ capabilities });
    for (const { lines, ...rounds } of sizes) {
      const [server, peer] = servers;
      if (!server) return;
      const own = await session(server, lines, rounds.ours);
      const other = peer && (await session(peer, lines, rounds.peers));
      for (const [name, times] of Object.entries(own)) {
        const theirs = other?.[name];
        const compared = theirs
          ? `; the peer ${figures(theirs)}, p50 ${ratio(theirs, times, 0.5)}, p99 ${ratio(theirs, times, 0.99)}`
          : "";
        show(`key to ${name}, ${lines} lines`, `p50 / p95 / p99 ${figures(times)} ms${compared}`);
      }
      const memory = servers.map(memoryMb).map((mb) => (mb === undefined ? "unknown" : `${mb.toFixed(0)} MB`));
      show(`memory after ${lines} lines`, memory.join("; the peer "));
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** The peer, installed once outside the repository; says why not when it cannot be had. */
async function peerProgram(): Promise<string | undefined> {
  const folder = path.join(cacheDir(), `dockerfile-language-server-${peerVersion}`);
  const program = path.join(folder, "node_modules/dockerfile-language-server-nodejs/lib/server.js");
  const done = path.join(folder, "done");
  if (existsSync(done)) return program;
  try {
    // A half-finished earlier attempt is thrown away: the stamp is written last.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    await run("npm", ["install", "--prefix", folder, ...quiet, `dockerfile-language-server-nodejs@${peerVersion}`]);
    await run(process.execPath, ["--check", program]);
    writeFileSync(done, "");
    return program;
  } catch (error) {
    console.error(
      `No comparison with dockerfile-language-server-nodejs: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

async function main(): Promise<void> {
  // What `npm run bench` has just built, as people get it.
  await compare(path.resolve("dist/server.js"), await peerProgram());
}

void main();
