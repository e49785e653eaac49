// The learner's first hour (points 1 to 6) in a real VS Code, pressed with keys and the mouse, once as the user who runs
// the tests and, when that is root, once more as an ordinary user.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { buildRecords, untilGone } from "../support/engine-lab.ts";
import { type NpmRegistry, startNpmRegistry } from "../support/npm-registry.ts";
import { fetchPage, freePort, type Person, person, untilShown } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { account, give, privateFolder } from "../support/vscode-process.ts";

const users = process.getuid?.() === 0 ? [undefined, "dev"] : [undefined];

for (const asUser of users) {
  describe(`the learner's first hour${asUser ? " as an ordinary user" : ""}`, function () {
    this.timeout(180_000);
    // Each step stands on the one before.
    this.bail(true);
    const name = (step: string) => `story-${asUser ?? "self"}-${step}`;
    let npm: NpmRegistry;
    let registry: TestRegistry;
    let folder: string;
    let editor: Editor;
    let port: number;
    let user: Person;
    let failed = false;

    before(async () => {
      npm = await startNpmRegistry();
      registry = await startRegistry();
      await pushBaseImages(registry, { npmRegistry: npm.url });
      const owner = asUser === undefined ? undefined : account(asUser);
      folder = path.join(privateFolder(owner, "story"), "first-dockerfile");
      cpSync("examples/first-dockerfile", folder, { recursive: true });
      give(path.dirname(folder), owner);
      port = await freePort();
      editor = await openEditor({
        folder,
        settings: {
          "drydock.registryMirrors": [registry.url],
          "files.autoSave": "off",
          "terminal.integrated.gpuAcceleration": "off",
        },
        ...(asUser ? { asUser } : {}),
      });
      user = person(editor);
    });

    afterEach(async function () {
      failed ||= this.currentTest?.state === "failed";
      if (this.currentTest?.state === "failed") await editor.screenshot(name("failure"));
    });

    after(async () => {
      if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
      await untilGone(editor.home);
      await editor.close();
      await registry.stop();
      await npm.close();
      rmSync(path.dirname(folder), { recursive: true, force: true });
    });

    const socket = () => path.join(editor.home, "run/drydock/engine.sock");
    const engine = (): Promise<Connection> => connect(socket());
    const containers = async () => (await engine()).docker.listContainers({ all: true });
    /** Builds and returns the record that the engine has written of it. */
    async function build() {
      const before = buildRecords(editor.home).length;
      await editor.command("Drydock: Build Image…");
      await user.answer("Build Image");
      await user.notification(/Built first-dockerfile:latest/).waitFor({ timeout: 120_000 });
      const records = buildRecords(editor.home);
      assert.equal(records.length, before + 1);
      await editor.command("Notifications: Clear All Notifications");
      return records.at(-1);
    }

    it("underlines each mistake at its words", async () => {
      await editor.openFile("Dockerfile");
      await editor.command("Problems: Focus on Problems View");
      const rows = editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
      await rows.nth(5).waitFor();
      const places = await rows.allTextContents();
      const found = places.map((text) => /\[Ln (\d+), Col (\d+)\]/.exec(text)?.slice(1).join(":"));
      assert.deepEqual(found.sort(), ["1:11", "2:1", "3:1", "4:5", "6:5", "7:5"]);
      await editor.screenshot(name("1-diagnostics"));
    });

    it("turns into the good Dockerfile by its quick fixes", async () => {
      const { page } = editor;
      await page.keyboard.press("Control+j");
      const good = readFileSync("examples/first-dockerfile/Dockerfile.good", "utf8");
      const saved = () => readFileSync(path.join(folder, "Dockerfile"), "utf8");
      for (let fixes = 0; fixes < 12 && saved() !== good; fixes++) {
        await page.locator(".monaco-editor textarea, .monaco-editor .native-edit-context").first().focus();
        await page.keyboard.press("F8");
        await page.locator(".zone-widget").first().waitFor();
        await page.keyboard.press("Escape");
        const offers = page.locator(".action-widget:not(.action-list-submenu-panel)");
        // The peek gives the focus back a moment after it has closed; keys pressed before go nowhere.
        await untilShown(offers, () => page.keyboard.press("Control+."));
        if (fixes === 0) await editor.screenshot(name("2-quick-fix"));
        await page.keyboard.press("Enter");
        await page.locator(".tab.active.dirty").waitFor();
        await page.keyboard.press("Control+s");
        await page.locator(".tab.active:not(.dirty)").waitFor();
      }
      assert.equal(saved(), good);
    });

    it("builds every step, and the second time reuses them all", async () => {
      const first = await build();
      assert.deepEqual(
        first?.steps.map((step) => step.cached),
        first?.steps.map(() => false),
      );
      await editor.screenshot(name("3-build"));
      const asked = npm.requests.length;
      const second = await build();
      assert.ok(
        second?.steps.every((step) => step.cached),
        JSON.stringify(second?.steps),
      );
      assert.equal(npm.requests.length, asked, "nothing was installed again");
    });

    it("rebuilds only the copy of the sources after an edit", async () => {
      const file = path.join(folder, "server.js");
      writeFileSync(file, readFileSync(file, "utf8").replaceAll("My goal", "My new goal"));
      const record = await build();
      const rebuilt = record?.steps.filter((step) => !step.cached).map((step) => step.text);
      assert.deepEqual(rebuilt, ["COPY . ."]);
    });

    it("runs it with a published port and answers in the browser", async () => {
      await editor.command("Drydock: Run…");
      await user.choose("first-dockerfile:latest");
      const proposed = await user.answer("Ports", `${port}:80`);
      assert.match(proposed, /^3\d\d\d:80$/);
      await user.answer("Container Name", "goals");
      await user.notification(`goals is running at http://localhost:${port}`).waitFor();
      assert.match(await fetchPage(`http://127.0.0.1:${port}/`), /My new goal/);
    });

    it("shows container and image in their views", async () => {
      await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
      await editor.page
        .locator(".monaco-list-row")
        .filter({ hasText: `${port}→80` })
        .first()
        .waitFor();
      await user.row(/^first-dockerfile:latest/).waitFor();
      await editor.screenshot(name("4-trees"));
    });

    it("follows the logs, and loses no container and no line when the window is reloaded", async () => {
      await editor.command("Drydock: View Logs");
      await user.choose("goals");
      await user.terminal("Listening on port 80").waitFor();
      await editor.screenshot(name("5-logs"));
      await editor.page.reload();
      await editor.page.locator(".statusbar-item").first().waitFor();
      await editor.page
        .locator(".monaco-list-row")
        .filter({ hasText: `${port}→80` })
        .first()
        .waitFor();
      const [container] = await containers();
      assert.equal(container?.State, "running");
      await editor.command("Drydock: View Logs");
      await user.choose("goals");
      await user.terminal("Listening on port 80").waitFor();
    });

    it("stops, removes the container, and removes the image", async () => {
      await editor.command("Drydock: Stop");
      await user.choose("goals");
      await user.row(/^goals, exited with/).waitFor({ timeout: 30_000 });
      await editor.command("Drydock: Remove Container…");
      await user.choose("goals");
      await user.press("Remove");
      await user.row(/^goals,/).waitFor({ state: "detached" });
      assert.deepEqual(await containers(), []);
      await editor.command("Drydock: Remove Image…");
      await user.choose("first-dockerfile:latest");
      await user.press("Remove");
      await user.row(/^first-dockerfile:latest/).waitFor({ state: "detached" });
      const names = (await (await engine()).docker.listImages()).flatMap((image) => image.RepoTags ?? []);
      assert.ok(!names.includes("first-dockerfile:latest"));
      await editor.screenshot(name("6-removed"));
    });

    it("shows a failed step in Problems at its line", async () => {
      const { page } = editor;
      writeFileSync(path.join(folder, "Dockerfile"), "FROM node\nRUN echo almost && exit 3\n");
      await editor.openFile("Dockerfile");
      await editor.command("Drydock: Build Image…");
      await user.answer("Build Image");
      await user.notification(/non-zero code: 3/).waitFor();
      await editor.command("Problems: Focus on Problems View");
      const problem = page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock build" }).first();
      await problem.waitFor();
      assert.match((await problem.textContent()) ?? "", /\[Ln 2, Col 1\]/);
      await editor.screenshot(name("7-failed-step"));
    });
  });
}
