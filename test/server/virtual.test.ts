import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CompletionList, Diagnostic, DocumentSymbol, Hover, Location } from "vscode-languageserver";
import { LanguageServer } from "../support/language-server.ts";

/** Writes down every path that the server looks at. */
const spy = `
const fs = require("node:fs");
const write = fs.appendFileSync;
const note = (what) => write(__dirname + "/log", String(what) + "\\n");
for (const from of [fs, fs.promises]) {
  for (const name of ["readFileSync", "statSync", "lstatSync", "readdirSync", "existsSync", "openSync", "readFile", "stat", "lstat", "readdir", "open"]) {
    const real = from[name];
    if (real) from[name] = Object.assign((path, ...rest) => (note(path), real.call(from, path, ...rest)), real);
  }
}
const processes = require("node:child_process");
processes.spawn = (program) => { note("process " + program); throw new Error("no processes here"); };
`;

describe("a Dockerfile of a virtual workspace", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-virtual-"));
  const log = path.join(folder, "log");
  const root = "vscode-vfs://github/owner/app";
  const uri = `${root}/Dockerfile`;
  const text = "FROM node:24 AS build # here\nWORKDIR /app\nCOPY package.json ./\nCOPY --from=build /a /b\n";
  let server: LanguageServer;

  before(async () => {
    writeFileSync(path.join(folder, "spy.cjs"), spy);
    LanguageServer.build(path.join(folder, "server.js"));
    server = LanguageServer.run(path.join(folder, "server.js"), ["--require", path.join(folder, "spy.cjs")]);
    await server.initialize({
      workspaceFolders: [{ uri: root, name: "app" }],
      initializationOptions: { trusted: true, largestCommand: "show" },
    });
    await server.open(uri, text);
    await server.open(`${root}/.dockerignore`, " # x\nb\n");
    await server.open(`${root}/compose.yaml`, "services:\n  a:\n    build: .\n");
  });
  after(async () => {
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true });
  });

  it("has everything that one file needs, and nothing of this machine's disk", async () => {
    const codes = async (of: string) => (await server.diagnostics(of)).map(({ code }: Diagnostic) => code);
    assert.ok((await codes(uri)).includes("syntax/inline-comment"));
    assert.deepEqual(await codes(`${root}/.dockerignore`), ["dockerignore/indented-comment"]);
    assert.deepEqual(await codes(`${root}/compose.yaml`), []);
    const position = { line: 3, character: 14 };
    assert.equal((await server.ask<Location>("definition", uri, { position })).range.start.line, 0);
    const context = { includeDeclaration: true };
    assert.equal((await server.ask<Location[]>("references", uri, { position, context })).length, 2);
    assert.ok(await server.ask<Hover>("hover", uri, { position: { line: 1, character: 2 } }));
    const items = await server.ask<CompletionList>("completion", uri, { position: { line: 2, character: 7 } });
    assert.ok(Array.isArray(items.items));
    assert.equal((await server.ask<DocumentSymbol[]>("documentSymbol", uri)).length, 1);
    await server.ask("documentLink", uri);
    await server.ask("codeAction", uri, { range: { start: position, end: position }, context: { diagnostics: [] } });

    const looked = existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
    const own = (file: string) => file.startsWith(folder) || /\.wasm$|shellcheck/.test(file);
    assert.ok(looked.length > 0, "the spy sees nothing");
    assert.deepEqual(
      looked.filter((file) => !own(file)),
      [],
    );
  });
});
