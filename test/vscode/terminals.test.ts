// Terminals of containers in a real VS Code: a chosen shell, and places in logs that lead to files.
import { editorSuite } from "../support/editor-suite.ts";
import { type Person, untilShown } from "../support/person.ts";
import type { Editor } from "../support/vscode.ts";

const stack = "Error: no such order\\n    at find (/srv/app/src/orders.js:3:9)\\n";

describe("terminals of containers", function () {
  this.timeout(180_000);
  this.bail(true);
  const suite = editorSuite({
    name: "terminals",
    files: { "src/orders.js": "// orders\n\nfunction find() { throw new Error('no such order'); }\n" },
  });
  let editor: Editor;
  let user: Person;

  before(async () => {
    ({ editor, user } = suite);
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await user.row(/^busybox:latest/).waitFor();
    const engine = await suite.engine();
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
  it("open a shell as another user, of those that the container has, and remember it", async () => {
    await user.pick("Drydock: Open Shell with Options…", "orders");
    const rows = editor.page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: "the best there is" }).waitFor();
    await suite.screenshot("1-shells");
    await user.choose(/^ash$/);
    await user.choose("root");
    await user.terminal("/ #").waitFor();
    await user.typeInTerminal("echo $0 is $(id -u)");
    await user.terminal("ash is 0").waitFor();
    await user.typeInTerminal("exit");
    await editor.page.locator(".terminal-wrapper.active .xterm-rows").waitFor({ state: "detached" });
    await user.pick("Drydock: Open Shell", "orders");
    await user.terminal("/ #").waitFor();
    await user.typeInTerminal("echo still $(id -u)");
    await user.terminal("still 0").waitFor();
    await suite.screenshot("2-shell");
    await user.typeInTerminal("exit");
    await editor.page.locator(".terminal-wrapper.active .xterm-rows").waitFor({ state: "detached" });
  });

  it("lead from a place in a log to the file of the workspace", async () => {
    await user.pick("Drydock: View Logs", "orders");
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
