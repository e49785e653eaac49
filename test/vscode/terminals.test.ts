// Terminals of containers in a real VS Code: a chosen shell, and places in logs that lead to files.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { type Person, person, untilShown } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

const stack = "Error: no such order\\n    at find (/srv/app/src/orders.js:3:9)\\n";

describe("terminals of containers", function () {
  this.timeout(120_000);
  this.bail(true);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let engine: Connection;

  before(async () => {
    registry = await startRegistry();
    await pushBaseImages(registry);
    folder = privateFolder(undefined, "terminals");
    mkdirSync(path.join(folder, "src"));
    writeFileSync(
      path.join(folder, "src/orders.js"),
      "// orders\n\nfunction find() { throw new Error('no such order'); }\n",
    );
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "terminal.integrated.gpuAcceleration": "off",
        "terminal.integrated.confirmOnKill": "never",
      },
    });
    editor.page.setDefaultTimeout(40_000);
    user = person(editor);
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    await user.row(/^busybox:latest/).waitFor();
    engine = await connect(path.join(editor.home, "run/drydock/engine.sock"));
    const made = await engine.docker.createContainer({
      name: "orders",
      Image: "busybox",
      User: "1000",
      Cmd: ["sh", "-c", `printf '${stack}'; exec sleep 1000`],
      StopSignal: "KILL",
    });
    await made.start();
    await user.row(/^orders, running/).waitFor();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("terminals-failure");
    console.log(Object.entries(editor.logs()).filter(([file]) => file.endsWith("Drydock.log")));
  });
  after(async () => {
    await engine?.docker.getContainer("orders").remove({ force: true });
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("open a shell as another user, of those that the container has, and remember it", async () => {
    await editor.command("Drydock: Open Shell with Options…");
    await user.choose("orders");
    const rows = editor.page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: "the best there is" }).waitFor();
    await editor.screenshot("terminals-1-shells");
    await user.choose(/^ash$/);
    await user.choose("root");
    await user.terminal("/ #").waitFor();
    await editor.page.keyboard.type("echo $0 is $(id -u)\n");
    await user.terminal("ash is 0").waitFor();
    await editor.page.keyboard.type("exit\n");
    await editor.command("Drydock: Open Shell");
    await user.choose("orders");
    await user.terminal("/ #").waitFor();
    await editor.page.keyboard.type("echo still $(id -u)\n");
    await user.terminal("still 0").waitFor();
    await editor.screenshot("terminals-2-shell");
    await editor.page.keyboard.type("exit\n");
  });

  it("lead from a place in a log to the file of the workspace", async () => {
    await editor.command("Drydock: View Logs");
    await user.choose("orders");
    const line = editor.page.locator(".terminal-wrapper.active .xterm-rows > div").filter({ hasText: "orders.js:3:9" });
    await line.waitFor();
    const found = editor.page.locator('.tab.active[data-resource-name="orders.js"]');
    await untilShown(found, async () => {
      const place = await line.evaluate((row) => {
        const range = document.createRange();
        const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = node.textContent?.indexOf("orders.js") ?? -1;
          if (at < 0) continue;
          range.setStart(node, at);
          range.setEnd(node, at + 9);
          const { x, y, width, height } = range.getBoundingClientRect();
          return { x: x + width / 2, y: y + height / 2 };
        }
        return { x: 0, y: 0 };
      });
      await editor.page.mouse.move(place.x - 5, place.y);
      await editor.page.keyboard.down("Control");
      await editor.page.mouse.move(place.x, place.y);
      await editor.page.waitForTimeout(500);
      await editor.page.mouse.click(place.x, place.y);
      await editor.page.keyboard.up("Control");
    });
    await editor.page.locator(".statusbar-item", { hasText: "Ln 3, Col 9" }).waitFor();
  });
});
