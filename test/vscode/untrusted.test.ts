// A workspace that is not trusted, in a real VS Code.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { editorSuite } from "../support/editor-suite.ts";
import { startRegistry } from "../support/registry.ts";

describe("in a workspace that is not trusted, the editor", function () {
  this.timeout(180_000);
  const suite = editorSuite({
    name: "untrusted",
    files: { Dockerfile: "FROM node\nCMD ['node']\n" },
    window: { untrusted: true },
    startRegistry,
  });

  it("says in the views why they are empty, and starts nothing", async () => {
    const { page, home } = suite.editor;
    await page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    const messages = page.locator(".tree-explorer-viewlet-tree-view .message, .customview-tree .message");
    await messages.filter({ hasText: "do not trust" }).nth(1).waitFor();
    await suite.screenshot("views");
    assert.equal(await page.locator(".notification-list-item").count(), 0);
    assert.ok(!existsSync(path.join(home, "run/drydock")));
  });

  it("checks a Dockerfile all the same, and says why it does not build", async () => {
    const { editor, user } = suite;
    await editor.openFile("Dockerfile");
    await editor.page.locator(".squiggly-warning, .squiggly-error").first().waitFor();
    await editor.command("Drydock: Build Image…");
    await user.notification(/do not trust/).waitFor();
    await suite.screenshot("build");
    await user.respond(/do not trust/, "Manage Workspace Trust");
    await editor.page.locator(".workspace-trust-editor").waitFor();
  });
});
