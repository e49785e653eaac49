// The learner's first hour (points 1 to 6) in a real VS Code, pressed with keys and the mouse, once as the user who runs
// the tests and, when that is root, once more as an ordinary user.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { editorSuite } from "../support/editor-suite.ts";
import { buildRecords } from "../support/engine-lab.ts";
import { freePort } from "../support/free-port.ts";
import { eventually, fetchPage, type Person } from "../support/person.ts";
import { goToNextProblem, offers, save, takeFirstOffer } from "../support/text-editor.ts";
import type { Editor } from "../support/vscode.ts";

const users = process.getuid?.() === 0 ? [undefined, "dev"] : [undefined];

for (const asUser of users) {
  describe(`the learner's first hour${asUser ? " as an ordinary user" : ""}`, function () {
    this.timeout(180_000);
    // Each step stands on the one before.
    this.bail(true);
    let editor: Editor;
    let port: number;
    let user: Person;
    const suite = editorSuite({
      name: `story-${asUser ?? "self"}`,
      folderName: "first-dockerfile",
      window: asUser ? { asUser } : {},
      npm: true,
      prepare: ({ folder }) => {
        cpSync("examples/first-dockerfile", folder, { recursive: true });
        return undefined;
      },
    });
    const { engine, screenshot } = suite;

    before(async () => {
      ({ editor, user } = suite);
      port = await freePort();
    });

    const file = (name: string) => path.join(suite.folder, name);
    const containers = async () => (await engine()).docker.listContainers({ all: true });
    /** Builds and returns the record that the engine has written of it. */
    async function build() {
      const before = buildRecords(editor.home).length;
      await editor.command("Drydock: Build Image…");
      await user.answer("Build Image");
      await user.notification(/Built first-dockerfile:latest/).waitFor({ timeout: 120_000 });
      await eventually(() => assert.equal(buildRecords(editor.home).length, before + 1));
      await editor.command("Notifications: Clear All Notifications");
      await user.notification(/Built first-dockerfile:latest/).waitFor({ state: "detached" });
      return buildRecords(editor.home).at(-1);
    }

    it("underlines each mistake at its words", async () => {
      await editor.openFile("Dockerfile");
      await editor.command("Problems: Focus on Problems View");
      const rows = editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock" });
      await eventually(async () => {
        const places = await rows.allTextContents();
        const found = places.map((text) => /\[Ln (\d+), Col (\d+)\]/.exec(text)?.slice(1).join(":"));
        assert.deepEqual(found.sort(), ["1:11", "2:1", "3:1", "4:5", "6:5", "7:5"]);
      });
      await screenshot("1-diagnostics");
    });

    it("turns into the good Dockerfile by its quick fixes", async () => {
      const { page } = editor;
      await editor.command("View: Hide Panel");
      const good = readFileSync("examples/first-dockerfile/Dockerfile.good", "utf8");
      const saved = () => readFileSync(file("Dockerfile"), "utf8");
      const count = page.locator('[id="status.problems"] a');
      for (let fixes = 0; fixes < 12 && saved() !== good; fixes++) {
        const before = (await count.getAttribute("aria-label")) ?? "";
        await goToNextProblem(editor);
        await offers(editor);
        if (fixes === 0) await screenshot("2-quick-fix");
        await takeFirstOffer(editor);
        await save(editor);
        // The next one is looked for among the problems that are left.
        await eventually(async () => assert.notEqual(await count.getAttribute("aria-label"), before));
      }
      assert.equal(saved(), good);
    });

    it("builds every step, and the second time reuses them all", async () => {
      const first = await build();
      assert.deepEqual(
        first?.steps.map((step) => step.cached),
        first?.steps.map(() => false),
      );
      await screenshot("3-build");
      const asked = suite.npm.requests.length;
      const second = await build();
      assert.ok(
        second?.steps.every((step) => step.cached),
        JSON.stringify(second?.steps),
      );
      assert.equal(suite.npm.requests.length, asked, "nothing was installed again");
    });

    it("rebuilds only the copy of the sources after an edit", async () => {
      const source = file("server.js");
      writeFileSync(source, readFileSync(source, "utf8").replaceAll("My goal", "My new goal"));
      const record = await build();
      const rebuilt = record?.steps.filter((step) => !step.cached).map((step) => step.text);
      assert.deepEqual(rebuilt, ["COPY . ."]);
    });

    it("runs it with a published port and answers in the browser", async () => {
      await user.pick("Drydock: Run…", "first-dockerfile:latest");
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
      await screenshot("4-trees");
    });

    it("follows the logs, and loses no container and no line when the window is reloaded", async () => {
      await user.pick("Drydock: View Logs", "goals");
      await user.terminal("Listening on port 80").waitFor();
      await screenshot("5-logs");
      await editor.page.reload();
      await editor.page.locator(".statusbar-item").first().waitFor();
      // Which view was shown may not have been written down yet.
      await editor.command("View: Show Drydock");
      await editor.page
        .locator(".monaco-list-row")
        .filter({ hasText: `${port}→80` })
        .first()
        .waitFor();
      assert.equal((await containers())[0]?.State, "running");
      await user.pick("Drydock: View Logs", "goals");
      await user.terminal("Listening on port 80").waitFor();
    });

    it("stops, removes the container, and removes the image", async () => {
      await user.pick("Drydock: Stop", "goals");
      await user.row(/^goals, exited with/).waitFor();
      await user.pick("Drydock: Remove Container…", "goals");
      await user.press("Remove");
      await user.row(/^goals,/).waitFor({ state: "detached" });
      await eventually(async () => assert.deepEqual(await containers(), []));
      await user.pick("Drydock: Remove Image…", "first-dockerfile:latest");
      await user.press("Remove");
      await user.row(/^first-dockerfile:latest/).waitFor({ state: "detached" });
      await eventually(async () => {
        const names = (await (await engine()).docker.listImages()).flatMap((image) => image.RepoTags ?? []);
        assert.ok(!names.includes("first-dockerfile:latest"));
      });
      await screenshot("6-removed");
    });

    it("shows a failed step in Problems at its line", async () => {
      const { page } = editor;
      writeFileSync(file("Dockerfile"), "FROM node\nRUN echo almost && exit 3\n");
      await editor.openFile("Dockerfile");
      await editor.command("Drydock: Build Image…");
      await user.answer("Build Image");
      await user.notification(/non-zero code: 3/).waitFor();
      await editor.command("Problems: Focus on Problems View");
      const problem = page.locator(".markers-panel .monaco-list-row").filter({ hasText: "drydock build" }).first();
      await problem.filter({ hasText: "[Ln 2, Col 1]" }).waitFor();
      await screenshot("7-failed-step");
    });
  });
}
