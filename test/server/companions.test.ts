import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type {
  CodeAction,
  CodeLens,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Location,
} from "vscode-languageserver";
import { LanguageServer } from "../support/language-server.ts";

describe("files beside a Dockerfile, over the protocol", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-beside-"));
  const server = LanguageServer.start(path.join(folder, "bin", "server.js"));
  const uriOf = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const files = {
    Dockerfile: "FROM node:24 AS deps\nARG VERSION\n",
    ".dockerignore": "node_modules\n!src\n",
    "compose.yaml":
      "services:\n  web:\n    build:\n      context: .\n      target: deps\n      args:\n        VERSION: 1\n",
    "packages/a/node_modules/b.js": "12345",
    "src/a.js": "1",
  };

  before(async () => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    await server.initialize({
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "app" }],
      initializationOptions: {
        largestCommand: "show",
        stageCommands: { build: "a", buildToHere: "b", run: "c", debug: "d" },
      },
    });
    for (const name of ["Dockerfile", ".dockerignore", "compose.yaml"] as const)
      await server.open(uriOf(name), files[name]);
  });
  after(async () => {
    assert.equal(await server.stop(), 0);
    rmSync(folder, { recursive: true });
  });

  /** Sent again when the context has been looked at. */
  const diagnosticsWith = (uri: string, code: string): Promise<Diagnostic[]> =>
    new Promise((resolve) => {
      const look = async () => {
        const shown = await server.diagnostics(uri);
        if (!shown.some((one) => one.code === code)) return;
        server.onDiagnostics = undefined;
        resolve(shown);
      };
      server.onDiagnostics = () => void look();
      void look();
    });

  it("shows what a .dockerignore does not do, and repairs it", async () => {
    const uri = uriOf(".dockerignore");
    const shown = await diagnosticsWith(uri, "dockerignore/only-at-root");
    assert.deepEqual(shown.map(({ code, range }) => [range.start.line, code]).sort(), [
      [0, "dockerignore/only-at-root"],
      [1, "dockerignore/exception-without-effect"],
    ]);
    const range = shown[0]?.range;
    const [action] = await server.ask<CodeAction[]>("codeAction", uri, { range, context: { diagnostics: shown } });
    assert.deepEqual(
      action?.edit?.changes?.[uri]?.map(({ newText }) => newText),
      ["**/node_modules"],
    );
  });

  it("completes, measures and explains a build context", async () => {
    const uri = uriOf(".dockerignore");
    const list = await server.ask<CompletionList>("completion", uri, { position: { line: 2, character: 0 } });
    const labels = list.items.map(({ label }) => label);
    assert.ok(labels.includes(".git") && labels.includes("packages/"), labels.join());
    const lenses = await server.ask<CodeLens[]>("codeLens", uri);
    assert.match(lenses[0]?.command?.title ?? "", /^Build context: \d+ files/);
    const size = await server.connection.sendRequest<{ files: number }>("drydock/contextSize", { uri });
    assert.ok(size.files >= 5);
    const [why] = await server.connection.sendRequest<{ text: string; line?: number }[]>("drydock/explainContext", {
      uri: uriOf("node_modules/x/index.js"),
    });
    assert.equal(why?.line, 0);
    assert.match(why?.text ?? "", /not in the build context: line 1 .* ignores the folder node_modules/);
  });

  it("asks nothing of a Dockerfile's features there", async () => {
    assert.deepEqual(await server.ask<DocumentSymbol[]>("documentSymbol", uriOf("compose.yaml")), []);
    assert.deepEqual(await server.ask<DocumentSymbol[]>("formatting", uriOf(".dockerignore"), { options: {} }), []);
  });

  it("leads from Compose to the Dockerfile, and back", async () => {
    const target = { line: 4, character: 16 };
    const found = await server.ask<Location>("definition", uriOf("compose.yaml"), { position: target });
    assert.deepEqual([found.uri, found.range.start], [uriOf("Dockerfile"), { line: 0, character: 16 }]);
    const hover = await server.ask<Hover>("hover", uriOf("compose.yaml"), { position: { line: 6, character: 10 } });
    assert.match(JSON.stringify(hover), /ARG VERSION/);
    const uses = (position: object) =>
      server.ask<Location[]>("references", uriOf("Dockerfile"), { position, context: { includeDeclaration: false } });
    assert.deepEqual(
      (await uses(found.range.start)).map(({ uri, range }) => [uri, range.start.line]),
      [[uriOf("compose.yaml"), 4]],
    );
    assert.deepEqual(
      (await uses({ line: 1, character: 5 })).map(({ uri, range }) => [uri, range.start.line]),
      [[uriOf("compose.yaml"), 6]],
    );
  });
});
