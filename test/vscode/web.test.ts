// What VS Code for the Web loads: the extension in the browser's own extension host, the language server in a worker of the
// browser, nothing of Node. It is served as a web page's built-in extension: the server of the editor does not have it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { installExtension } from "../../.ci/extension.mjs";
import { writeFiles } from "../support/files.ts";
import { eventually, untilShown } from "../support/person.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

describe("the extension in a browser's own extension host", function () {
  this.timeout(180_000);
  let folder: string;
  let server: Server;
  let editor: Editor;
  let page: Page;
  const asked: string[] = [];
  const said: string[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-web-"));
    const extension = installExtension(process.cwd(), path.join(folder, "extensions"));
    server = createServer(({ url = "" }, response) => {
      const file = path.join(extension, path.normalize(decodeURIComponent(new URL(url, "http://web").pathname)));
      asked.push(path.relative(extension, file));
      try {
        const content = readFileSync(file);
        response.writeHead(200, { "content-type": types[path.extname(file)] ?? "text/plain" }).end(content);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    writeFiles(folder, {
      "nothing/package.json": JSON.stringify({
        name: "nothing",
        publisher: "drydock-test",
        version: "1.0.0",
        engines: { vscode: "*" },
      }),
      "project/Dockerfile": "FROM node:24 AS base # the base\nRUN for x in a b; do sudo make $x; done\nFROM base\n",
    });
    mkdirSync(path.join(folder, "nothing/dist"));
    editor = await openEditor({
      folder: path.join(folder, "project"),
      extension: path.join(folder, "nothing"),
      settings: {
        "remote.extensionKind": { "drydock.drydock": ["web"] },
        "files.autoSave": "off",
        // To switch them off VS Code starts its extension hosts once more, without what the page alone has told of.
        "chat.disableAIFeatures": false,
      },
    });
    page = (await editor.page.context().browser()?.newPage()) ?? editor.page;
    page.setDefaultTimeout(60_000);
    page.on("console", (message) => {
      if (message.type() === "error") said.push(message.text());
    });
    // The editor's own way to a port of this machine: a worker must be of the page's origin.
    const { host } = new URL(editor.url);
    const location = { scheme: "http", authority: host, path: `/proxy/${(server.address() as AddressInfo).port}` };
    await page.addInitScript((builtin) => {
      const { getAttribute } = Element.prototype;
      Element.prototype.getAttribute = function (name) {
        const value = getAttribute.call(this, name);
        if (this.id !== "vscode-workbench-web-configuration" || name !== "data-settings" || !value) return value;
        return JSON.stringify({ ...JSON.parse(value), additionalBuiltinExtensions: [builtin] });
      };
    }, location);
    await page.goto(`${editor.url}/?folder=${encodeURIComponent(path.join(folder, "project"))}`);
    await page.locator(".statusbar-item").first().waitFor();
  });
  after(async () => {
    await editor?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await page.screenshot({ path: "out/screenshots/web-failure.png" });
  });

  it("underlines words, also in scripts, explains and completes", async () => {
    await untilShown(page.locator('.tab.active[data-resource-name="Dockerfile"]'), () =>
      page.getByRole("treeitem", { name: "Dockerfile" }).first().dblclick(),
    );
    await page.locator(".squiggly-error").first().waitFor();
    await page.locator(".squiggly-warning").first().waitFor();
    await eventually(() => {
      assert.ok(asked.includes("dist/webclient.js"), asked.join());
      assert.ok(asked.includes("dist/webserver.js"), asked.join());
      assert.ok(asked.includes("dist/tree-sitter-bash.wasm"), asked.join());
    });
    await page.screenshot({ path: "out/screenshots/web-problems.png" });
    await untilShown(page.locator(".monaco-hover-content").first(), async () => {
      await page.mouse.move(0, 0);
      await page.locator(".view-line span span").filter({ hasText: "RUN" }).first().hover();
    });
    await page.screenshot({ path: "out/screenshots/web-hover.png" });
    await page.locator(".view-line").first().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("COPY --fr");
    const rows = page.locator(".suggest-widget .monaco-list-row");
    const from = rows.filter({ hasText: "--from=" }).first();
    await untilShown(from, async () => {
      // A list that is open is not asked for again.
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Space");
    });
    await from.click();
    await rows.filter({ hasText: "base" }).first().waitFor();
    await page.screenshot({ path: "out/screenshots/web-completion.png" });
    // Of an exception the trace names the program.
    assert.deepEqual(
      said.filter((text) => /\bdist\/web(client|server)\.js/.test(text)),
      [],
    );
  });
});
