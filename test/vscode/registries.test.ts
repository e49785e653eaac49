// Registries in a real VS Code: a private one from login to logout, and Docker Hub without a network.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { busyboxImage } from "../support/base-images.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import type { Editor } from "../support/vscode.ts";

const login = { username: "ann", password: "correct-horse-7" };

describe("registries in the editor", function () {
  this.timeout(180_000);
  this.bail(true);
  let registry: TestRegistry;
  let editor: Editor;
  let user: Person;
  /** The proxy on the way to Docker Hub ends every connection. */
  let asked = 0;
  const proxy = createServer((socket) => {
    asked++;
    socket.destroy();
  });

  const suite = editorSuite({
    name: "registries",
    // Docker Hub itself is asked.
    window: { size: { width: 1440, height: 1300 }, settings: { "drydock.registryMirrors": [] } },
    startRegistry: async () => {
      const own = await startRegistry({ login });
      for (const tag of ["1.0", "1.1"]) await own.push(`team/shop:${tag}`, await busyboxImage());
      return own;
    },
    prepare: async () => {
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      return { env: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } };
    },
  });
  const { row } = suite;
  before(() => {
    ({ editor, registry, user } = suite);
  });
  after(() => {
    proxy.close();
  });

  const dockerConfig = () => path.join(editor.home, ".docker/config.json");
  const logins = () => (existsSync(dockerConfig()) ? readFileSync(dockerConfig(), "utf8") : "");

  it("says why Docker Hub cannot be read, and asks again", async () => {
    await editor.command("Drydock: Focus on Registries View");
    // Room for the rows.
    for (const view of ["Containers", "Images"]) await editor.page.locator(".pane-header", { hasText: view }).click();
    await user.unfold(row("Docker Hub"), row(/^library/));
    await user.unfold(row(/^library/), row(/^no connection.*hub\.docker\.com/));
    await suite.screenshot("1-offline");
    const before = asked;
    await row("Try Again").click();
    await eventually(() => assert.notEqual(asked, before));
    await row(/^no connection.*hub\.docker\.com/).waitFor();
  });

  it("refuses a wrong password, and keeps nothing", async () => {
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/User Name/, login.username);
    await user.answer(/Password/, "wrong");
    await user.notification(new RegExp(`${registry.host}`)).waitFor();
    await suite.screenshot("2-refused");
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
    await user.unfold(row(registry.host), row(/^team\/shop/));
    await user.unfold(row(/^team\/shop/), row(/^1\.1/));
    await suite.screenshot("3-tags");
    const pull = row(/^1\.0/).getByRole("button", { name: "Pull" });
    await untilShown(pull, () => row(/^1\.0/).hover());
    await pull.click();
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
    await eventually(() => assert.doesNotMatch(logins(), new RegExp(registry.host)));
    // Without a login nothing is shown any more.
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/User Name/, "");
    await user.notification(/login|log in/i).waitFor();
    await suite.screenshot("4-logged-out");
  });
});
