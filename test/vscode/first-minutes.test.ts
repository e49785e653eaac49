// The first minutes in a real VS Code: the walkthrough, a Dockerfile that is written for the project, built and run.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nodeImage } from "../support/base-images.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { freePort } from "../support/free-port.ts";
import { eventually, fetchPage, type Person } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";
import { goToNextProblem, offers, untilAway } from "../support/text-editor.ts";
import { chooseTheme, themes } from "../support/themes.ts";
import type { Editor } from "../support/vscode.ts";

const server = 'require("node:http").createServer((_, answer) => answer.end("Hello!")).listen(8123);\n';

describe("the first minutes", function () {
  this.timeout(180_000);
  this.bail(true);
  let editor: Editor;
  let user: Person;
  const suite = editorSuite({
    name: "first-minutes",
    folderName: "hello",
    files: { "package.json": '{"scripts":{"start":"node server.js"}}\n', "server.js": server },
    window: { settings: { "files.simpleDialog.enable": true } },
    startRegistry: async () => {
      const registry = await startRegistry();
      await registry.push("library/node:24-slim", await nodeImage());
      return registry;
    },
  });
  before(() => {
    ({ editor, user } = suite);
  });

  const file = (name: string) => path.join(suite.folder, name);
  const dockerfile = () => readFileSync(file("Dockerfile"), "utf8");
  const step = (title: string) => editor.page.locator(".getting-started-step").filter({ hasText: title });
  /** VS Code draws the page anew with each theme, and takes no click on a step that is open or not shown: asked for until it is open. */
  async function openStep(title: string): Promise<void> {
    for (const last = Date.now() + 100_000; (await step(title).getAttribute("aria-expanded")) !== "true"; ) {
      assert.ok(Date.now() < last, `the step "${title}" does not open`);
      await editor.command("Drydock: First Minutes (Walkthrough)");
      await step(title)
        .click({ timeout: 2_000 })
        .catch(() => undefined);
    }
  }
  /** The picture is there, on the theme's background. */
  async function picture(background: string): Promise<void> {
    await eventually(async () => {
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
      assert.ok(
        fills.some((fill) => fill.startsWith(background) && !fill.endsWith("none")),
        fills.join("; "),
      );
    });
  }
  async function clear(): Promise<void> {
    await editor.command("Notifications: Clear All Notifications");
    await editor.page.locator(".notification-list-item").first().waitFor({ state: "detached" });
  }

  it("are laid out in a walkthrough of five steps, each with its picture", async () => {
    await editor.command("Drydock: First Minutes (Walkthrough)");
    await step("Open or create a Dockerfile").waitFor();
    await eventually(async () => assert.equal(await editor.page.locator(".getting-started-step").count(), 5));
    await picture("rgb(255, 255, 255)");
    await suite.screenshot("1-walkthrough");
  });

  it("write a Dockerfile for the project, which has nothing to complain of, and offer to build it", async () => {
    await editor.command("Drydock: Add Dockerfile to Project…");
    await user.notification(/Wrote Dockerfile and \.dockerignore for Node\.js \(npm\)/).waitFor();
    await editor.page.locator('.tab.active[data-resource-name="Dockerfile"]').waitFor();
    assert.match(dockerfile(), /EXPOSE 8123\nCMD \["node", "server\.js"\]\n$/);
    assert.ok(existsSync(file(".dockerignore")));
    await editor.page.locator(".codelens-decoration").first().waitFor();
    await suite.screenshot("2-dockerfile");
    assert.equal(await editor.page.locator(".squiggly-warning, .squiggly-error").count(), 0);
  });

  it("build it by that button", async () => {
    await user.respond("Wrote Dockerfile", "Build");
    await user.answer("Build Image");
    await user.notification(/Built hello:latest/).waitFor({ timeout: 120_000 });
    await clear();
  });

  it("run it, and the app answers", async () => {
    const port = await freePort();
    await user.pick("Drydock: Run…", "hello:latest");
    await user.answer("Ports", `${port}:8123`);
    await user.answer("Container Name", "hello");
    await user.notification(`hello is running at http://localhost:${port}`).waitFor();
    assert.equal(await fetchPage(`http://127.0.0.1:${port}/`), "Hello!");
    await clear();
  });

  it("tick off what was done", async () => {
    await editor.command("Drydock: First Minutes (Walkthrough)");
    for (const title of ["Open or create a Dockerfile", "Build the image", "Run it in the browser"]) {
      await step(title).locator(".codicon-getting-started-step-checked, .codicon-pass-filled").first().waitFor();
    }
    await suite.screenshot("3-ticked");
  });

  it("show both before a Dockerfile of one's own is replaced", async () => {
    writeFileSync(file("Dockerfile"), "FROM node:24-slim\n# mine\n");
    await editor.command("Drydock: Add Dockerfile to Project…");
    await editor.page.locator(".monaco-diff-editor").waitFor();
    await suite.screenshot("4-diff");
    await user.choose("Keep mine");
    await editor.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
    assert.match(dockerfile(), /# mine/);
    await user.pick("Drydock: Add Dockerfile to Project…", "Replace it");
    await user.notification(/Wrote Dockerfile for Node\.js/).waitFor();
    assert.doesNotMatch(dockerfile(), /# mine/);
    await clear();
  });

  it("say what the engine can do here", async () => {
    await editor.command("Drydock: Show Engine Status");
    await editor.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Containers run" }).waitFor();
    await suite.screenshot("5-status");
    await editor.page.keyboard.press("Escape");
  });

  it("turn a rule off from its light bulb", async () => {
    const { page } = editor;
    writeFileSync(file("Dockerfile"), 'FROM node:24-slim\nMAINTAINER me\nUSER node\nCMD ["node"]\n');
    await editor.openFile("Dockerfile");
    await page.locator(".squiggly-warning, .squiggly-error").first().waitFor();
    await goToNextProblem(editor);
    const offer = (await offers(editor)).filter({ hasText: "off in the settings" });
    await suite.screenshot("6-off");
    await untilAway(offer.first(), () => offer.first().click({ timeout: 2000 }));
    await user.notification(/image\/maintainer is off now/).waitFor();
    await page.locator(".squiggly-warning, .squiggly-error").first().waitFor({ state: "detached" });
    const settings = readFileSync(file(".vscode/settings.json"), "utf8");
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
    const opened = page.context().waitForEvent("page", { timeout: 100_000 });
    // It takes no click while it looks at the folder.
    await untilAway(put, () => put.click({ timeout: 2000 }));
    const window = await opened;
    window.setDefaultTimeout(60_000);
    await window.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: "Dockerfile" }).first().waitFor();
    assert.ok(existsSync(file("first-dockerfile/server.js")));
    assert.equal(
      readFileSync(file("first-dockerfile/Dockerfile"), "utf8"),
      readFileSync("examples/first-dockerfile/Dockerfile", "utf8"),
    );
    await window.screenshot({ path: "out/screenshots/first-minutes-7-sample.png" });
    await window.close();
  });

  it("have pictures in the colours of the theme", async () => {
    await editor.command("Drydock: First Minutes (Walkthrough)");
    await picture("rgb(255, 255, 255)");
    const backgrounds = [
      ["dark", "rgb(31, 31, 31)"],
      ["contrast", "rgb(0, 0, 0)"],
      ["lightContrast", "rgb(255, 255, 255)"],
      ["light", "rgb(255, 255, 255)"],
    ] as const;
    for (const [theme, background] of backgrounds) {
      await chooseTheme(editor, theme);
      await openStep("Fix what is underlined");
      await picture(background);
      await suite.screenshot(`1-${themes[theme].label.replaceAll(" ", "-").toLowerCase()}`);
    }
  });
});
