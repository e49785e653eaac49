import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { LanguageServer } from "../support/language-server.ts";

interface Compiled {
  programId(folder: string): string;
  keepCompiled(folder: string): Promise<void>;
}

describe("what was compiled of the language server when it was built", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-compiled-"));
  const program = path.join(folder, "server-main.js");
  const cache = path.join(folder, "server.node.cache");
  let compiled: Compiled;

  const buildStart = () => {
    const define = { builtProgram: JSON.stringify(compiled.programId(folder)) };
    const options = { bundle: true, platform: "node", format: "cjs", target: "node20", define } as const;
    buildSync({ ...options, entryPoints: ["server/start.ts"], outfile: path.join(folder, "server.js") });
  };
  /** Whether the first start took what was there: else it writes its own. */
  const isTaken = async () => {
    const { ino } = statSync(cache);
    const server = LanguageServer.run(path.join(folder, "server.js"));
    await server.initialize();
    await server.open("untitled:one", "FROM node:24\nUSER root\n");
    assert.ok((await server.diagnostics("untitled:one")).length > 0);
    await server.stop();
    return statSync(cache).ino === ino;
  };

  before(async function () {
    this.timeout(60_000);
    compiled = await import(pathToFileURL(path.resolve("server/compiled.mjs")).href);
    execFileSync(process.execPath, ["esbuild.mjs", "--production", `--outdir=${folder}`]);
    buildStart();
    await compiled.keepCompiled(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken by the first start of a copy that somebody has installed, whatever times its files have", async () => {
    utimesSync(program, 1, 1);
    assert.equal(await isTaken(), true);
  });

  it("is not taken by another program that is as long", async () => {
    const text = readFileSync(program, "utf8");
    const other = text.replace('"drydock"', '"drydocK"');
    assert.notEqual(other, text);
    writeFileSync(program, other);
    buildStart();
    assert.equal(await isTaken(), false);
  });
});
