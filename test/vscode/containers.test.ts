// Containers and images by hand: what the story does not press.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Connection } from "../../client/engines/connection.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { eventually, type Person } from "../support/person.ts";
import type { Editor } from "../support/vscode.ts";

describe("containers and images in the editor", function () {
  this.timeout(180_000);
  this.bail(true);
  const suite = editorSuite({ name: "containers" });
  let editor: Editor;
  let user: Person;
  let engine: Connection;

  before(() => {
    ({ editor, user } = suite);
  });

  const names = async () => (await engine.docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const terminalIsGone = () =>
    editor.page.locator(".terminal-wrapper.active .xterm-rows").waitFor({ state: "detached" });

  it("says what to do when there is no Dockerfile", async () => {
    await editor.command("Drydock: Build Image…");
    await user.notification(/no Dockerfile in this workspace.*Create a file named Dockerfile/).waitFor();
    await editor.command("Notifications: Clear All Notifications");
  });

  it("pulls an image", async () => {
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await user.row(/^busybox:latest/).waitFor();
    engine = await suite.engine();
  });

  it("says so when an image does not exist", async () => {
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busibox");
    await user.notification(/no such image: busibox/).waitFor();
    await suite.screenshot("1-no-such-image");
    await editor.command("Notifications: Clear All Notifications");
  });

  it("runs an image interactively, and leaves nothing behind", async () => {
    await user.pick("Drydock: Run Interactive", "busybox:latest");
    await user.terminal("/ #").waitFor();
    await user.typeInTerminal("echo sum=$((20+22)); stty size");
    await user.terminal("sum=42").waitFor();
    await user.terminal(/\b[1-9]\d* [1-9]\d+\b/).waitFor();
    await suite.screenshot("2-interactive");
    await user.typeInTerminal("exit");
    await terminalIsGone();
    await eventually(async () => assert.deepEqual(await names(), []));
  });

  it("opens a shell in a running container, and restarts it", async () => {
    const made = await engine.docker.createContainer({
      name: "sleeper",
      Image: "busybox",
      Cmd: ["sleep", "1000"],
      StopSignal: "KILL",
    });
    await made.start();
    await user.row(/^sleeper, running/).waitFor();
    await user.pick("Drydock: Open Shell", "sleeper");
    await user.terminal("/ #").waitFor();
    await user.typeInTerminal("hostname; echo me=$$");
    await user.terminal(made.id.slice(0, 12)).waitFor();
    await user.typeInTerminal("exit");
    // One that closes takes the focus, and with it the list to choose from.
    await terminalIsGone();
    const { State: before } = await made.inspect();
    await user.pick("Drydock: Restart", "sleeper");
    await eventually(async () => {
      const { State: state } = await made.inspect();
      assert.ok(state.Running && state.StartedAt !== before.StartedAt);
    });
    await user.row(/^sleeper, running/).waitFor();
  });

  it("names the port that is in use, and offers to choose another", async () => {
    const taken = createServer().listen(0);
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      await user.pick("Drydock: Run…", "busybox:latest");
      await user.answer("Ports", `${port}:80`);
      await user.answer("Container Name", "web");
      await user.notification(new RegExp(`${port}`)).waitFor();
      await suite.screenshot("3-port-in-use");
      await editor.page.getByRole("button", { name: "Choose Other Ports" }).waitFor();
      await eventually(async () => assert.deepEqual(await names(), ["/sleeper"]));
      await editor.command("Notifications: Clear All Notifications");
    } finally {
      taken.close();
    }
  });

  it("explains that a stopped container still needs its image, and removes both", async () => {
    await user.pick("Drydock: Stop", "sleeper");
    await user.row(/^sleeper, exited/).waitFor();
    await user.pick("Drydock: Remove Image…", "busybox:latest");
    await user.press("Remove");
    await editor.page.locator(".monaco-dialog-box").filter({ hasText: "used by sleeper" }).waitFor();
    await suite.screenshot("4-image-in-use");
    await user.press("Remove All");
    await user.row(/^sleeper,/).waitFor({ state: "detached" });
    await user.row(/^busybox:latest/).waitFor({ state: "detached" });
  });

  it("finds its engine again after it was killed", async () => {
    const { pid } = await engine.status();
    process.kill(pid, "SIGKILL");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await user.row(/^busybox:latest/).waitFor();
  });
});
