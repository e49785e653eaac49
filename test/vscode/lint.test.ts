// The linter as a person meets it in a real VS Code: squiggles at words, quick fixes, fixes on save, ignoring, pages of rules.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { editorSuite } from "../support/editor-suite.ts";
import { eventually, untilShown } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";
import { save } from "../support/text-editor.ts";
import type { Editor, EditorOptions } from "../support/vscode.ts";

const text = `FROM debian:12-slim
RUN set -e && \\
    cat /etc/os-release | grep ID && \\
    sudo make
RUN <<EOF
apt-get update
apt-get install curl
EOF
EXPOSE 80 # the page
`;

describe("the linter in the editor", function () {
  this.timeout(180_000);
  // Nothing is pulled.
  const suite = editorSuite({ name: "lint", perTest: true, files: { Dockerfile: text }, startRegistry });
  let editor: Editor;
  const saved = () => readFileSync(path.join(suite.folder, "Dockerfile"), "utf8");

  async function open(window: Partial<EditorOptions> = {}): Promise<void> {
    await suite.open({ window });
    ({ editor } = suite);
    await editor.openFile("Dockerfile");
    await editor.page.locator(".squiggly-warning, .squiggly-error").first().waitFor();
  }

  const rows = () => editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
  /** `line:column rule` of each problem that is shown now. */
  async function problems(): Promise<readonly string[]> {
    const shown = await rows().allTextContents();
    return shown.map((row) => {
      const [, line, column] = /\[Ln (\d+), Col (\d+)\]/.exec(row) ?? [];
      const [, rule] = /drydock\W*([a-z]+\/[\w-]+)/.exec(row) ?? [];
      return `${line}:${column} ${rule}`;
    });
  }
  const showProblems = () => editor.command("Problems: Focus on Problems View");
  /** Puts the cursor somewhere and takes an entry of the light bulb's list, which tells what is known when it opens. */
  async function take(line: number, column: number, entry: RegExp | string, picture?: string): Promise<void> {
    await editor.openFile("Dockerfile");
    const input = editor.page.locator(".quick-input-widget input.input");
    await untilShown(input, () => editor.page.keyboard.press("Control+g"));
    await input.fill(`:${line}:${column}`);
    await input.press("Enter");
    await editor.page.locator(".statusbar-item", { hasText: `Ln ${line}, Col ${column}` }).waitFor();
    await editor.page.locator(".editor-instance .monaco-editor.focused").waitFor();
    const list = editor.page.locator(".action-widget:not(.action-list-submenu-panel)");
    const row = list.locator(".monaco-list-row").filter({ hasText: entry }).first();
    await untilShown(row, async () => {
      await editor.page.keyboard.press("Escape");
      await editor.page.keyboard.press("Control+.");
    });
    if (picture) await suite.screenshot(picture);
    await row.click();
  }

  it("underlines words inside a RUN and inside a heredoc, and fixes one of them", async () => {
    await open();
    await showProblems();
    await eventually(async () => {
      const found = await problems();
      assert.ok(found.includes("4:5 run/sudo"), found.join());
      assert.ok(
        found.some((one) => one.startsWith("7:1 packages/apt-yes")),
        found.join(),
      );
    });
    await suite.screenshot("squiggles");
    await take(7, 3, "Add -y", "quick-fix");
    await save(editor);
    assert.ok(saved().includes("\napt-get install -y curl\n"), saved());
    assert.equal(saved().split("\n").length, text.split("\n").length);
  });

  it("fixes what is safe on save, and nothing else", async () => {
    await open({ settings: { "editor.codeActionsOnSave": { "source.fixAll.drydock": "explicit" } } });
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.type("# the end");
    await save(editor);
    assert.ok(saved().includes("\n# the page\nEXPOSE 80\n"), saved());
    assert.ok(saved().includes("apt-get install -y curl"), saved());
    assert.ok(saved().endsWith("# the end"), saved());
    await suite.screenshot("fix-on-save");
  });

  it("ignores a finding in the dialect that the person has chosen", async () => {
    await open({ settings: { "drydock.lint.ignoreStyle": "hadolint" } });
    await take(4, 6, /Ignore DL3004 here/);
    await save(editor);
    assert.ok(saved().includes("\n# hadolint ignore=DL3004\nRUN set -e"), saved());
    await showProblems();
    await eventually(async () => {
      const left = await problems();
      assert.ok(left.length >= 3 && !left.some((one) => one.includes("run/sudo")), left.join());
    });
  });

  it("speaks Korean, and opens the page of a rule in it", async () => {
    await open({ locale: "ko" });
    await showProblems();
    await rows().nth(3).waitFor();
    const korean = rows().filter({ hasText: "run/sudo" });
    await korean.filter({ hasText: /[가-힣]/ }).waitFor();
    await suite.screenshot("korean");
    // While a page is written, there are two of them.
    const page = editor.page.frameLocator("iframe.webview").last().frameLocator("iframe#active-frame");
    // A row that is drawn anew takes the click for nothing.
    await untilShown(page.locator("h1", { hasText: "run/sudo" }), () => korean.locator("a.monaco-link").click());
    await page.locator("body", { hasText: /[가-힣]/ }).waitFor();
    await suite.screenshot("rule-page");
  });
});
