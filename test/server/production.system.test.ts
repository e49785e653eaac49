import assert from "node:assert/strict";
import { execFileSync, fork } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { CompletionList, Diagnostic, Hover } from "vscode-languageserver";
import { LanguageServer } from "../support/language-server.ts";

/** Loaded in front of the program: names what it reads from its own folder. */
const witness = `
  const fs = require("node:fs");
  const path = require("node:path");
  const [folder, log] = process.env.WITNESS.split(";");
  const read = fs.readFileSync;
  fs.readFileSync = function (file, ...rest) {
    const content = read.call(this, file, ...rest);
    if (typeof file === "string" && path.dirname(file) === folder) fs.appendFileSync(log, path.basename(file) + "\\n");
    return content;
  };
`;

const plain = "FROM node:24 AS build # x\nRUN apt-get update && apt-get install curl | tee log\nRUN <<EOF\nls\nEOF\n";
const needsGrammar = "FROM node:24\nRUN if [ -f x ]; then apt-get install curl; fi\n";
const always = ["server-main.js", "server.js"];

describe("the language server as it ships", () => {
  const dist = path.join(mkdtempSync(path.join(tmpdir(), "drydock-production-")), "dist");
  const folder = path.dirname(dist);
  const log = path.join(folder, "loaded");
  const cache = path.join(dist, "server.node.cache");
  const hook = path.join(folder, "witness.cjs");
  const running: LanguageServer[] = [];

  before(function () {
    this.timeout(60_000);
    execFileSync(process.execPath, ["esbuild.mjs", "--production", `--outdir=${dist}`]);
    writeFileSync(hook, witness);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(cache, { recursive: true, force: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(capabilities: object = {}): Promise<LanguageServer> {
    rmSync(log, { force: true });
    process.env.WITNESS = `${dist};${log}`;
    const server = LanguageServer.run(path.join(dist, "server.js"), ["--require", hook]);
    running.push(server);
    await server.initialize({ capabilities });
    return server;
  }

  /** Without what Node itself reads: of a program that it starts it reads the file. */
  function loaded(): readonly string[] {
    const names = new Set(readFileSync(log, "utf8").trim().split("\n"));
    return [...names].filter((name) => !name.endsWith(".cache")).sort();
  }

  function codesOf(diagnostics: readonly Diagnostic[]): readonly unknown[] {
    return diagnostics.map(({ code }) => code);
  }

  async function stop(server: LanguageServer): Promise<void> {
    running.splice(running.indexOf(server), 1);
    assert.equal(await server.stop(), 0);
  }

  it("checks a file whose scripts are plain with nothing but its two programs", async () => {
    const server = await start();
    await server.open("untitled:plain", plain);
    assert.ok(codesOf(await server.diagnostics("untitled:plain")).includes("syntax/inline-comment"));
    assert.deepEqual(loaded(), always);
    const list = await server.ask<CompletionList>("completion", "untitled:plain", {
      position: { line: 4, character: 3 },
    });
    assert.ok(Array.isArray(list.items));
    const hover = await server.ask<Hover>("hover", "untitled:plain", { position: { line: 0, character: 1 } });
    assert.match(JSON.stringify(hover.contents), /FROM/);
    assert.deepEqual(loaded(), always);
  });

  it("loads the shell's grammar with the first script that needs it, before anything is said of the file", async () => {
    const server = await start();
    await server.open("untitled:grammar", needsGrammar);
    const versions: (number | undefined)[] = [];
    server.onDiagnostics = (version) => versions.push(version);
    const found = await server.diagnostics("untitled:grammar");
    // Nothing but the grammar sees the command behind `then`.
    assert.ok(codesOf(found).includes("packages/apt-yes"), JSON.stringify(codesOf(found)));
    assert.deepEqual(versions, [1]);
    assert.deepEqual(loaded(), [...always, "tree-sitter-bash.wasm", "tree-sitter.js", "tree-sitter.wasm"].sort());
  });

  it("says the same of a script that comes to need the grammar while somebody types, and to a client that fetches", async () => {
    const server = await start({ textDocument: { diagnostic: {} } });
    const fetch = async () => (await server.ask<{ items: Diagnostic[] }>("diagnostic", "untitled:typed")).items;
    await server.open("untitled:typed", plain);
    const before = await fetch();
    assert.deepEqual(loaded(), always);
    await server.change("untitled:typed", `${plain}RUN (apt-get install git)\n`, 2);
    const [typed, tokens] = await Promise.all([
      fetch(),
      server.ask<{ data: number[] }>("semanticTokens/full", "untitled:typed"),
    ]);
    assert.ok(typed.length > before.length, JSON.stringify(codesOf(typed)));
    await server.open("untitled:whole", `${plain}RUN (apt-get install git)\n`);
    const whole = await server.ask<{ items: Diagnostic[] }>("diagnostic", "untitled:whole");
    assert.deepEqual(typed, whole.items);
    assert.deepEqual(tokens.data, (await server.ask<typeof tokens>("semanticTokens/full", "untitled:whole")).data);
  });

  it("loads what reads YAML with the first configuration, and the other library with a place that ours says nothing of", async () => {
    const project = path.join(folder, "project");
    mkdirSync(project);
    writeFileSync(path.join(project, "drydock.yaml"), "lint:\n  rules:\n    syntax/inline-comment: off\n");
    const uri = pathToFileURL(path.join(project, "Dockerfile")).href;
    const server = await start();
    await server.open(uri, `${plain}COPY \n`);
    assert.ok(!codesOf(await server.diagnostics(uri)).includes("syntax/inline-comment"));
    assert.deepEqual(loaded(), [...always, "yaml.js"]);
    await server.ask("completion", uri, { position: { line: 5, character: 5 } });
    assert.deepEqual(loaded(), ["dockerfile-language.js", ...always, "yaml.js"]);
  });

  it("keeps what was compiled beside it, takes it at the next start, and makes it anew where it is of no use", async () => {
    const work = async (text: string) => {
      const server = await start();
      await server.open("untitled:one", text);
      const found = codesOf(await server.diagnostics("untitled:one"));
      await stop(server);
      return found;
    };
    rmSync(cache, { force: true });
    // The grammar is loaded with flags that must not count.
    const first = await work(needsGrammar);
    assert.ok(existsSync(cache));
    const kept = readFileSync(cache);
    const { ino } = statSync(cache);
    assert.deepEqual(await work(needsGrammar), first);
    assert.equal(statSync(cache).ino, ino, "taken, not written again");
    // Of another version of V8, or broken.
    const head = readFileSync(cache).subarray(0, 64);
    for (const content of [Buffer.concat([head, kept.subarray(64, 100)]), Buffer.concat([head, Buffer.alloc(5000)])]) {
      writeFileSync(cache, content);
      assert.deepEqual(await work(needsGrammar), first);
      assert.ok(statSync(cache).size > 100_000);
    }
  });

  it("works where nothing can be kept, and leaves nothing behind", async () => {
    mkdirSync(path.join(cache, "in the way"), { recursive: true });
    const server = await start();
    await server.open("untitled:one", plain);
    assert.ok((await server.diagnostics("untitled:one")).length > 0);
    await stop(server);
    assert.deepEqual(
      readdirSync(dist).filter((name) => name.includes(".cache")),
      ["server.node.cache"],
    );
  });

  it("keeps nothing of a start in which no file was checked", async () => {
    await stop(await start());
    assert.ok(!existsSync(cache));
  });

  it("speaks over the channel of a process that forked it, as VS Code does, and as `drydock language-server`", async () => {
    const child = fork(path.join(dist, "server.js"), ["--node-ipc"]);
    const answer = new Promise<unknown>((resolve) => child.once("message", resolve));
    child.send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { processId: null, capabilities: {} } });
    assert.match(JSON.stringify(await answer), /"serverInfo":\{"name":"drydock"/);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await ended;
    const server = LanguageServer.run(path.join(dist, "cli.js"), [], ["language-server"]);
    running.push(server);
    await server.initialize();
    await server.open("untitled:one", plain);
    assert.ok((await server.diagnostics("untitled:one")).length > 0);
  });
});
