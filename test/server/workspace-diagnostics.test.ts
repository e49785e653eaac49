import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  CancellationTokenSource,
  type Diagnostic,
  type WorkspaceDocumentDiagnosticReport,
} from "vscode-languageserver";
import { WorkspaceDiagnostics } from "../../server/workspace-diagnostics.ts";
import { scratchFolder } from "../support/scratch.ts";

describe("diagnostics of Dockerfiles that are not open", () => {
  const folder = scratchFolder();
  let open: Set<string>;
  let diagnostics: WorkspaceDiagnostics;
  beforeEach(() => {
    open = new Set();
    previous = [];
    diagnostics = new WorkspaceDiagnostics({
      folders: () => [folder()],
      isOpen: (uri) => open.has(uri),
      check: (_, text) => [{ message: text.trim(), range } satisfies Diagnostic],
    });
  });
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const uriOf = (name: string) => pathToFileURL(path.join(folder(), name)).href;
  const put = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder(), name)), { recursive: true });
    writeFileSync(path.join(folder(), name), text);
  };
  let previous: { uri: string; value: string }[] = [];
  const ask = async (token = new CancellationTokenSource().token) => {
    const reports = await diagnostics.report({ previous, token });
    remember(reports);
    return reports.map((one) => [
      path.relative(folder(), new URL(one.uri).pathname),
      one.kind === "full" ? one.items.map(({ message }) => message).join() : "unchanged",
    ]);
  };
  const remember = (reports: readonly WorkspaceDocumentDiagnosticReport[]) => {
    for (const { uri, resultId } of reports) {
      previous = previous.filter((one) => one.uri !== uri);
      if (resultId !== undefined) previous.push({ uri, value: resultId });
    }
  };

  it("are told for each file, and again only when it changes", async () => {
    put("Dockerfile", "FROM a");
    put("sub/api.dockerfile", "FROM b");
    put("node_modules/x/Dockerfile", "FROM c");
    assert.deepEqual(await ask(), [
      ["Dockerfile", "FROM a"],
      ["sub/api.dockerfile", "FROM b"],
    ]);
    put("Dockerfile", "FROM changed");
    diagnostics.changed();
    assert.deepEqual(await ask(), [
      ["Dockerfile", "FROM changed"],
      ["sub/api.dockerfile", "unchanged"],
    ]);
    assert.equal(diagnostics.checks, 3);
  });

  it("wait when there is nothing new, and go on with the next change", async () => {
    put("Dockerfile", "FROM a");
    await ask();
    let isAnswered = false;
    const next = ask().finally(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isAnswered, false);
    put("Dockerfile", "FROM b2");
    diagnostics.changed();
    assert.deepEqual(await next, [["Dockerfile", "FROM b2"]]);
  });

  it("end with the question", async () => {
    put("Dockerfile", "FROM a");
    await ask();
    const stop = new CancellationTokenSource();
    const waiting = ask(stop.token);
    stop.cancel();
    assert.deepEqual(await waiting, []);
  });

  it("go with the file, and leave what is open alone", async () => {
    put("Dockerfile", "FROM a");
    put("b.dockerfile", "FROM b");
    await ask();
    rmSync(path.join(folder(), "b.dockerfile"));
    open.add(uriOf("Dockerfile"));
    diagnostics.changed();
    assert.deepEqual(await ask(), [["b.dockerfile", ""]]);
  });

  it("come piece by piece to who can take that", async () => {
    for (const name of ["a", "b", "c"]) put(`${name}.dockerfile`, `FROM ${name}`);
    const pieces: number[] = [];
    const { token } = new CancellationTokenSource();
    const rest = await diagnostics.report({ previous: [], token, partial: (items) => pieces.push(items.length) });
    assert.deepEqual([pieces, rest], [[1, 1, 1], []]);
  });

  it("are worked out anew when settings change", async () => {
    put("Dockerfile", "FROM a");
    await ask();
    diagnostics.invalidate();
    assert.deepEqual(await ask(), [["Dockerfile", "FROM a"]]);
    assert.equal(diagnostics.checks, 2);
  });
});
