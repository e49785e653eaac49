// Views, files and states of containers in a real VS Code, pressed with the mouse.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

describe("views of the engine", function () {
  this.timeout(180_000);
  this.bail(true);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let failed = false;

  before(async () => {
    registry = await startRegistry();
    await pushBaseImages(registry);
    folder = path.join(privateFolder(undefined, "views"), "app");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "Dockerfile"), "FROM busybox\n");
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "terminal.integrated.gpuAcceleration": "off",
        "files.autoSave": "off",
      },
      size: { width: 1440, height: 1100 },
    });
    user = person(editor);
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await row(/^busybox:latest/).waitFor({ timeout: 60_000 });
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (failed) await editor.screenshot("views-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const engine = (): Promise<Connection> => connect(path.join(editor.home, "run/drydock/engine.sock"));
  const row = (text: RegExp | string) =>
    editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const menu = (text: RegExp, entry: string) => user.menu(row(text), entry);
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
    await editor.screenshot("views-1-containers");
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
    await row(/^lone/).click();
    await editor.page.keyboard.press("ArrowRight");
    await row(/^Files/).waitFor();
    await row(/^Files/).click();
    await editor.page.keyboard.press("ArrowRight");
    await row(/^etc/).click();
    await row(/^motd/).click();
    await editor.page.locator('.tab.active[data-resource-name="motd"]').waitFor();
    await editor.page.locator(".view-line", { hasText: "before" }).waitFor();
    await editor.screenshot("views-2-files");
    await editor.page.locator(".view-line", { hasText: "before" }).click();
    await editor.page.keyboard.press("Home");
    await editor.page.keyboard.type("saved ");
    await editor.page.locator(".tab.active.dirty").waitFor();
    await editor.page.keyboard.press("Control+s");
    await editor.page.locator(".tab.active:not(.dirty)").waitFor();
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
    assert.equal(await row(/shop-web/).count(), 0);
    await editor.page.locator('.pane-header .action-label[aria-label^="Clear Filter"]').first().click();
    await row(/^shop/).waitFor();
  });

  it("makes a volume and shows who uses it", async () => {
    await editor.command("Drydock: Create Volume…");
    await user.answer("Create Volume", "data");
    await run("with-volume", { HostConfig: { Binds: ["data:/data"] } });
    await editor.command("Drydock: Focus on Volumes View");
    await row(/^data.*used by with-volume/).waitFor();
    await editor.screenshot("views-3-volumes");
  });

  it("makes a network, and containers join it", async () => {
    await editor.command("Drydock: Create Network…");
    await user.answer("Create Network", "backend");
    await editor.command("Drydock: Focus on Networks View");
    await row(/^backend/).waitFor();
    await (await engine()).docker.getNetwork("backend").connect({ Container: "lone" });
    await row(/^backend.*one container/).waitFor();
    await editor.screenshot("views-4-networks");
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
    await row(/^lone/).click();
    await row(/^with-volume/).click({ modifiers: ["Control"] });
    await menu(/^with-volume/, "Remove Container");
    const dialog = editor.page.locator(".monaco-dialog-box");
    await dialog.filter({ hasText: "Remove 2 containers, 2 of them running?" }).waitFor();
    await editor.screenshot("views-5-remove");
    await dialog.locator(".monaco-button", { hasText: "Remove" }).first().click();
    await row(/^lone/).waitFor({ state: "detached" });
    assert.equal((await (await engine()).docker.listContainers({ all: true })).length, 1);
  });
});
