import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { writeFiles } from "../support/files.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

describe("hovers, hints and lenses in the editor", function () {
  this.timeout(120_000);
  let folder: string;
  let editor: Editor;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-hover-"));
    writeFiles(folder, {
      Dockerfile: 'ARG V=24\nFROM node:$V AS base\nCOPY src /app/\nEXPOSE 8080\nFROM base\nCMD ["node", "/app/a.js"]\n',
      "src/a.js": "x".repeat(2000),
      "src/b.js": "",
    });
  });
  afterEach(async () => {
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asked for twice it has the focus, and stays when the pointer goes away. */
  const hoverOn = async (word: string) => {
    const { page } = editor;
    await page.locator(".view-line span span").filter({ hasText: word }).first().click();
    const content = page.locator(".monaco-hover-content").first();
    await page.keyboard.press("Control+K");
    await page.keyboard.press("Control+I");
    await content.waitFor();
    await page.keyboard.press("Control+K");
    await page.keyboard.press("Control+I");
    return content;
  };

  it("say what a COPY brings and what stands behind a variable; stages can be built where they begin", async () => {
    editor = await openEditor({ folder });
    await editor.openFile("Dockerfile");
    await editor.page.getByText("Build to here").waitFor();
    assert.equal(await editor.page.getByText("Build target base").count(), 1);
    assert.equal(await editor.page.getByText("Build image").count(), 1);
    await editor.page.getByText("= node:24").waitFor();
    await (await hoverOn("EXPOSE")).filter({ hasText: "documents and opens nothing" }).waitFor();
    await editor.screenshot("hover-expose");
    await (await hoverOn("src")).filter({ hasText: "2 files, 2 kB" }).waitFor();
    await editor.screenshot("hover-copy");
  });

  it("speak Korean", async () => {
    editor = await openEditor({ folder, locale: "ko" });
    await editor.openFile("Dockerfile");
    await editor.page.getByText("여기까지 빌드").waitFor();
    await (await hoverOn("EXPOSE")).filter({ hasText: /포트를 열지는 않습니다/ }).waitFor();
    await editor.screenshot("hover-ko");
  });
});
