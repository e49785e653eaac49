import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Editor, openEditor } from "../support/vscode.ts";
import { account, give } from "../support/vscode-process.ts";

describe("the editor", function () {
  this.timeout(120_000);
  let folder: string;
  let editor: Editor;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-smoke-"));
    cpSync("examples/node-app", folder, { recursive: true, filter: (file) => !file.includes("node_modules") });
  });
  afterEach(async () => {
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows the extension beside the example's Dockerfile", async () => {
    editor = await openEditor({ folder });
    await editor.openFile("Dockerfile");
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().waitFor();
    assert.ok(statSync(await editor.screenshot("smoke")).size > 10_000);
  });

  it("speaks Korean when VS Code does", async () => {
    writeFileSync(path.join(folder, "Dockerfile"), "FROM node # 노드\nCMD ['node']\n");
    editor = await openEditor({ folder, locale: "ko" });
    await editor.openFile("Dockerfile");
    await editor.page.keyboard.press("F1");
    await editor.page.locator(".quick-input-widget input.input").fill(">Drydock");
    await editor.page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ hasText: /Drydock.*[가-힣]/ })
      .first()
      .waitFor();
    await editor.page.keyboard.press("Escape");
    await editor.page.keyboard.press("Control+Shift+M");
    const problems = editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
    await problems
      .filter({ hasText: /[가-힣]/ })
      .nth(1)
      .waitFor();
    await editor.screenshot("smoke-ko");
  });

  // Only root can become somebody else; run by an ordinary user, the tests above are this one.
  if (process.getuid?.() === 0) {
    it("runs for an ordinary user", async () => {
      give(folder, account("dev"));
      editor = await openEditor({ folder, asUser: "dev" });
      await editor.openFile("Dockerfile");
      assert.equal(statSync(editor.home).uid, account("dev")?.uid);
    });
  }
});
