import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type {
  CodeAction,
  CompletionList,
  Diagnostic,
  DocumentDiagnosticReport,
  DocumentSymbol,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
import { applyEdits } from "../../server/lint/fixes.ts";
import { LanguageServer } from "../support/language-server.ts";
import { cpuMsOf } from "../support/process-cpu.ts";

describe("the language server", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-server-"));
  const uri = "untitled:Dockerfile";
  let server: LanguageServer;

  const start = async (params: Record<string, unknown> = {}) => {
    server = LanguageServer.start(path.join(folder, "server.js"));
    return server.initialize(params);
  };
  afterEach(async () => assert.equal(await server.stop(), 0));
  after(() => rmSync(folder, { recursive: true }));

  /** As it goes over the wire. */
  const changeOf = (version: number, contentChanges: readonly object[]) => {
    const params = { textDocument: { uri, version }, contentChanges };
    const body = JSON.stringify({ jsonrpc: "2.0", method: "textDocument/didChange", params });
    return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };

  const messageOf = ({ message }: Diagnostic) => (typeof message === "string" ? message : message.value);

  it("says on stderr that what it was sent is no message, and ends with its input", async () => {
    await start();
    const input = "Content-Length: many\r\n\r\n{}";
    const told = spawnSync(process.execPath, [path.join(folder, "server.js"), "--stdio"], { input, encoding: "utf8" });
    assert.match(told.stderr, /Content-Length/);
    assert.equal(told.status, 1);
  });

  it("marks an inline comment once and moves it away", async () => {
    await start();
    const text = "FROM node:24 # take the node image\n";
    await server.open(uri, text);
    const shown = await server.diagnostics(uri);
    assert.deepEqual(
      shown.map(({ code, range, source }) => [code, source, range.start.character, range.end.character]),
      [["syntax/inline-comment", "drydock", 13, 34]],
    );
    const [first] = shown;
    const actions = await server.ask<CodeAction[]>("codeAction", uri, {
      range: first?.range,
      context: { diagnostics: shown, only: ["quickfix"] },
    });
    assert.deepEqual(
      actions.map(({ title }) => title),
      [
        "Move the comment to its own line",
        "Ignore syntax/inline-comment here",
        "Ignore syntax/inline-comment in this file",
      ],
    );
    const fixed = applyEdits(text, actions[0]?.edit?.changes?.[uri] ?? []);
    assert.equal(fixed, "# take the node image\nFROM node:24\n");
    await server.change(uri, fixed, 2);
    assert.deepEqual(await server.diagnostics(uri, 2), []);
  });

  it("answers about a file that makes the library throw, and lives on", async () => {
    await start();
    await server.open(uri, 'FROM node\nRUN echo \\\n    # echo "a\\nb"\n');
    await server.diagnostics(uri);
    const position = { line: 0, character: 1 };
    for (const method of ["hover", "completion", "signatureHelp", "documentHighlight", "definition"]) {
      await server.ask(method, uri, { position });
    }
    for (const method of ["documentSymbol", "foldingRange", "documentLink", "semanticTokens/full"]) {
      await server.ask(method, uri);
    }
    await server.ask("formatting", uri, { options: { tabSize: 4, insertSpaces: true } });
    await server.open("untitled:other", "from node:24\nENTRYPOINT a $B\n");
    assert.equal((await server.diagnostics("untitled:other")).length, 2);
  });

  it("completes, renames, formats and outlines", async () => {
    await start();
    const text = "FROM node AS base\nRUN a \\\nb\nFROM base\nCOPY --from=base /a /a\n";
    await server.open(uri, text);
    const { items } = await server.ask<CompletionList>("completion", uri, { position: { line: 4, character: 12 } });
    assert.equal(items[0]?.label, "base");
    const edit = await server.ask<WorkspaceEdit>("rename", uri, {
      position: { line: 3, character: 6 },
      newName: "deps",
    });
    const renamed = applyEdits(text, edit.changes?.[uri] ?? []);
    assert.equal(renamed, text.replaceAll("base", "deps"));
    await assert.rejects(
      server.ask("rename", uri, { position: { line: 3, character: 6 }, newName: "0 bad" }),
      /A stage's name starts with a letter/,
    );
    const edits = await server.ask<TextEdit[]>("formatting", uri, { options: { tabSize: 2, insertSpaces: true } });
    assert.equal(applyEdits(text, edits), text.replace("\nb\n", "\n  b\n"));
    const outline = await server.ask<DocumentSymbol[]>("documentSymbol", uri);
    assert.deepEqual(
      outline.map(({ name, children }) => [name, children?.map((child) => child.name)]),
      [
        ["base", ["RUN a b"]],
        ["base", ["COPY /a /a"]],
      ],
    );
  });

  it("sends diagnostics for the newest version only", async () => {
    await start();
    const versions: (number | undefined)[] = [];
    await server.open(uri, "FROM a\n");
    await server.diagnostics(uri);
    server.onDiagnostics = (version) => versions.push(version);
    // All at once: a server that keeps up with a slow client may check each.
    const changes = Array.from({ length: 50 }, (_, at) => {
      return changeOf(at + 2, [{ text: `FROM a\n${"\n".repeat(at)}` }]);
    });
    server.process.stdin?.write(changes.join(""));
    await server.diagnostics(uri, 51);
    assert.ok(versions.length < 25, `${versions.length} were sent`);
  });

  it("settles 400 edits at once with the work of a few, in a file of 1,000 lines", async () => {
    await start();
    const text = `FROM node\n${"RUN apt-get update && echo 1\n".repeat(999)}`;
    await server.open(uri, text);
    await server.diagnostics(uri);
    const at = { line: 500, character: 28 };
    const edit = (version: number) => changeOf(version, [{ range: { start: at, end: at }, text: "1" }]);
    const edits = Array.from({ length: 400 }, (_, index) => edit(index + 2));
    const sent: (number | undefined)[] = [];
    server.onDiagnostics = (version) => sent.push(version);
    const { pid = 0, stdin } = server.process;
    const before = cpuMsOf(pid);
    // All at once: how they arrive does not depend on what else the machine does.
    stdin?.write(edits.join(""));
    await server.diagnostics(uri, 401);
    const after = cpuMsOf(pid);
    assert.ok(sent.length <= 8, `diagnostics of ${sent.length} versions`);
    for (let version = 402; version < 407; version += 1) {
      stdin?.write(edit(version));
      await server.diagnostics(uri, version);
    }
    const afterFive = cpuMsOf(pid);
    if (before === undefined || after === undefined || afterFive === undefined) return;
    assert.ok(after - before < 2 * (afterFive - after), `${after - before} ms of work; five took ${afterFive - after}`);
  });

  it("does not send again what a client that fetches has", async () => {
    await start({ capabilities: { textDocument: { diagnostic: {} } } });
    await server.open(uri, "// base\nFROM node:24\n");
    const ask = (previousResultId?: string) =>
      server.ask<DocumentDiagnosticReport>(
        "diagnostic",
        uri,
        previousResultId === undefined ? {} : { previousResultId },
      );
    const first = await ask();
    const { resultId } = first;
    assert.deepEqual([first.kind, await ask(resultId)], ["full", { kind: "unchanged", resultId }]);
    await server.change(uri, "// base\nFROM node:24\n\n", 2);
    assert.equal((await ask(resultId)).kind, "unchanged");
    await server.change(uri, "\n// base\nFROM node:24\n", 3);
    assert.equal((await ask(resultId)).kind, "full");
    assert.equal((await ask("0")).kind, "full");
  });

  it("lets a client fetch diagnostics, speaks its language and follows its settings", async () => {
    const summary = "`//` starts no comment in a Dockerfile: use #";
    const result = await start({
      capabilities: { textDocument: { diagnostic: {} } },
      initializationOptions: {
        translations: { [summary]: "`//`는 주석이 아닙니다" },
        settings: { lint: { rules: { "syntax/inline-comment": "hint" } } },
      },
    });
    assert.ok(result.capabilities.diagnosticProvider);
    await server.open(uri, "// base\nFROM node:24\n");
    const { items } = await server.ask<{ items: Diagnostic[] }>("diagnostic", uri);
    assert.deepEqual(
      items.map((item) => [messageOf(item).split("\n")[0], item.severity]),
      [["`//`는 주석이 아닙니다", 4]],
    );
    await server.connection.sendNotification("workspace/didChangeConfiguration", {
      settings: { drydock: { lint: { enabled: false } } },
    });
    assert.deepEqual((await server.ask<{ items: Diagnostic[] }>("diagnostic", uri)).items, []);
  });

  it("checks again when a manifest appears beside the Dockerfile", async () => {
    await start();
    const file = path.join(folder, "Dockerfile");
    const fileUri = pathToFileURL(file).href;
    const text = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\n";
    await server.open(fileUri, text);
    const [before] = await server.diagnostics(fileUri);
    const fixOf = async () => {
      const question = { range: before?.range, context: { diagnostics: [] } };
      return JSON.stringify((await server.ask<CodeAction[]>("codeAction", fileUri, question))[0]?.edit);
    };
    assert.match(await fixOf(), /package\*\.json/);
    const manifest = path.join(folder, "package.json");
    writeFileSync(manifest, "{}");
    const changes = [{ uri: pathToFileURL(manifest).href, type: 1 }];
    await server.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    assert.match(await fixOf(), /COPY package\.json /);
  });

  it("follows drydock.yaml, links rules to their pages and writes them", async () => {
    const project = path.join(folder, "configured");
    mkdirSync(path.join(project, ".git"), { recursive: true });
    writeFileSync(path.join(project, "drydock.yaml"), "lint: {rules: {DL3025: off, syntax/inline-comment: hint}}\n");
    await start({ initializationOptions: { rulePages: "pages:/" } });
    const fileUri = pathToFileURL(path.join(project, "Dockerfile")).href;
    await server.open(fileUri, "FROM node:24 # one\nCMD node a.js\n");
    const shown = await server.diagnostics(fileUri);
    assert.deepEqual(
      shown.map(({ code, severity, codeDescription }) => [code, severity, codeDescription?.href]),
      [["syntax/inline-comment", 4, "pages:/syntax/inline-comment.md"]],
    );
    const page = await server.connection.sendRequest("drydock/rulePage", { code: "DL3025" });
    assert.match(String(page), /^# run\/shell-form-cmd\n/);
    assert.equal(await server.connection.sendRequest("drydock/rulePage", { code: "no/such" }), null);
  });

  it("sees a configuration file that comes while somebody types, and no client tells of it", async () => {
    const project = path.join(folder, "typed");
    mkdirSync(project);
    await start();
    const fileUri = pathToFileURL(path.join(project, "Dockerfile")).href;
    await server.open(fileUri, "FROM node:24\nCMD node a.js\n");
    const hasFinding = (shown: readonly Diagnostic[]) => shown.some(({ code }) => code === "run/shell-form-cmd");
    assert.ok(hasFinding(await server.diagnostics(fileUri)));
    writeFileSync(path.join(project, "drydock.yaml"), "lint: {rules: {DL3025: off}}\n");
    // Files are looked at behind the answers, twice a second.
    for (let version = 2; ; version += 1) {
      await server.change(fileUri, `FROM node:24\nCMD node a${version}.js\n`, version);
      if (!hasFinding(await server.diagnostics(fileUri, version))) break;
    }
  });

  it("looks for configuration up to the workspace's folder", async () => {
    const outside = path.join(folder, "outside");
    const workspace = path.join(outside, "workspace");
    mkdirSync(path.join(workspace, "app"), { recursive: true });
    writeFileSync(path.join(outside, "drydock.yaml"), "lint: {rules: {DL3025: off}}\n");
    await start({ workspaceFolders: [{ uri: pathToFileURL(workspace).href, name: "workspace" }] });
    const fileUri = pathToFileURL(path.join(workspace, "app", "Dockerfile")).href;
    await server.open(fileUri, "FROM node:24\nCMD node a.js\n");
    const shown = await server.diagnostics(fileUri);
    assert.ok(shown.some(({ code }) => code === "run/shell-form-cmd"));
  });

  it("knows the files beside the Dockerfile", async () => {
    await start();
    const file = path.resolve("examples/first-dockerfile/Dockerfile");
    const fileUri = pathToFileURL(file).href;
    await server.open(fileUri, readFileSync(file, "utf8"));
    const shown = await server.diagnostics(fileUri);
    const copy = shown.find(({ code }) => code === "cache/copy-before-install");
    const actions = await server.ask<CodeAction[]>("codeAction", fileUri, {
      range: copy?.range,
      context: { diagnostics: [copy] },
    });
    assert.match(JSON.stringify(actions[0]?.edit), /COPY package\.json package-lock\.json/);
  });
});
