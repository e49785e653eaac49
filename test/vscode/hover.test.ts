// Hovers, hints and lenses of a Dockerfile in a real VS Code, in English and Korean.
import assert from "node:assert/strict";
import { editorSuite } from "../support/editor-suite.ts";
import { eventually, untilShown } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";

describe("hovers, hints and lenses in the editor", function () {
  this.timeout(180_000);
  const suite = editorSuite({
    name: "hover",
    files: {
      Dockerfile: 'ARG V=24\nFROM node:$V AS base\nCOPY src /app/\nEXPOSE 8080\nFROM base\nCMD ["node", "/app/a.js"]\n',
      "src/a.js": "x".repeat(2000),
      "src/b.js": "",
    },
    perTest: true,
    startRegistry,
  });

  /** A line that is drawn anew, with its hints, takes the hover away. */
  async function hoverOn(word: string, says: string | RegExp): Promise<void> {
    const { page } = suite.editor;
    await untilShown(page.locator(".monaco-hover-content").filter({ hasText: says }).first(), async () => {
      await page.mouse.move(0, 0);
      await page.locator(".view-line span span").filter({ hasText: word }).first().hover();
    });
  }
  // The pointer stays where it is: without it there is no hover.
  const picture = (name: string) => suite.editor.page.screenshot({ path: `out/screenshots/${name}.png` });

  it("say what a COPY brings and what stands behind a variable; stages can be built where they begin", async () => {
    await suite.open();
    const { editor } = suite;
    await editor.openFile("Dockerfile");
    await editor.page.getByText("Build to here").waitFor();
    await eventually(async () => {
      assert.equal(await editor.page.getByText("Build target base").count(), 1);
      assert.equal(await editor.page.getByText("Build image").count(), 1);
    });
    await editor.page.getByText("= node:24").waitFor();
    await hoverOn("EXPOSE", "documents and opens nothing");
    await picture("hover-expose");
    await hoverOn("src", "2 files, 2 kB");
    await picture("hover-copy");
  });

  it("speak Korean", async () => {
    await suite.open({ window: { locale: "ko" } });
    await suite.editor.openFile("Dockerfile");
    await suite.editor.page.getByText("여기까지 빌드").waitFor();
    await hoverOn("EXPOSE", /포트를 열지는 않습니다/);
    await picture("hover-ko");
  });
});
