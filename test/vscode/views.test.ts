// Views, files and states of containers in a real VS Code, pressed with the mouse.
import assert from "node:assert/strict";
import { editorSuite } from "../support/editor-suite.ts";
import { eventually, type Person } from "../support/person.ts";
import { save } from "../support/text-editor.ts";
import type { Editor } from "../support/vscode.ts";

describe("views of the engine", function () {
  this.timeout(180_000);
  this.bail(true);
  const suite = editorSuite({
    name: "views",
    folderName: "app",
    files: { Dockerfile: "FROM busybox\n" },
    window: { size: { width: 1440, height: 1100 } },
  });
  const { engine, row } = suite;
  let editor: Editor;
  let user: Person;

  before(async () => {
    ({ editor, user } = suite);
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await row(/^busybox:latest/).waitFor();
  });

  const menu = (text: RegExp, entry: string) => user.menu(row(text), entry);
  /** Chooses several rows. A click opens or closes its row as well, and what stands below moves while the next one is clicked. */
  const select = async (...rows: RegExp[]) => {
    await eventually(async () => {
      for (const text of rows) await row(text).waitFor();
      for (const [index, text] of rows.entries()) {
        if (index === 0) await row(text).click();
        else await row(text).click({ modifiers: ["Control"] });
      }
      for (const text of rows) assert.equal(await row(text).getAttribute("aria-selected"), "true", `${text}`);
      const chosen = row(rows[0] ?? "")
        .locator("xpath=..")
        .locator('[aria-selected="true"]');
      assert.equal(await chosen.count(), rows.length);
    });
  };
  const run = async (name: string, more: object = {}) => {
    const { docker } = await engine();
    const container = await docker.createContainer({ Image: "busybox", name, Cmd: ["sleep", "600"], ...more });
    await container.start();
    return container;
  };

  it("follows what others do, with project, health and state", async () => {
    const labels = { "com.docker.compose.project": "shop" };
    await run("shop-web", { Labels: labels });
    await run("lone");
    await row(/^shop/).waitFor();
    await row(/^lone.*busybox/).waitFor();
    await suite.screenshot("1-containers");
  });

  it("starts and removes a Compose project by the menu of its row", async () => {
    const { docker } = await engine();
    const labels = { "com.docker.compose.project": "depot" };
    await run("depot-web", { Labels: labels });
    await docker.createContainer({ Image: "busybox", name: "depot-db", Cmd: ["sleep", "600"], Labels: labels });
    await row(/^depot-db.*created/).waitFor();
    const states = async () => {
      const all = await docker.listContainers({ all: true, filters: { label: ["com.docker.compose.project=depot"] } });
      return all.map(({ State }) => State);
    };
    // One of them runs already, which is no mistake.
    await menu(/^depot(?!-)/, "Start");
    await eventually(async () => assert.deepEqual(await states(), ["running", "running"]));
    // The view hears of it a moment later.
    await row(/^depot-db.*created/).waitFor({ state: "detached" });
    await menu(/^depot(?!-)/, "Remove Container");
    await editor.page.locator(".monaco-dialog-box", { hasText: "Remove 2 containers, 2 of them running?" }).waitFor();
    await user.press("Remove");
    await row(/^depot(?!-)/).waitFor({ state: "detached" });
    assert.deepEqual(await states(), []);
    assert.equal(await user.notification(/./).count(), 0);
  });

  it("says so when there is nothing to remove", async () => {
    await editor.command("Drydock: Remove Volume…");
    await user.notification("There is no volume yet").waitFor();
    await editor.command("Drydock: Forget All Builds…");
    await user.notification("There is no build for this").waitFor();
    await editor.command("Notifications: Clear All Notifications");
  });

  it("pauses and goes on by its menu", async () => {
    await menu(/^lone/, "Pause");
    await row(/^lone.*paused/).waitFor();
    await menu(/^lone/, "Unpause");
    await row(/^lone(?!.*paused)/).waitFor();
    assert.equal((await (await engine()).docker.getContainer("lone").inspect()).State.Paused, false);
  });

  it("opens, edits and saves a file of a running container", async () => {
    const container = (await engine()).docker.getContainer("lone");
    const exec = await container.exec({ Cmd: ["sh", "-c", "echo before > /etc/motd"] });
    await exec.start({ Detach: true });
    await eventually(async () => assert.equal((await exec.inspect()).Running, false));
    await user.unfold(row(/^lone/), row(/^Files/));
    await user.unfold(row(/^Files/), row(/^etc/));
    await user.unfold(row(/^etc/), row(/^motd/));
    await row(/^motd/).click();
    await editor.page.locator('.tab.active[data-resource-name="motd"]').waitFor();
    await editor.page.locator(".view-line", { hasText: "before" }).waitFor();
    await suite.screenshot("2-files");
    await editor.page.locator(".view-line", { hasText: "before" }).click();
    await editor.page.keyboard.press("Home");
    await editor.page.keyboard.type("saved ");
    await save(editor);
    const read = await container.exec({ Cmd: ["cat", "/etc/motd"], AttachStdout: true });
    let text = "";
    for await (const chunk of await read.start({})) text += String(chunk);
    assert.match(text, /saved before/);
  });

  it("filters rows, and says how many are left", async () => {
    await editor.page.locator(".pane-header").filter({ hasText: "Containers" }).hover();
    await editor.page.locator('.pane-header .action-label[aria-label^="Filter"]').first().click();
    await editor.page.locator(".quick-input-widget input.input").fill("lone");
    await editor.page.keyboard.press("Enter");
    await editor.page.locator(".message", { hasText: '1 of 2 with "lone"' }).first().waitFor();
    await row(/shop-web/).waitFor({ state: "detached" });
    await editor.page.locator('.pane-header .action-label[aria-label^="Clear Filter"]').first().click();
    await row(/^shop/).waitFor();
  });

  it("makes a volume and shows who uses it", async () => {
    await editor.command("Drydock: Create Volume…");
    await user.answer("Create Volume", "data");
    await run("with-volume", { HostConfig: { Binds: ["data:/data"] } });
    await editor.command("Drydock: Focus on Volumes View");
    await row(/^data.*used by with-volume/).waitFor();
    await suite.screenshot("3-volumes");
  });

  it("makes a network, and containers join it", async () => {
    await editor.command("Drydock: Create Network…");
    await user.answer("Create Network", "backend");
    await editor.command("Drydock: Focus on Networks View");
    await row(/^backend/).waitFor();
    await (await engine()).docker.getNetwork("backend").connect({ Container: "lone" });
    await row(/^backend.*one container/).waitFor();
    await suite.screenshot("4-networks");
  });

  it("shows which engine is used", async () => {
    await editor.command("Drydock: Focus on Engines View");
    await row(/^Drydock.*in use/).waitFor();
  });

  it("inspects a container as JSON", async () => {
    await menu(/^lone/, "Inspect Container");
    await editor.page.locator('.tab.active[data-resource-name="lone.json"]').waitFor();
    await editor.page.locator(".view-line", { hasText: '"Id":' }).first().waitFor();
  });

  it("removes several at once, with their questions asked once", async () => {
    await editor.command("Drydock: Focus on Containers View");
    await select(/^lone/, /^with-volume/);
    await menu(/^with-volume/, "Remove Container");
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.filter({ hasText: "Remove 2 containers, 2 of them running?" }).waitFor();
    await suite.screenshot("5-remove");
    await dialog.locator(".monaco-button", { hasText: "Remove" }).first().click();
    // Both at once: which one goes first is not said.
    await row(/^lone/).waitFor({ state: "detached" });
    await row(/^with-volume/).waitFor({ state: "detached" });
    assert.equal((await (await engine()).docker.listContainers({ all: true })).length, 1);
  });

  it("removes all the images that are chosen, after one question", async () => {
    const { docker } = await engine();
    for (const repo of ["first", "second"]) await docker.getImage("busybox").tag({ repo, tag: "latest" });
    await select(/^first:latest/, /^second:latest/);
    await menu(/^second:latest/, "Remove Image");
    await editor.page.locator(".monaco-dialog-box", { hasText: "Remove 2 images?" }).waitFor();
    await user.press("Remove");
    await row(/^first:latest/).waitFor({ state: "detached" });
    await row(/^second:latest/).waitFor({ state: "detached" });
    await row(/^busybox:latest/).waitFor();
  });

  it("asks for the only one that is left over by its name", async () => {
    await (await engine()).docker.getContainer("shop-web").kill();
    await row(/^shop-web.*exited/).waitFor();
    await editor.command("Drydock: Remove Stopped Containers…");
    await editor.page.locator(".monaco-dialog-box", { hasText: "Remove shop-web?" }).waitFor();
    await user.press("Remove");
    await row(/^shop-web/).waitFor({ state: "detached" });
  });
});
