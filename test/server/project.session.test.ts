import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeAction } from "vscode-languageserver";
import type { ProjectProposals } from "../../engine/base/language-api.ts";
import { LanguageServer } from "../support/language-server.ts";

describe("the language server, about a project", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-project-"));
  let server: LanguageServer;
  before(() => LanguageServer.build(path.join(folder, "server.js")));
  afterEach(async () => assert.equal(await server.stop(), 0));
  after(() => rmSync(folder, { recursive: true }));
  const start = async (initializationOptions: Record<string, unknown>) => {
    server = LanguageServer.run(path.join(folder, "server.js"));
    await server.initialize({ initializationOptions });
  };

  it("proposes a Dockerfile for a folder on disk, as it is now, in the reader's language", async () => {
    await start({ translations: { "A static Go program alone in a small image, without root": "고" } });
    const app = path.join(folder, "an app");
    mkdirSync(app);
    const ask = () =>
      server.connection.sendRequest<ProjectProposals>("drydock/template", { folder: pathToFileURL(app).toString() });
    const sameTick = () => utimesSync(app, 1, 1);
    sameTick();
    assert.deepEqual((await ask()).fitting, []);
    writeFileSync(path.join(app, "go.mod"), "module a\n");
    // As where a file system's clock ticks every few milliseconds.
    sameTick();
    const [go, ...more] = (await ask()).fitting;
    assert.deepEqual([go?.kind, go?.says, more], ["Go", "고", []]);
    assert.match(go?.dockerfile ?? "", /^# syntax=docker\/dockerfile:1\nFROM golang:/);
    assert.match(go?.dockerignore ?? "", /^\.git\n/);
  });

  it("says nothing of a folder that is not on this machine", async () => {
    await start({});
    const found = await server.connection.sendRequest<ProjectProposals>("drydock/template", {
      folder: "vscode-vfs://github/a/b",
    });
    assert.deepEqual(found.fitting, []);
  });

  const turnOffs = async () => {
    const uri = "untitled:Dockerfile";
    await server.open(uri, "FROM node:24 # take the node image\n");
    const [first] = await server.diagnostics(uri);
    const context = { diagnostics: [first], only: ["quickfix"] };
    const actions = await server.ask<CodeAction[]>("codeAction", uri, { range: first?.range, context });
    return actions.filter(({ title }) => /settings/.test(title));
  };

  it("offers to turn a rule off in the settings, last, when the editor can do that", async () => {
    await start({ turnOffCommand: "editor.off" });
    const [action, ...more] = await turnOffs();
    assert.deepEqual(more, []);
    assert.equal(action?.title, "Turn syntax/inline-comment off in the settings");
    assert.deepEqual(action.command, {
      title: action.title,
      command: "editor.off",
      arguments: ["syntax/inline-comment"],
    });
    assert.deepEqual(
      action.diagnostics?.map(({ code }) => code),
      ["syntax/inline-comment"],
    );
  });

  it("does not offer it otherwise", async () => {
    await start({});
    assert.deepEqual(await turnOffs(), []);
  });
});
