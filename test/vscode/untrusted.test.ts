import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { person } from "../support/person.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

describe("in a workspace that is not trusted, the editor", function () {
  this.timeout(60_000);
  let folder: string;
  let editor: Editor;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-untrusted-"));
    writeFileSync(path.join(folder, "Dockerfile"), "FROM node\nCMD ['node']\n");
    editor = await openEditor({ folder, untrusted: true });
  });
  after(async () => {
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says in the views why they are empty, and starts nothing", async () => {
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    const messages = editor.page.locator(".tree-explorer-viewlet-tree-view .message, .customview-tree .message");
    await messages.filter({ hasText: "do not trust" }).nth(1).waitFor();
    await editor.screenshot("untrusted-views");
    assert.equal(await editor.page.locator(".notification-list-item").count(), 0);
    assert.ok(!existsSync(path.join(editor.home, "run/drydock")));
  });

  it("checks a Dockerfile all the same, and says why it does not build", async () => {
    await editor.openFile("Dockerfile");
    await editor.page.locator(".squiggly-warning, .squiggly-error").first().waitFor();
    await editor.command("Drydock: Build Image…");
    await person(editor)
      .notification(/do not trust/)
      .waitFor();
    await editor.screenshot("untrusted-build");
  });
});
