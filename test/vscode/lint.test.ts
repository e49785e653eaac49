// The linter as a person meets it in a real VS Code: squiggles at words, quick fixes, fixes on save, ignoring, pages of rules.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { untilShown } from "../support/person.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

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
  this.timeout(120_000);
  let folder: string;
  let editor: Editor;
  const file = () => path.join(folder, "Dockerfile");
  const saved = () => readFileSync(file(), "utf8");

  async function open(
    options: { readonly settings?: Readonly<Record<string, unknown>>; readonly locale?: string } = {},
  ) {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-lint-"));
    writeFileSync(file(), text);
    const settings = { "files.autoSave": "off", ...options.settings };
    editor = await openEditor({ folder, ...options, settings });
    await editor.openFile("Dockerfile");
    await editor.page.locator(".squiggly-warning, .squiggly-error").first().waitFor();
  }
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await editor.screenshot("lint-failure");
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rows = () => editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
  /** `line:column rule` of each problem, once there are `count` of them. */
  async function problems(count: number): Promise<readonly string[]> {
    await editor.command("Problems: Focus on Problems View");
    await rows()
      .nth(count - 1)
      .waitFor();
    const shown = await rows().allTextContents();
    return shown.map((row) => {
      const [, line, column] = /\[Ln (\d+), Col (\d+)\]/.exec(row) ?? [];
      const [, rule] = /drydock\W*([a-z]+\/[\w-]+)/.exec(row) ?? [];
      return `${line}:${column} ${rule}`;
    });
  }
  const focusEditor = () =>
    editor.page.locator(".monaco-editor textarea, .monaco-editor .native-edit-context").first().focus();
  /** Puts the cursor somewhere and opens the light bulb's list. */
  async function offers(line: number, column: number) {
    await editor.page.keyboard.press("Control+g");
    const input = editor.page.locator(".quick-input-widget input.input");
    await input.fill(`:${line}:${column}`);
    await editor.page.keyboard.press("Enter");
    const list = editor.page.locator(".action-widget:not(.action-list-submenu-panel)");
    await focusEditor();
    await untilShown(list, () => editor.page.keyboard.press("Control+."));
    return list.locator(".monaco-list-row");
  }
  async function save(): Promise<void> {
    await editor.page.locator(".tab.active.dirty").waitFor();
    await editor.page.keyboard.press("Control+s");
    await editor.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  it("underlines words inside a RUN and inside a heredoc, and fixes one of them", async () => {
    await open();
    const found = await problems(4);
    assert.ok(found.includes("4:5 run/sudo"), found.join());
    assert.ok(
      found.some((one) => one.startsWith("7:1 packages/apt-yes")),
      found.join(),
    );
    await editor.screenshot("lint-squiggles");
    await editor.page.keyboard.press("Control+j");
    const list = await offers(7, 3);
    await editor.screenshot("lint-quick-fix");
    await list.filter({ hasText: "Add -y" }).first().click();
    await save();
    assert.ok(saved().includes("\napt-get install -y curl\n"), saved());
    assert.equal(saved().split("\n").length, text.split("\n").length);
  });

  it("fixes what is safe on save, and nothing else", async () => {
    await open({ settings: { "editor.codeActionsOnSave": { "source.fixAll.drydock": "explicit" } } });
    await focusEditor();
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.type("# the end");
    await save();
    assert.ok(saved().includes("\n# the page\nEXPOSE 80\n"), saved());
    assert.ok(saved().includes("apt-get install -y curl"), saved());
    assert.ok(saved().endsWith("# the end"), saved());
    await editor.screenshot("lint-fix-on-save");
  });

  it("ignores a finding in the dialect that the person has chosen", async () => {
    await open({ settings: { "drydock.lint.ignoreStyle": "hadolint" } });
    const list = await offers(4, 6);
    await list
      .filter({ hasText: /Ignore DL3004 here/ })
      .first()
      .click();
    await save();
    assert.ok(saved().includes("\n# hadolint ignore=DL3004\nRUN set -e"), saved());
    const left = await problems(3);
    assert.ok(!left.some((one) => one.includes("run/sudo")), left.join());
  });

  it("speaks Korean, and opens the page of a rule in it", async () => {
    await open({ locale: "ko" });
    await problems(4);
    const korean = rows().filter({ hasText: "run/sudo" });
    assert.match((await korean.textContent()) ?? "", /[가-힣]/);
    await editor.screenshot("lint-korean");
    await korean.locator("a.monaco-link").click();
    const page = editor.page.frameLocator("iframe.webview").last().frameLocator("iframe");
    await page.locator("h1", { hasText: "run/sudo" }).waitFor();
    assert.match((await page.locator("body").textContent()) ?? "", /[가-힣]/);
    await editor.screenshot("lint-rule-page");
  });
});
