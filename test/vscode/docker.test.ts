// The same editor on a Docker engine that is not ours.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { connectTo } from "../../client/engines/connection.ts";
import { openDockerd, type PeerEngine } from "../support/peer-engines.ts";
import { type Person, person } from "../support/person.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

describe("the editor with Docker's engine", function () {
  this.timeout(180_000);
  this.bail(true);
  let dockerd: PeerEngine;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let failed = false;

  before(async function () {
    if (process.getuid?.() !== 0) this.skip();
    dockerd = await openDockerd();
    folder = path.join(privateFolder(undefined, "docker"), "app");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "Dockerfile"), 'FROM busybox\nWORKDIR /app\nCOPY file ./\nCMD ["sleep", "600"]\n');
    writeFileSync(path.join(folder, "file"), "one\n");
    editor = await openEditor({
      folder,
      settings: { "drydock.engine": `unix://${dockerd.socket}`, "terminal.integrated.gpuAcceleration": "off" },
    });
    user = person(editor);
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (failed) await editor.screenshot("docker-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
    await editor?.close();
    await dockerd?.dispose();
    if (folder) rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const row = (text: RegExp) => editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const hint = (text: RegExp) => editor.page.locator(".view-line").filter({ hasText: text });
  const docker = async () =>
    (await connectTo({ id: "d", kind: "docker", name: "d", address: { kind: "socket", path: dockerd.socket } })).docker;
  async function build() {
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    await user.notification(/Built app:latest/).waitFor({ timeout: 60_000 });
    await editor.command("Notifications: Clear All Notifications");
  }

  it("builds there, with the steps in the Builds view", async () => {
    await editor.openFile("Dockerfile");
    await build();
    assert.ok((await (await docker()).getImage("app:latest").inspect()).Id);
    await editor.command("View: Show Drydock");
    await row(/^app:latest/).waitFor();
    await editor.command("Drydock: Focus on Builds View");
    await row(/^app:latest.*steps reused/).waitFor();
    await editor.screenshot("docker-1-built");
  });

  it("foretells its next build, as an estimate, and is right", async () => {
    writeFileSync(path.join(folder, "file"), "another\n");
    await hint(/COPY.*↻\sfile\shas\schanged/).waitFor();
    await editor.screenshot("docker-2-forecast");
    await build();
    await hint(/COPY.*↻/).waitFor({ state: "detached" });
    await row(/^app:latest.*reused/).waitFor();
  });

  it("shows, stops and removes its containers", async () => {
    const container = await (await docker()).createContainer({ Image: "app:latest", name: "there" });
    await container.start();
    await editor.command("Drydock: Focus on Containers View");
    await row(/^there/).waitFor();
    await user.menu(row(/^there/), "Pause");
    await row(/^there.*paused/).waitFor();
    await editor.screenshot("docker-3-paused");
    await container.remove({ force: true });
    await row(/^there/).waitFor({ state: "detached" });
  });

  it("shows files of its containers", async () => {
    const container = await (await docker()).createContainer({ Image: "app:latest", name: "files" });
    await row(/^files/).click();
    await editor.page.keyboard.press("ArrowRight");
    await row(/^Files/).click();
    await editor.page.keyboard.press("ArrowRight");
    await row(/^app$/).click();
    await row(/^file(?!s)/).click();
    await editor.page.locator(".view-line", { hasText: "another" }).waitFor();
    await container.remove();
  });
});
