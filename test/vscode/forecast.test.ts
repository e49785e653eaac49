// The forecast in a real VS Code: what the next build will do, before it does it, and that it did so.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Locator } from "playwright-core";
import { allPids } from "../../engine/runtime/proc.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { buildRecords } from "../support/engine-lab.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import { offers, save, takeFirstOffer } from "../support/text-editor.ts";
import type { Editor } from "../support/vscode.ts";

// The order that reinstalls with every edit of a source.
const dockerfile =
  'FROM node:24\nARG VERSION=1\nWORKDIR /app\nCOPY . .\nRUN npm install\nEXPOSE 80\nCMD ["node", "server.js"]\n';

describe("the forecast in the editor", function () {
  this.timeout(180_000);
  this.bail(true);
  let editor: Editor;
  let user: Person;
  const suite = editorSuite({
    name: "forecast",
    folderName: "app",
    npm: true,
    prepare: ({ folder }) => {
      cpSync("examples/first-dockerfile", folder, { recursive: true });
      writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
      writeFileSync(path.join(folder, ".dockerignore"), "node_modules\nDockerfile*\n");
      return undefined;
    },
  });
  before(() => {
    ({ editor, user } = suite);
  });

  const hint = (text: RegExp | string) => editor.page.locator(".view-line").filter({ hasText: text });
  const status = (text: RegExp) =>
    editor.page.locator('[id="drydock.drydock.drydock.forecast"], .statusbar-item').filter({ hasText: text });
  async function build() {
    const before = buildRecords(editor.home).length;
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    await user.notification(/Built app:latest/).waitFor({ timeout: 120_000 });
    await eventually(() => assert.equal(buildRecords(editor.home).length, before + 1));
    await editor.command("Notifications: Clear All Notifications");
    await user.notification(/Built app:latest/).waitFor({ state: "detached" });
    await editor.command("View: Hide Panel");
    return buildRecords(editor.home)[before];
  }
  /** A line that is drawn anew, with other hints, takes the hover away. */
  async function hoverOver(line: RegExp, word: RegExp, shown: Locator): Promise<void> {
    const text = editor.page.locator(".view-line", { hasText: line }).locator("span", { hasText: word }).first();
    await untilShown(shown, async () => {
      await editor.page.mouse.move(0, 0);
      await text.hover();
    });
  }

  it("says that nothing has been built yet", async () => {
    await editor.openFile("Dockerfile");
    await hint(/WORKDIR.*↻\snot\sbuilt\syet/).waitFor();
    await suite.screenshot("1-before");
  });

  it("knows after a build that everything will be reused, and what it cost", async () => {
    await build();
    await status(/4\/4/).waitFor();
    await eventually(async () => assert.equal(await hint(/↻/).count(), 0));
    await editor.page.locator(".codelens-decoration", { hasText: "next build reuses everything" }).waitFor();
    await suite.screenshot("2-reused");
  });

  it("names the argument whose value is another, with what it was", async () => {
    const file = path.join(suite.folder, "Dockerfile");
    writeFileSync(file, dockerfile.replace("VERSION=1", "VERSION=2"));
    await hint(/RUN.*↻\sARG\sVERSION\schanged\sfrom\s1\sto\s2/).waitFor();
    await suite.screenshot("2-argument");
    writeFileSync(file, dockerfile);
    await eventually(async () => assert.equal(await hint(/↻/).count(), 0));
    await status(/4\/4/).waitFor();
  });

  it("says on the first line what would pay most", async () => {
    const hover = editor.page.locator(".monaco-hover").filter({ hasText: /What would pay most.*Line 4: Saves about/s });
    await hoverOver(/FROM\snode/, /^FROM$/, hover);
    await suite.screenshot("2-advice");
    await editor.page.keyboard.press("Escape");
  });

  it("sees a source change outside of the editor: which steps, why, and how long", async () => {
    const file = path.join(suite.folder, "server.js");
    writeFileSync(file, `${readFileSync(file, "utf8")}// changed\n`);
    await hint(/COPY.*↻\sserver\.js\shas\schanged/).waitFor();
    await hint(/RUN.*↻\srebuilds\s·\s≈/).waitFor();
    await status(/2\/4 · ≈/).waitFor();
    await suite.screenshot("3-changed");
  });

  it("explains it in a hover", async () => {
    const hover = editor.page.locator(".monaco-hover").filter({ hasText: "this step is done again" });
    await hoverOver(/RUN\snpm\sinstall/, /^RUN$/, hover);
    await suite.screenshot("4-hover");
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
    const build = suite.row(/app:latest.*2 of 4 steps reused/);
    await build.waitFor();
    await user.unfold(build, suite.row(/COPY . ..*changed: server\.js/));
    await suite.screenshot("5-builds");
  });

  it("falls when the order is mended by its quick fix: the install is reused after an edit", async () => {
    await editor.openFile("Dockerfile");
    await editor.page.locator(".view-line", { hasText: /COPY/ }).first().click();
    await editor.page.keyboard.press("Home");
    await offers(editor);
    await takeFirstOffer(editor);
    await editor.page.locator(".view-line", { hasText: /COPY\spackage/ }).waitFor();
    await save(editor);
    await build();
    const file = path.join(suite.folder, "server.js");
    writeFileSync(file, `${readFileSync(file, "utf8")}// changed again\n`);
    await hint(/COPY\s\.\s\..*↻\sserver\.js\shas\schanged/).waitFor();
    await status(/4\/5/).waitFor();
    await eventually(async () => assert.equal(await hint(/RUN.*↻/).count(), 0));
    await suite.screenshot("6-mended");
  });

  it("goes on when the language server was killed", async () => {
    const servers = allPids().filter(isServerOf(editor));
    assert.equal(servers.length, 1);
    for (const pid of servers) process.kill(pid, "SIGKILL");
    const file = path.join(suite.folder, "server.js");
    writeFileSync(file, readFileSync(file, "utf8").replace("// changed again\n", ""));
    await status(/5\/5/).waitFor();
  });
});

const isServerOf =
  ({ home }: Editor) =>
  (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8")
        .split("\0")
        .some((word) => word.startsWith(`${home}/extensions/`) && word.endsWith("/dist/server.js"));
    } catch {
      // It has just ended.
      return false;
    }
  };
