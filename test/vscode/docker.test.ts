// The same editor on a Docker engine that is not ours.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { connectTo } from "../../client/engines/connection.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { openDockerd, type PeerEngine } from "../support/peer-engines.ts";
import type { Person } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";
import type { Editor } from "../support/vscode.ts";

const forRoot = process.getuid?.() === 0 ? describe : describe.skip;

forRoot("the editor with Docker's engine", function () {
  this.timeout(180_000);
  this.bail(true);
  const suite = editorSuite({
    name: "docker",
    folderName: "app",
    files: { Dockerfile: 'FROM busybox\nWORKDIR /app\nCOPY file ./\nCMD ["sleep", "600"]\n', file: "one\n" },
    // That engine has its base image.
    startRegistry,
    async prepare() {
      dockerd = await openDockerd();
      return { settings: { "drydock.engine": `unix://${dockerd.socket}` } };
    },
  });
  let dockerd: PeerEngine;
  let editor: Editor;
  let user: Person;

  before(() => {
    ({ editor, user } = suite);
  });
  after(() => dockerd?.dispose());

  const { row } = suite;
  const hint = (text: RegExp) => editor.page.locator(".view-line").filter({ hasText: text });
  const page = () => editor.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
  const docker = async () =>
    (await connectTo({ id: "d", kind: "docker", name: "d", address: { kind: "socket", path: dockerd.socket } })).docker;
  async function build() {
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    await user.notification(/Built app:latest/).waitFor();
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
    await suite.screenshot("1-built");
  });

  it("foretells its next build, as an estimate, and is right", async () => {
    writeFileSync(path.join(suite.folder, "file"), "another\n");
    await hint(/COPY.*↻\sfile\shas\schanged/).waitFor();
    await suite.screenshot("2-forecast");
    await build();
    await hint(/COPY.*↻/).waitFor({ state: "detached" });
    const builds = editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: /^app:latest.*reused/ });
    await builds.nth(1).waitFor();
  });

  it("shows, stops and removes its containers", async () => {
    const container = await (await docker()).createContainer({ Image: "app:latest", name: "there" });
    await container.start();
    await editor.command("Drydock: Focus on Containers View");
    await row(/^there/).waitFor();
    await user.menu(row(/^there/), "Pause");
    await row(/^there.*paused/).waitFor();
    await suite.screenshot("3-paused");
    await container.remove({ force: true });
    await row(/^there/).waitFor({ state: "detached" });
  });

  it("runs a container there from the form", async () => {
    await user.pick("Drydock: Run with Options…", "app:latest");
    await page().locator("#preview", { hasText: "app:latest" }).waitFor();
    const labelled = (label: string) => page().getByLabel(label, { exact: true });
    await labelled("Name of the container").fill("by-form");
    await labelled("Command").fill("sh -c 'cat file; sleep 600'");
    await page().getByRole("button", { name: "Add a variable" }).click();
    await labelled("Name of the variable").fill("MODE");
    await labelled("Value of the variable").fill("test");
    await page().locator("#preview", { hasText: "-e MODE=test app:latest sh -c 'cat file; sleep 600'" }).waitFor();
    await suite.screenshot("4-form");
    await page().getByRole("button", { name: "Run", exact: true }).click();
    await user.notification(/by-form is running/).waitFor();
    await row(/^by-form/).waitFor();
    const container = (await docker()).getContainer("by-form");
    const { Config, State } = await container.inspect();
    assert.ok(State.Running && Config.Env.includes("MODE=test"));
    await editor.command("Notifications: Clear All Notifications");
    await user.pick("Drydock: View Logs", "by-form");
    await user.terminal("another").waitFor();
    await container.remove({ force: true });
    await row(/^by-form/).waitFor({ state: "detached" });
    await user.terminal("The container was removed.").waitFor();
  });

  it("names a container that has ended at once, with its code", async () => {
    await user.pick("Drydock: Run with Options…", "app:latest");
    await page().locator("#preview", { hasText: "app:latest" }).waitFor();
    await page().getByLabel("Name of the container", { exact: true }).fill("brief");
    await page().getByLabel("Command", { exact: true }).fill("sh -c 'exit 7'");
    await page().locator("#preview", { hasText: "exit 7" }).waitFor();
    await page().getByRole("button", { name: "Run", exact: true }).click();
    await user.notification("brief has already ended, with exit code 7.").waitFor();
    await editor.command("Notifications: Clear All Notifications");
    await (await docker()).getContainer("brief").remove();
  });

  it("explores the layers of its images, as far as that engine tells", async () => {
    await user.pick("Drydock: Explore Layers", "app:latest");
    await page()
      .getByRole("option", { name: /COPY file.*Dockerfile:3/ })
      .click();
    await page().getByText("can be shown by the embedded engine only").waitFor();
    await suite.screenshot("5-layers");
    await page().getByRole("button", { name: "Go to Dockerfile:3" }).click();
    await editor.page.locator(".statusbar-item", { hasText: /Ln 3,/ }).waitFor();
    await editor.command("View: Close All Editors");
  });

  it("shows files of its containers, and saves what is edited", async () => {
    const container = await (await docker()).createContainer({ Image: "app:latest", name: "files" });
    await user.unfold(row(/^files/), row(/^Files/));
    await user.unfold(row(/^Files/), row(/^app$/));
    await user.unfold(row(/^app$/), row(/^file(?!s)/));
    await row(/^file(?!s)/).click();
    await editor.page.locator('.tab.active[data-resource-name="file"]').waitFor();
    await editor.page.locator(".view-line", { hasText: "another" }).click();
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.type("and more");
    await editor.page.locator(".tab.active.dirty").waitFor();
    await editor.command("File: Save");
    await editor.page.locator(".tab.active:not(.dirty)").waitFor();
    const chunks: Buffer[] = [];
    for await (const chunk of await container.getArchive({ path: "/app/file" })) chunks.push(Buffer.from(chunk));
    assert.match(Buffer.concat(chunks).toString(), /another\nand more/);
    await container.remove();
  });
});
