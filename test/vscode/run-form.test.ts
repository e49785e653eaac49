// The run form, live use of containers, registries: with a mouse and keys in a real VS Code.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { freePort, type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

describe("running a container from the form", function () {
  this.timeout(180_000);
  this.bail(true);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;
  let engine: Connection;

  before(async () => {
    registry = await startRegistry();
    await pushBaseImages(registry);
    folder = privateFolder(undefined, "run-form");
    writeFileSync(path.join(folder, ".env"), "FROM_FILE=yes\n");
    const task = { type: "drydock", task: "run", image: "busybox", containerName: "by-task", label: "run it" };
    const command = ["sh", "-c", "trap 'exit 3' TERM; echo hello from $HOSTNAME; while :; do sleep 0.1; done"];
    mkdirSync(path.join(folder, ".vscode"));
    writeFileSync(
      path.join(folder, ".vscode/tasks.json"),
      JSON.stringify({ version: "2.0.0", tasks: [{ ...task, command }] }),
    );
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "terminal.integrated.gpuAcceleration": "off",
        "terminal.integrated.confirmOnKill": "never",
      },
    });
    editor.page.setDefaultTimeout(60_000);
    user = person(editor);
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    await user.row(/^busybox:latest/).waitFor();
    engine = await connect(path.join(editor.home, "run/drydock/engine.sock"));
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await editor.screenshot("run-form-failure");
      console.log(Object.entries(editor.logs()).filter(([file]) => file.endsWith("Drydock.log")));
    }
  });

  after(async () => {
    for (const { Id } of (await engine?.docker.listContainers({ all: true })) ?? []) {
      await engine.docker.getContainer(Id).remove({ force: true });
    }
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const page = () =>
    editor.page.locator("iframe.webview.ready").last().contentFrame().locator("iframe#active-frame").contentFrame();
  const labelled = (label: string) => page().getByLabel(label, { exact: true });

  it("shows the docker command while it is filled, and says what is wrong where it is", async () => {
    await editor.command("Drydock: Run with Options…");
    await user.choose("busybox:latest");
    await labelled("Command").fill("sleep 1000");
    await labelled("Name of the container").fill("a b");
    await page().getByText("Letters, digits, - _ and . only, at least two.").waitFor();
    await labelled("Name of the container").fill("sleeper");
    await page().getByRole("button", { name: "Add a variable" }).click();
    await labelled("Name of the variable").fill("MODE");
    await labelled("Value of the variable").fill("a b");
    await labelled("File with variables").fill(".env");
    await page()
      .locator("#preview", {
        hasText: "docker run -d --name sleeper --env-file .env -e 'MODE=a b' busybox:latest sleep 1000",
      })
      .waitFor();
    assert.equal(await page().locator(".problem:visible").count(), 0);
    await editor.screenshot("run-form-1-filled");
  });

  it("names a port that is in use, and takes the next one by its button", async () => {
    const free = await freePort();
    const blocker = createServer().listen(free);
    try {
      await page().getByRole("button", { name: "Add a port" }).click();
      await labelled("Port of this machine").fill(String(free));
      await labelled("Port of the container").fill("80");
      await page().getByRole("button", { name: "Run", exact: true }).click();
      await page().getByText(`Port ${free} of this machine is in use.`).waitFor();
      await editor.screenshot("run-form-2-port-in-use");
      await page()
        .getByRole("button", { name: /^Use \d+$/ })
        .click();
      assert.notEqual(await labelled("Port of this machine").inputValue(), String(free));
    } finally {
      blocker.close();
    }
  });

  it("runs what the form says", async () => {
    const port = await labelled("Port of this machine").inputValue();
    await page().getByRole("button", { name: "Run", exact: true }).click();
    await user.row(/^sleeper, running/).waitFor();
    await user.notification(/sleeper is running/).waitFor();
    const { Config, HostConfig } = await engine.docker.getContainer("sleeper").inspect();
    assert.deepEqual(Config.Cmd, ["sleep", "1000"]);
    assert.ok(Config.Env.includes("MODE=a b") && Config.Env.includes("FROM_FILE=yes"));
    assert.deepEqual(
      HostConfig.PortBindings["80/tcp"].map(({ HostPort }: { HostPort: string }) => HostPort),
      [port],
    );
    await editor.command("Notifications: Clear All Notifications");
  });

  it("shows what it uses in its row, a moment later and only while the view can be seen", async () => {
    const row = editor.page
      .locator(".monaco-list-row")
      .filter({ hasText: /sleeper.*→80\s·\sbusybox:latest\s·\s\d+(\.\d)?%\s·\s[\d.]+\s[kM]?B/ });
    await row.waitFor();
    await editor.screenshot("run-form-3-usage");
  });

  it("remembers what was chosen for the image, with another name and port", async () => {
    await editor.command("Drydock: Run with Options…");
    await user.choose("busybox:latest");
    await page().locator("#preview", { hasText: "busybox:latest sleep 1000" }).waitFor();
    assert.equal(await labelled("Name of the container").inputValue(), "busybox");
    await labelled("Command").fill("sh");
    await page().getByRole("button", { name: "Run Interactive" }).click();
    await user.terminal("/ #").waitFor();
    await editor.page.keyboard.type("echo mode=$MODE; exit\n");
    await user.row(/^busybox, exited with 0/).waitFor();
  });

  it("shows logs as a document with a filter, and in a terminal with times", async () => {
    const made = await engine.docker.createContainer({
      name: "talker",
      Image: "busybox",
      Cmd: ["sh", "-c", "echo GET /a 200; printf '\\033[31mPOST /b 500\\033[0m\\n'; exec sleep 1000"],
      StopSignal: "KILL",
    });
    await made.start();
    await user.row(/^talker, running/).waitFor();
    await editor.command("Drydock: Open Logs in Editor");
    await user.choose("talker");
    const line = (text: RegExp) => editor.page.locator(".view-line").filter({ hasText: text });
    await line(/^GET\s\/a\s200$/).waitFor();
    await editor.page.getByRole("button", { name: "Filter Log…" }).click();
    const words = editor.page.getByPlaceholder(/Words to look for/);
    await words.fill("post");
    await words.press("Enter");
    await line(/GET/).waitFor({ state: "detached" });
    await line(/^POST\s\/b\s500$/).waitFor();
    await editor.screenshot("run-form-5-log-document");
    await editor.command("Drydock: View Logs");
    await user.choose("talker");
    await user.terminal(/POST \/b 500/).waitFor();
    await editor.command("Drydock: Log Options…");
    await user.choose("Show times");
    await user.terminal(/\d{4}-\d\d-\d\dT[\d:.]+Z\s.*GET/).waitFor();
    await editor.screenshot("run-form-6-log-times");
    await made.remove({ force: true });
  });

  it("runs a task in the task's terminal, and ends the container with it", async () => {
    await editor.command("Tasks: Run Task");
    await user.choose("run it");
    await user.terminal("hello from").waitFor();
    await user.row(/^by-task, running/).waitFor();
    await editor.screenshot("run-form-4-task");
    await editor.command("Tasks: Terminate Task");
    await user.choose("run it");
    await user.row(/^by-task/).waitFor({ state: "detached" });
  });

  it("connects a registry, browses it and pulls from it", async () => {
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", registry.host);
    await user.answer(/Log in to/, "");
    await editor.command("Drydock: Focus on Registries View");
    const row = (text: string | RegExp) => editor.page.locator(".monaco-list-row").filter({ hasText: text });
    /** A tree that is drawn anew between looking and clicking takes the click for nothing, or for another row. */
    const open = async (parent: string | RegExp, child: RegExp) => {
      for (let tries = 0; tries < 10 && !(await row(child).isVisible()); tries++) {
        if ((await row(parent).getAttribute("aria-expanded")) === "false") await row(parent).click();
        await row(child)
          .waitFor({ timeout: 3000 })
          .catch(() => undefined);
      }
    };
    await open(registry.host, /^library\/busybox/);
    await open(/^library\/busybox/, /^latest/);
    await editor.screenshot("run-form-7-registry");
    await row(/^latest/).hover();
    await row(/^latest/)
      .getByRole("button", { name: "Pull" })
      .click();
    await user.row(new RegExp(`^${registry.host}/library/busybox:latest`)).waitFor();
  });
});

describe("the run form in other looks", function () {
  this.timeout(180_000);

  for (const [name, theme, locale] of [
    ["dark, in Korean", "Default Dark Modern", "ko"],
    ["high contrast", "Default High Contrast", undefined],
  ] as const) {
    it(`can be read: ${name}`, async () => {
      const registry = await startRegistry();
      const image = `${registry.host}/library/busybox`;
      const folder = privateFolder(undefined, "run-form-looks");
      await pushBaseImages(registry);
      const editor = await openEditor({
        folder,
        settings: { "workbench.colorTheme": theme },
        ...(locale ? { locale } : {}),
      });
      try {
        editor.page.setDefaultTimeout(60_000);
        await editor.command(locale ? "Drydock: 이미지 받기…" : "Drydock: Pull Image…");
        await person(editor).answer(locale ? "이미지 받기" : "Pull Image", image);
        await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
        await person(editor)
          .row(new RegExp(`^${image}:latest`))
          .waitFor();
        await editor.command(locale ? "Drydock: 옵션을 지정해 실행…" : "Drydock: Run with Options…");
        await person(editor).choose(`${image}:latest`);
        const page = editor.page
          .locator("iframe.webview.ready")
          .last()
          .contentFrame()
          .locator("iframe#active-frame")
          .contentFrame();
        await page.getByRole("button", { name: locale ? "포트 추가" : "Add a port" }).click();
        await page.getByLabel(locale ? "이 컴퓨터의 포트" : "Port of this machine", { exact: true }).fill("x");
        await page.locator("summary").click();
        await page.locator(".problem:visible").first().waitFor();
        await editor.screenshot(`run-form-look-${locale ?? "contrast"}`);
      } catch (error) {
        await editor.screenshot("run-form-look-failure");
        console.log(Object.entries(editor.logs()).filter(([file]) => file.endsWith("Drydock.log")));
        throw error;
      } finally {
        await untilGone(editor.home);
        await editor.close();
        await registry.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
