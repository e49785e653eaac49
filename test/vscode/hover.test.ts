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

  const hoverOn = async (word: string) => {
    await editor.page.mouse.move(0, 0);
    await editor.page.locator(".view-line span span").filter({ hasText: word }).first().hover();
    return editor.page.locator(".monaco-hover-content").first();
  };
  // The pointer stays where it is: without it there is no hover.
  const picture = (name: string) => editor.page.screenshot({ path: `out/screenshots/${name}.png` });

  it("say what a COPY brings and what stands behind a variable; stages can be built where they begin", async () => {
    editor = await openEditor({ folder });
    await editor.openFile("Dockerfile");
    await editor.page.getByText("Build to here").waitFor();
    assert.equal(await editor.page.getByText("Build target base").count(), 1);
    assert.equal(await editor.page.getByText("Build image").count(), 1);
    await editor.page.getByText("= node:24").waitFor();
    await (await hoverOn("EXPOSE")).filter({ hasText: "documents and opens nothing" }).waitFor();
    await picture("hover-expose");
    await (await hoverOn("src")).filter({ hasText: "2 files, 2 kB" }).waitFor();
    await picture("hover-copy");
  });

  it("speak Korean", async () => {
    editor = await openEditor({ folder, locale: "ko" });
    await editor.openFile("Dockerfile");
    await editor.page.getByText("여기까지 빌드").waitFor();
    await (await hoverOn("EXPOSE")).filter({ hasText: /포트를 열지는 않습니다/ }).waitFor();
    await picture("hover-ko");
  });
});
