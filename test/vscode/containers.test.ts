// Containers and images by hand: what the story does not press.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

describe("containers and images in the editor", function () {
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
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-containers-"));
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "terminal.integrated.gpuAcceleration": "off",
        "terminal.integrated.confirmOnKill": "never",
      },
    });
    user = person(editor);
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await editor.screenshot("containers-failure");
  });

  after(async () => {
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says what to do when there is no Dockerfile", async () => {
    await editor.command("Drydock: Build Image…");
    await user.notification(/no Dockerfile in this workspace.*Create a file named Dockerfile/).waitFor();
    await editor.command("Notifications: Clear All Notifications");
  });

  it("pulls an image", async () => {
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    await user.row(/^busybox:latest/).waitFor();
    engine = await connect(path.join(editor.home, "run/drydock/engine.sock"));
  });

  it("says so when an image does not exist", async () => {
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busibox");
    await user.notification(/busibox/).waitFor();
    await editor.screenshot("containers-1-no-such-image");
    await editor.command("Notifications: Clear All Notifications");
  });

  it("runs an image interactively, and leaves nothing behind", async () => {
    await editor.command("Drydock: Run Interactive");
    await user.choose("busybox:latest");
    await user.terminal("/ #").waitFor();
    await editor.page.keyboard.type("echo sum=$((20+22)); stty size\n");
    await user.terminal("sum=42").waitFor();
    await user.terminal(/\b[1-9]\d* [1-9]\d+\b/).waitFor();
    await editor.screenshot("containers-2-interactive");
    await editor.page.keyboard.type("exit\n");
    await user.row(/^busybox/).waitFor();
    await editor.page.locator(".terminal-wrapper.active .xterm-rows").waitFor({ state: "detached" });
    assert.deepEqual(await engine.docker.listContainers({ all: true }), []);
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
    await editor.command("Drydock: Open Shell");
    await user.choose("sleeper");
    await user.terminal("/ #").waitFor();
    await editor.page.keyboard.type("hostname; echo me=$$\n");
    await user.terminal(made.id.slice(0, 12)).waitFor();
    await editor.page.keyboard.type("exit\n");
    const { State: before } = await made.inspect();
    await editor.command("Drydock: Restart");
    await user.choose("sleeper");
    for (let state = before; state.StartedAt === before.StartedAt || !state.Running; ) {
      state = (await made.inspect()).State;
    }
    await user.row(/^sleeper, running/).waitFor();
  });

  it("names the port that is in use, and offers to choose another", async () => {
    const taken = createServer().listen(0);
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      await editor.command("Drydock: Run…");
      await user.choose("busybox:latest");
      await user.answer("Ports", `${port}:80`);
      await user.answer("Container Name", "web");
      await user.notification(new RegExp(`${port}`)).waitFor();
      await editor.screenshot("containers-3-port-in-use");
      await editor.page.getByRole("button", { name: "Choose Other Ports" }).waitFor();
      const names = (await engine.docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
      assert.deepEqual(names, ["/sleeper"]);
      await editor.command("Notifications: Clear All Notifications");
    } finally {
      taken.close();
    }
  });

  it("explains that a stopped container still needs its image, and removes both", async () => {
    await editor.command("Drydock: Stop");
    await user.choose("sleeper");
    await user.row(/^sleeper, exited/).waitFor();
    await editor.command("Drydock: Remove Image…");
    await user.choose("busybox:latest");
    await user.press("Remove");
    await editor.page.locator(".monaco-dialog-box").filter({ hasText: "used by sleeper" }).waitFor();
    await editor.screenshot("containers-4-image-in-use");
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
