import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as vscode from "vscode";

const extension = vscode.extensions.getExtension("drydock.drydock");

async function openDockerfile(): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, "a folder is open");
  const { document } = await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, "Dockerfile"));
  return document;
}

/** What is left after all garbage has gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

describe("the extension", () => {
  it("activates when a Dockerfile opens", async () => {
    assert.ok(extension, "the extension is installed");
    const document = await openDockerfile();
    assert.equal(document.languageId, "dockerfile");
    const start = performance.now();
    await extension.activate();
    await report("activate", performance.now() - start);
    assert.ok(extension.isActive);
    await report("heap", heapBytes());
    await report("resident", process.memoryUsage().rss);
  });

  it("registers every command that its manifest contributes", async () => {
    const contributed: { command: string }[] = extension?.packageJSON.contributes?.commands ?? [];
    assert.ok(contributed.length > 0, "the manifest contributes commands");
    const registered = new Set(await vscode.commands.getCommands());
    assert.deepEqual(
      contributed.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });
});
