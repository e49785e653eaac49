// The first minutes in a real VS Code: the walkthrough, a Dockerfile that is written for the project, built and run.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nodeImage } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { writeFiles } from "../support/files.ts";
import { fetchPage, freePort, type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

const server = 'require("node:http").createServer((_, answer) => answer.end("Hello!")).listen(8123);\n';

describe("the first minutes", function () {
  this.timeout(180_000);
  this.bail(true);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let failed = false;

  before(async () => {
    registry = await startRegistry();
    await registry.push("library/node:24-slim", await nodeImage());
    folder = path.join(privateFolder(undefined, "first"), "hello");
    writeFiles(folder, { "package.json": '{"scripts":{"start":"node server.js"}}\n', "server.js": server });
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "files.autoSave": "off",
        "files.simpleDialog.enable": true,
        "terminal.integrated.gpuAcceleration": "off",
      },
    });
    user = person(editor);
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (this.currentTest?.state === "failed") await editor.screenshot("first-minutes-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const dockerfile = () => readFileSync(path.join(folder, "Dockerfile"), "utf8");
  const step = (title: string) => editor.page.locator(".getting-started-step").filter({ hasText: title });
  /** VS Code draws the page anew with each theme, and takes no click on a step that is open or not shown: asked for until it is open. */
  async function openStep(title: string): Promise<void> {
    for (const last = Date.now() + 30_000; (await step(title).getAttribute("aria-expanded")) !== "true"; ) {
      assert.ok(Date.now() < last, `the step "${title}" does not open`);
      await editor.command("Drydock: First Minutes (Walkthrough)");
      await step(title)
        .click({ timeout: 2_000 })
        .catch(() => undefined);
    }
  }
  /** The picture is there, on the theme's background. */
  async function picture(background: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const fills = await Promise.all(
        editor.page.frames().map((frame) =>
          frame
            .evaluate(() => {
              const rect = document.querySelector("svg[viewBox='0 0 480 300'] > rect");
              return rect ? `${getComputedStyle(rect).fill} ${getComputedStyle(rect).stroke}` : "";
            })
            .catch(() => ""),
        ),
      );
      if (fills.some((fill) => fill.startsWith(background) && !fill.endsWith("none"))) return;
      if (tries === 100) assert.fail(fills.join("; "));
      await editor.page.waitForTimeout(100);
    }
  }
  const clear = () => editor.command("Notifications: Clear All Notifications");

  it("are laid out in a walkthrough of five steps, each with its picture", async () => {
    await editor.command("Drydock: First Minutes (Walkthrough)");
    await step("Open or create a Dockerfile").waitFor({ timeout: 60_000 });
    assert.equal(await editor.page.locator(".getting-started-step").count(), 5);
    await picture("rgb(255, 255, 255)");
    await editor.screenshot("first-minutes-1-walkthrough");
  });

  it("write a Dockerfile for the project, which has nothing to complain of, and offer to build it", async () => {
    await editor.command("Drydock: Add Dockerfile to Project…");
    await user.notification(/Wrote Dockerfile and \.dockerignore for Node\.js \(npm\)/).waitFor({ timeout: 60_000 });
    await editor.page.locator('.tab.active[data-resource-name="Dockerfile"]').waitFor();
    assert.match(dockerfile(), /EXPOSE 8123\nCMD \["node", "server\.js"\]\n$/);
    assert.ok(existsSync(path.join(folder, ".dockerignore")));
    await editor.page.locator(".codelens-decoration").first().waitFor();
    await editor.screenshot("first-minutes-2-dockerfile");
    assert.equal(await editor.page.locator(".squiggly-warning, .squiggly-error").count(), 0);
  });

  it("build it by that button", async () => {
    const toast = editor.page.locator(".notification-toast").filter({ hasText: "Wrote Dockerfile" });
    await toast.getByRole("button", { name: "Build", exact: true }).click();
    await user.answer("Build Image");
    await user.notification(/Built hello:latest/).waitFor({ timeout: 120_000 });
    await clear();
  });

  it("run it, and the app answers", async () => {
    const port = await freePort();
    await editor.command("Drydock: Run…");
    await user.choose("hello:latest");
    await user.answer("Ports", `${port}:8123`);
    await user.answer("Container Name", "hello");
    await user.notification(`hello is running at http://localhost:${port}`).waitFor({ timeout: 60_000 });
    assert.equal(await fetchPage(`http://127.0.0.1:${port}/`), "Hello!");
    await clear();
  });

  it("tick off what was done", async () => {
    await editor.command("Drydock: First Minutes (Walkthrough)");
    for (const title of ["Open or create a Dockerfile", "Build the image", "Run it in the browser"]) {
      await step(title).locator(".codicon-getting-started-step-checked, .codicon-pass-filled").first().waitFor();
    }
    await editor.screenshot("first-minutes-3-ticked");
  });

  it("show both before a Dockerfile of one's own is replaced", async () => {
    writeFileSync(path.join(folder, "Dockerfile"), "FROM node:24-slim\n# mine\n");
    await editor.command("Drydock: Add Dockerfile to Project…");
    await editor.page.locator(".monaco-diff-editor").waitFor({ timeout: 60_000 });
    await editor.screenshot("first-minutes-4-diff");
    await user.choose("Keep mine");
    await editor.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
    assert.match(dockerfile(), /# mine/);
    await editor.command("Drydock: Add Dockerfile to Project…");
    await user.choose("Replace it");
    await user.notification(/Wrote Dockerfile for Node\.js/).waitFor();
    assert.doesNotMatch(dockerfile(), /# mine/);
    await clear();
  });

  it("say what the engine can do here", async () => {
    await editor.command("Drydock: Show Engine Status");
    await editor.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Containers run" }).waitFor();
    await editor.screenshot("first-minutes-5-status");
    await editor.page.keyboard.press("Escape");
  });

  it("turn a rule off from its light bulb", async () => {
    const { page } = editor;
    writeFileSync(path.join(folder, "Dockerfile"), 'FROM node:24-slim\nMAINTAINER me\nUSER node\nCMD ["node"]\n');
    await editor.openFile("Dockerfile");
    await page.locator(".squiggly-warning, .squiggly-error").first().waitFor({ timeout: 30_000 });
    await page.keyboard.press("F8");
    await page.locator(".zone-widget").first().waitFor();
    await page.keyboard.press("Escape");
    const offer = page.locator(".action-widget .monaco-list-row").filter({ hasText: "off in the settings" });
    for (let tries = 0; tries < 5 && (await offer.count()) === 0; tries++) {
      await page.keyboard.press("Control+.");
      await offer
        .first()
        .waitFor({ timeout: 3000 })
        .catch(() => {});
    }
    await editor.screenshot("first-minutes-6-off");
    await offer.first().click();
    await user.notification(/image\/maintainer is off now/).waitFor();
    await page.locator(".squiggly-warning, .squiggly-error").first().waitFor({ state: "detached" });
    const settings = readFileSync(path.join(folder, ".vscode/settings.json"), "utf8");
    assert.deepEqual(JSON.parse(settings), { "drydock.lint.rules": { "image/maintainer": "off" } });
    await clear();
  });

  it("open the sample app, beside what is there", async () => {
    const { page } = editor;
    await editor.command("Drydock: Open Sample App…");
    // VS Code proposes the folder that is open.
    const dialog = page.locator(".quick-input-widget");
    const put = dialog.getByRole("button", { name: "Put It Here" });
    await put.waitFor();
    const opened = page.context().waitForEvent("page", { timeout: 60_000 });
    await put.click();
    const window = await opened;
    await window
      .locator(".explorer-folders-view .monaco-list-row")
      .filter({ hasText: "Dockerfile" })
      .first()
      .waitFor({ timeout: 60_000 });
    assert.ok(existsSync(path.join(folder, "first-dockerfile/server.js")));
    assert.equal(
      readFileSync(path.join(folder, "first-dockerfile/Dockerfile"), "utf8"),
      readFileSync("examples/first-dockerfile/Dockerfile", "utf8"),
    );
    await window.screenshot({ path: "out/screenshots/first-minutes-7-sample.png" });
    await window.close();
  });

  it("have pictures in the colours of the theme", async () => {
    const { page } = editor;
    await editor.command("Drydock: First Minutes (Walkthrough)");
    await picture("rgb(255, 255, 255)");
    const themes = [
      ["Dark Modern", "rgb(31, 31, 31)"],
      ["Dark High Contrast", "rgb(0, 0, 0)"],
      ["Light High Contrast", "rgb(255, 255, 255)"],
      ["Light Modern", "rgb(255, 255, 255)"],
    ] as const;
    for (const [theme, background] of themes) {
      await editor.command("Preferences: Color Theme");
      await page.locator(".quick-input-widget input.input").fill(theme);
      await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: theme }).first().click();
      await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
      await openStep("Fix what is underlined");
      await picture(background);
      await editor.screenshot(`first-minutes-1-${theme.replaceAll(" ", "-").toLowerCase()}`);
    }
  });
});
