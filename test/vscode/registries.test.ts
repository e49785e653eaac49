// Registries in a real VS Code: a private one from login to logout, and Docker Hub without a network.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { busyboxImage } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

const login = { username: "ann", password: "correct-horse-7" };

describe("registries in the editor", function () {
  this.timeout(120_000);
  this.bail(true);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let failed = false;
  /** The proxy on the way to Docker Hub ends every connection. */
  let asked = 0;
  const proxy = createServer((socket) => {
    asked++;
    socket.destroy();
  });

  before(async () => {
    registry = await startRegistry({ login });
    await registry.push("team/shop:1.0", await busyboxImage());
    await registry.push("team/shop:1.1", await busyboxImage());
    folder = privateFolder(undefined, "registries");
    const port = await new Promise<number>((resolve) => {
      proxy.listen(0, "127.0.0.1", () => resolve((proxy.address() as AddressInfo).port));
    });
    editor = await openEditor({
      folder,
      env: { HTTPS_PROXY: `http://127.0.0.1:${port}` },
      size: { width: 1440, height: 1300 },
    });
    editor.page.setDefaultTimeout(40_000);
    user = person(editor);
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (failed) await editor.screenshot("registries-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => file.endsWith("Drydock.log")));
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const row = (text: string | RegExp) =>
    editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const dockerConfig = () => path.join(editor.home, ".docker/config.json");
  const logins = () => (existsSync(dockerConfig()) ? readFileSync(dockerConfig(), "utf8") : "");

  it("says why Docker Hub cannot be read, and asks again", async () => {
    await editor.command("Drydock: Focus on Registries View");
    // Room for the rows.
    for (const view of ["Containers", "Images"]) await editor.page.locator(".pane-header", { hasText: view }).click();
    await row("Docker Hub").click();
    await row(/^library/).click();
    await row(/^no connection.*hub\.docker\.com/).waitFor();
    await editor.screenshot("registries-1-offline");
    const before = asked;
    await row("Try Again").click();
    while (asked === before) await editor.page.waitForTimeout(50);
    await row(/^no connection.*hub\.docker\.com/).waitFor();
  });

  it("refuses a wrong password, and keeps nothing", async () => {
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/User Name/, login.username);
    await user.answer(/Password/, "wrong");
    await user.notification(new RegExp(`${registry.host}`)).waitFor();
    await editor.screenshot("registries-2-refused");
    assert.doesNotMatch(logins(), new RegExp(registry.host));
    assert.equal(await row(registry.host).count(), 0);
    await editor.command("Notifications: Clear All Notifications");
  });

  it("logs in, browses and pulls", async () => {
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/User Name/, login.username);
    const password = editor.page.locator(".quick-input-widget input[type=password]");
    await password.waitFor();
    await user.answer(/Password/, login.password);
    await row(registry.host).click();
    await row(/^team\/shop/).click();
    await row(/^1\.1/).waitFor();
    await editor.screenshot("registries-3-tags");
    await row(/^1\.0/).hover();
    await row(/^1\.0/).getByRole("button", { name: "Pull" }).click();
    await editor.command("Drydock: Focus on Images View");
    await user.row(new RegExp(`^${registry.host}/team/shop:1\\.0`)).waitFor();
    for (const [file, text] of Object.entries(editor.logs())) assert.ok(!text.includes(login.password), file);
  });

  it("logs out when the registry is disconnected", async () => {
    assert.match(logins(), new RegExp(registry.host));
    await editor.command("Drydock: Focus on Registries View");
    const connected = row(new RegExp(`^${registry.host}$`));
    await user.menu(connected, "Disconnect");
    await user.choose("Log out as well");
    await connected.waitFor({ state: "detached" });
    assert.doesNotMatch(logins(), new RegExp(registry.host));
    // Without a login nothing is shown any more.
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/User Name/, "");
    await user.notification(/login|log in/i).waitFor();
    await editor.screenshot("registries-4-logged-out");
  });
});
