// The forecast in a real VS Code: what the next build will do, before it does it, and that it did so.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pushBaseImages } from "../support/base-images.ts";
import { buildRecords, untilGone } from "../support/engine-lab.ts";
import { type NpmRegistry, startNpmRegistry } from "../support/npm-registry.ts";
import { type Person, person, untilShown } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

describe("the forecast in the editor", function () {
  this.timeout(180_000);
  this.bail(true);
  let npm: NpmRegistry;
  let registry: TestRegistry;
  let folder: string;
  let dockerfile: string;
  let editor: Editor;
  let user: Person;
  let failed = false;

  before(async () => {
    npm = await startNpmRegistry();
    registry = await startRegistry();
    await pushBaseImages(registry, { npmRegistry: npm.url });
    folder = path.join(privateFolder(undefined, "forecast"), "app");
    cpSync("examples/first-dockerfile", folder, { recursive: true });
    // The order that reinstalls with every edit of a source.
    dockerfile =
      'FROM node:24\nARG VERSION=1\nWORKDIR /app\nCOPY . .\nRUN npm install\nEXPOSE 80\nCMD ["node", "server.js"]\n';
    writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
    writeFileSync(path.join(folder, ".dockerignore"), "node_modules\nDockerfile*\n");
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "files.autoSave": "off",
        "terminal.integrated.gpuAcceleration": "off",
      },
    });
    user = person(editor);
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (failed) await editor.screenshot("forecast-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    await npm.close();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const hint = (text: RegExp | string) => editor.page.locator(".view-line").filter({ hasText: text });
  const status = (text: RegExp) =>
    editor.page.locator('[id="drydock.drydock.drydock.forecast"], .statusbar-item').filter({ hasText: text });
  async function build() {
    const before = buildRecords(editor.home).length;
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    await user.notification(/Built app:latest/).waitFor({ timeout: 120_000 });
    await editor.command("Notifications: Clear All Notifications");
    await editor.page.keyboard.press("Control+j");
    return buildRecords(editor.home)[before];
  }

  it("says that nothing has been built yet", async () => {
    await editor.openFile("Dockerfile");
    await hint(/WORKDIR.*↻\snot\sbuilt\syet/).waitFor();
    await editor.screenshot("forecast-1-before");
  });

  it("knows after a build that everything will be reused, and what it cost", async () => {
    await build();
    await status(/4\/4/).waitFor();
    assert.equal(await hint(/↻/).count(), 0);
    await editor.page.locator(".codelens-decoration", { hasText: "next build reuses everything" }).waitFor();
    await editor.screenshot("forecast-2-reused");
  });

  it("names the argument whose value is another, with what it was", async () => {
    const file = path.join(folder, "Dockerfile");
    writeFileSync(file, dockerfile.replace("VERSION=1", "VERSION=2"));
    await hint(/RUN.*↻\sARG\sVERSION\schanged\sfrom\s1\sto\s2/).waitFor();
    await editor.screenshot("forecast-2-argument");
    writeFileSync(file, dockerfile);
    await status(/4\/4/).waitFor();
  });

  it("says on the first line what would pay most", async () => {
    await editor.page
      .locator(".view-line", { hasText: /FROM\snode/ })
      .locator("span", { hasText: /^FROM$/ })
      .first()
      .hover();
    const hover = editor.page.locator(".monaco-hover").filter({ hasText: /What would pay most.*Line 4: Saves about/s });
    await hover.waitFor();
    await editor.screenshot("forecast-2-advice");
    await editor.page.keyboard.press("Escape");
  });

  it("sees a source change outside of the editor: which steps, why, and how long", async () => {
    const file = path.join(folder, "server.js");
    writeFileSync(file, `${readFileSync(file, "utf8")}// changed\n`);
    await hint(/COPY.*↻\sserver\.js\shas\schanged/).waitFor();
    await hint(/RUN.*↻\srebuilds\s·\s≈/).waitFor();
    await status(/2\/4 · ≈/).waitFor();
    await editor.screenshot("forecast-3-changed");
  });

  it("explains it in a hover", async () => {
    await editor.page
      .locator(".view-line", { hasText: /RUN\snpm\sinstall/ })
      .locator("span", { hasText: /^RUN$/ })
      .first()
      .hover();
    const hover = editor.page.locator(".monaco-hover").filter({ hasText: "this step is done again" });
    await hover.waitFor();
    await editor.screenshot("forecast-4-hover");
    await editor.page.keyboard.press("Escape");
  });

  it("was right: the build does just these steps", async () => {
    const record = await build();
    assert.deepEqual(
      record?.steps.map(({ cached }) => cached),
      [true, true, false, false],
    );
    await status(/4\/4/).waitFor();
  });

  it("has the build, its steps and why they were done in its view", async () => {
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Focus on Builds View");
    const rows = editor.page.locator(".monaco-list-row");
    await rows
      .filter({ hasText: /app:latest.*2 of 4 steps reused/ })
      .first()
      .waitFor();
    await rows
      .filter({ hasText: /app:latest.*2 of 4 steps reused/ })
      .first()
      .click();
    await editor.page.keyboard.press("ArrowRight");
    await rows.filter({ hasText: /COPY . ..*changed: server\.js/ }).waitFor();
    await editor.screenshot("forecast-5-builds");
  });

  it("falls when the order is mended by its quick fix: the install is reused after an edit", async () => {
    await editor.openFile("Dockerfile");
    await editor.page.locator(".view-line", { hasText: /COPY/ }).first().click();
    await editor.page.keyboard.press("Home");
    const offers = editor.page.locator(".action-widget:not(.action-list-submenu-panel)");
    await untilShown(offers, () => editor.page.keyboard.press("Control+."));
    await editor.page.keyboard.press("Enter");
    await editor.page.locator(".view-line", { hasText: /COPY\spackage/ }).waitFor();
    await editor.page.keyboard.press("Control+s");
    await build();
    const file = path.join(folder, "server.js");
    writeFileSync(file, `${readFileSync(file, "utf8")}// changed again\n`);
    await hint(/COPY\s\.\s\..*↻\sserver\.js\shas\schanged/).waitFor();
    assert.equal(await hint(/RUN.*↻/).count(), 0);
    await status(/4\/5/).waitFor();
    await editor.screenshot("forecast-6-mended");
  });
});
