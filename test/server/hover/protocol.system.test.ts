import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeLens, DocumentLink, Hover, InlayHint, SignatureHelp } from "vscode-languageserver";
import { contextOf } from "../../support/hover.ts";
import { LanguageServer } from "../../support/language-server.ts";
import { eventually } from "../../support/person.ts";

describe("hovers, hints, lenses and links over the protocol", () => {
  const folder = contextOf({ "app.js": 100, ".dockerignore": "x" });
  const uri = pathToFileURL(path.join(folder, "Dockerfile")).href;
  const text = "ARG V=24\nFROM node:$V AS base\nRUN echo $NODE_VERSION\nCOPY app.js /app/\nFROM base\n";
  let server: LanguageServer;
  let asked = 0;

  before(async function () {
    this.timeout(60_000);
    server = LanguageServer.start(path.join(folder, "server.cjs"));
    server.connection.onRequest("drydock/imageInfo", ({ reference }: { reference: string }) => {
      asked += 1;
      const image = reference === "node:24" ? { tags: [reference], env: { NODE_VERSION: "24.0.1" } } : null;
      return { image };
    });
    server.connection.onRequest("drydock/images", () => null);
    const { capabilities } = await server.initialize({
      initializationOptions: {
        images: true,
        stageCommands: { build: "b", buildToHere: "h", run: "r", debug: "d" },
        translations: { "From the base image": "베이스 이미지에서 온 값" },
      },
    });
    assert.ok(capabilities.codeLensProvider && capabilities.inlayHintProvider);
    await server.open(uri, text);
  });

  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const hover = async (line: number, character: number) =>
    JSON.stringify(await server.ask<Hover | null>("hover", uri, { position: { line, character } }));

  it("hovers tell what the engine and the disk say, in the reader's language", async () => {
    // What the engine and the disk say is waited for as long as a person would; what comes later is there for the next one.
    await eventually(async () => assert.match(await hover(2, 14), /24\.0\.1.*베이스 이미지에서 온 값/));
    assert.match(await hover(1, 6), /node:24/);
    assert.equal(asked, 1);
    await eventually(async () => assert.match(await hover(3, 7), /1 file, 100 B/));
    assert.equal(await hover(5, 0), "null");
  });

  it("hints, lenses, links and signatures come", async () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const hints = await server.ask<InlayHint[]>("inlayHint", uri, { range });
    assert.deepEqual(
      hints.map(({ label }) => label),
      ["= node:24"],
    );
    const lenses = await server.ask<CodeLens[]>("codeLens", uri);
    assert.deepEqual(lenses[0]?.command?.arguments, [{ uri, target: "base" }]);
    const links = await server.ask<DocumentLink[]>("documentLink", uri);
    assert.deepEqual(
      links.map(({ target }) => target),
      ["https://hub.docker.com/_/node", pathToFileURL(path.join(folder, "app.js")).href],
    );
    const help = await server.ask<SignatureHelp>("signatureHelp", uri, { position: { line: 3, character: 6 } });
    assert.match(help.signatures[0]?.label ?? "", /^COPY/);
  });

  it("hints and lenses go away when a setting says so", async () => {
    const settings = { drydock: { inlayHints: { variables: false }, codeLens: { enabled: false } } };
    await server.connection.sendNotification("workspace/didChangeConfiguration", { settings });
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    assert.deepEqual(await server.ask("inlayHint", uri, { range }), []);
    assert.deepEqual(await server.ask("codeLens", uri), []);
  });
});
