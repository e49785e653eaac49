import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  LinkedEditingRanges,
  SelectionRange,
  WorkspaceEdit,
  WorkspaceSymbol,
} from "vscode-languageserver";
import { applyEdits } from "../../server/lint/fixes.ts";
import { LanguageServer } from "../support/language-server.ts";

describe("navigation over the protocol", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-navigation-"));
  const file = path.join(folder, "Dockerfile");
  const uri = pathToFileURL(file).href;
  const text =
    "FROM a AS build\nFROM b\nRUN --network=none --mount=target=/x,from=build make | tee log\nCOPY --from=0 x y\n";
  const named = { line: 2, character: 43 };
  const server = LanguageServer.start(path.join(folder, "server.js"));

  before(async () => {
    writeFileSync(file, text);
    await server.initialize({
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "app" }],
      initializationOptions: { translations: { "There is already a stage {name}": "{name} 스테이지가 이미 있습니다" } },
    });
    await server.open(uri, text);
  });
  after(async () => {
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true });
  });

  it("renames through flags in any order", async () => {
    const edit = await server.ask<WorkspaceEdit>("rename", uri, { position: named, newName: "deps" });
    assert.equal(applyEdits(text, edit.changes?.[uri] ?? []), text.replaceAll("build", "deps"));
  });

  it("says why it does not rename, in the client's language", async () => {
    const count = { line: 3, character: 12 };
    await assert.rejects(server.ask("prepareRename", uri, { position: count }), /number/);
    await assert.rejects(server.ask("rename", uri, { position: named, newName: "0 bad" }), /starts with a letter/);
    await server.change(uri, `${text}FROM c AS taken\n`, 2);
    await assert.rejects(
      server.ask("rename", uri, { position: named, newName: "taken" }),
      /taken 스테이지가 이미 있습니다/,
    );
    await server.change(uri, text, 3);
  });

  it("shows who uses a stage", async () => {
    const [item] = await server.ask<CallHierarchyItem[]>("prepareCallHierarchy", uri, { position: named });
    assert.equal(item?.name, "build");
    const calls = await server.connection.sendRequest<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", {
      item,
    });
    assert.deepEqual(
      calls.map(({ from, fromRanges }) => [from.name, fromRanges.length]),
      [["b", 2]],
    );
  });

  it("selects, links names and finds stages of the workspace", async () => {
    const position = { line: 2, character: 51 };
    const [one] = await server.ask<SelectionRange[]>("selectionRange", uri, { positions: [position] });
    assert.deepEqual(one?.parent?.range.start, { line: 2, character: 48 });
    const linked = await server.ask<LinkedEditingRanges>("linkedEditingRange", uri, { position: named });
    assert.equal(linked.ranges.length, 2);
    const found = await server.connection.sendRequest<WorkspaceSymbol[]>("workspace/symbol", { query: "bld" });
    assert.deepEqual(
      found.map(({ name, containerName }) => [name, containerName]),
      [["build", "Dockerfile"]],
    );
  });
});
