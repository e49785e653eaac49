import assert from "node:assert/strict";
import { cpSync, statSync } from "node:fs";
import { editorSuite } from "../support/editor-suite.ts";
import type { Files } from "../support/files.ts";
import { succeeds, untilShown } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";
import type { Editor, EditorOptions } from "../support/vscode.ts";
import { account } from "../support/vscode-process.ts";

describe("the editor", function () {
  this.timeout(180_000);
  const suite = editorSuite({
    name: "smoke",
    perTest: true,
    // Nothing is pulled.
    startRegistry,
    prepare({ folder }) {
      // What a test has written stays.
      const filter = (file: string) => !file.includes("node_modules");
      cpSync("examples/node-app", folder, { recursive: true, force: false, filter });
      return undefined;
    },
  });
  let editor: Editor;

  async function open(window: Partial<EditorOptions> = {}, files: Files = {}): Promise<void> {
    await suite.open({ window, files });
    ({ editor } = suite);
    await editor.openFile("Dockerfile");
  }

  it("shows the extension beside the example's Dockerfile", async () => {
    await open();
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().waitFor();
    assert.ok(statSync(await suite.screenshot("shown")).size > 10_000);
  });

  it("speaks Korean when VS Code does", async () => {
    await open({ locale: "ko" }, { Dockerfile: "FROM node # 노드\nCMD ['node']\n" });
    const commands = editor.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: /Drydock.*[가-힣]/ });
    // An open palette does not learn of commands that come later.
    await untilShown(commands.first(), async () => {
      await editor.page.keyboard.press("Escape");
      await editor.page.keyboard.press("F1");
      // Closed by what takes the focus, it is opened again.
      await succeeds(editor.page.locator(".quick-input-widget input.input").fill(">Drydock", { timeout: 2000 }));
    });
    await editor.page.keyboard.press("Escape");
    await editor.command("Problems: Focus on Problems View");
    const problems = editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
    await problems
      .filter({ hasText: /[가-힣]/ })
      .nth(1)
      .waitFor();
    await suite.screenshot("ko");
  });

  // Only root can become somebody else; run by an ordinary user, the tests above are this one.
  if (process.getuid?.() === 0) {
    it("runs for an ordinary user", async () => {
      await open({ asUser: "dev" });
      assert.equal(statSync(editor.home).uid, account("dev")?.uid);
    });
  }
});
