import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Locator } from "playwright-core";
import { writeFiles } from "../support/files.ts";
import { untilShown } from "../support/person.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

describe("completion in the editor", function () {
  this.timeout(120_000);
  let folder: string;
  let editor: Editor;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-completion-"));
  });
  afterEach(async () => {
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rows = () => editor.page.locator(".suggest-widget .monaco-list-row");
  const row = (label: string | RegExp) => rows().filter({ hasText: label }).first();
  const text = async () =>
    (await editor.page.locator(".view-line").allInnerTexts()).map((line) => line.replaceAll("\u00a0", " ")).join("\n");

  /** Asks for proposals until this one is shown: a list that loses the focus is closed, and one that is open is not asked for again. */
  const ask = (proposal: Locator) =>
    untilShown(proposal, async () => {
      await editor.page.keyboard.press("Escape");
      await editor.page.keyboard.press("Control+Space");
    });

  it("writes a whole file for the project, and completes what is typed into it", async () => {
    writeFiles(folder, {
      Dockerfile: "",
      "package.json": '{"scripts":{"start":"node src/main.js"}}',
      "package-lock.json": "{}",
      "src/main.js": "",
      "secret/key": "",
      ".dockerignore": "secret\n",
    });
    editor = await openEditor({ folder });
    await editor.openFile("Dockerfile");
    // The server has started when it says that the file is empty.
    await editor.page.locator(".squiggly-error").first().waitFor();
    const { keyboard } = editor.page;
    await ask(row("Node.js (npm)"));
    await editor.screenshot("completion-templates");
    await row("Node.js (npm)").click();
    await editor.page.locator(".view-line").filter({ hasText: 'CMD ["node", "src/main.js"]' }).waitFor();

    // The file that it writes has no problem; more is typed at its end.
    await keyboard.press("Control+End");
    await keyboard.type("COPY s");
    await row("src/").waitFor();
    assert.equal(await rows().filter({ hasText: "secret" }).count(), 0);
    await editor.screenshot("completion-paths");
    // A folder is taken, and its files are offered at once.
    await row("src/").click();
    await row("main.js").waitFor();
    await row("main.js").click();
    await editor.page.locator(".view-line").filter({ hasText: "COPY src/main.js" }).waitFor();

    await keyboard.press("End");
    await keyboard.press("Enter");
    await keyboard.type("RUN --mou");
    await row("--mount=").click();
    await row("type=cache").waitFor();
    await editor.screenshot("completion-mount");
    await keyboard.press("Escape");
    assert.match(await text(), /RUN --mount=/);
  });

  it("speaks Korean", async () => {
    writeFiles(folder, { Dockerfile: "FROM node # 노드\n" });
    editor = await openEditor({ folder, locale: "ko" });
    await editor.openFile("Dockerfile");
    // The server has started when it shows the mistake.
    await editor.page.locator(".squiggly-error").first().waitFor();
    await editor.page.keyboard.press("Control+End");
    await ask(row("WORKDIR"));
    await editor.page.keyboard.press("ArrowDown");
    await rows()
      .locator(".details-label")
      .filter({ hasText: /[가-힣]/ })
      .first()
      .waitFor({ state: "attached" });
    await editor.screenshot("completion-ko");
  });
});
