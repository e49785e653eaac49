// The run form, live use of containers, registries: with a mouse and keys in a real VS Code.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Connection } from "../../client/engines/connection.ts";
import { editorSuite } from "../support/editor-suite.ts";
import { freePort } from "../support/free-port.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import type { Editor } from "../support/vscode.ts";

const task = {
  type: "drydock",
  task: "run",
  image: "busybox",
  containerName: "by-task",
  label: "run it",
  command: ["sh", "-c", "trap 'exit 3' TERM; echo hello from $HOSTNAME; while :; do sleep 0.1; done"],
};

/** The form in the tab that was opened last. What is typed before it is filled would be overwritten. */
const formOf = ({ page }: Editor) =>
  page.locator("iframe.webview.ready").last().contentFrame().locator("iframe#active-frame").contentFrame();

describe("running a container from the form", function () {
  this.timeout(180_000);
  this.bail(true);
  const suite = editorSuite({
    name: "run-form",
    files: {
      ".env": "FROM_FILE=yes\n",
      ".vscode/tasks.json": JSON.stringify({ version: "2.0.0", tasks: [task] }),
    },
  });
  let editor: Editor;
  let user: Person;
  let engine: Connection;

  before(async () => {
    ({ editor, user } = suite);
    await editor.command("View: Show Drydock");
    await editor.command("Drydock: Pull Image…");
    await user.answer("Pull Image", "busybox");
    await user.row(/^busybox:latest/).waitFor();
    engine = await suite.engine();
  });

  const page = () => formOf(editor);
  const preview = (command: RegExp | string) => page().locator("#preview", { hasText: command });
  const labelled = (label: string) => page().getByLabel(label, { exact: true });

  it("shows the docker command while it is filled, and says what is wrong where it is", async () => {
    await user.pick("Drydock: Run with Options…", "busybox:latest");
    await preview("busybox:latest").waitFor();
    await labelled("Command").fill("sleep 1000");
    await labelled("Name of the container").fill("a b");
    await page().getByText("Letters, digits, - _ and . only, at least two.").waitFor();
    await labelled("Name of the container").fill("sleeper");
    await page().getByRole("button", { name: "Add a variable" }).click();
    await labelled("Name of the variable").fill("MODE");
    await labelled("Value of the variable").fill("a b");
    await labelled("File with variables").fill(".env");
    await preview("docker run -d --name sleeper --env-file .env -e 'MODE=a b' busybox:latest sleep 1000").waitFor();
    await page().locator(".problem:visible").first().waitFor({ state: "detached" });
    await suite.screenshot("1-filled");
  });

  it("names a port that is in use, and takes the next one by its button", async () => {
    // One whose neighbours stay free, too.
    const free = await freePort();
    const blocker = createServer().listen(free);
    await once(blocker, "listening");
    try {
      await page().getByRole("button", { name: "Add a port" }).click();
      await labelled("Port of this machine").fill(String(free));
      await labelled("Port of the container").fill("80");
      await page().getByRole("button", { name: "Run", exact: true }).click();
      await page().getByText(`Port ${free} of this machine is in use.`).waitFor();
      await suite.screenshot("2-port-in-use");
      await page()
        .getByRole("button", { name: /^Use \d+$/ })
        .click();
      await eventually(async () => assert.notEqual(await labelled("Port of this machine").inputValue(), String(free)));
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
    await suite.screenshot("3-usage");
  });

  it("remembers what was chosen for the image, with another name and port", async () => {
    await user.pick("Drydock: Run with Options…", "busybox:latest");
    await preview(/--name busybox .*busybox:latest sleep 1000/).waitFor();
    assert.equal(await labelled("Name of the container").inputValue(), "busybox");
    await labelled("Command").fill("sh");
    await page().getByRole("button", { name: "Run Interactive" }).click();
    await user.terminal("/ #").waitFor();
    await user.typeInTerminal("echo mode=$MODE; exit");
    await user.row(/^busybox, exited with 0/).waitFor();
    // One that closes takes the focus, and with it what asks next.
    await editor.page.locator(".terminal-wrapper.active .xterm-rows").waitFor({ state: "detached" });
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
    await user.pick("Drydock: Open Logs in Editor", "talker");
    const line = (text: RegExp) => editor.page.locator(".view-line").filter({ hasText: text });
    await line(/^GET\s\/a\s200$/).waitFor();
    await editor.page.getByRole("button", { name: "Filter Log…" }).click();
    const words = editor.page.getByPlaceholder(/Words to look for/);
    await words.fill("post");
    await words.press("Enter");
    await line(/GET/).waitFor({ state: "detached" });
    await line(/^POST\s\/b\s500$/).waitFor();
    await suite.screenshot("5-log-document");
    await user.pick("Drydock: View Logs", "talker");
    await user.terminal(/POST \/b 500/).waitFor();
    await user.pick("Drydock: Log Options…", "Show times");
    await user.terminal(/\d{4}-\d\d-\d\dT[\d:.]+Z\s.*GET/).waitFor();
    await suite.screenshot("6-log-times");
    await made.remove({ force: true });
  });

  it("runs a task in the task's terminal, and ends the container with it", async () => {
    await user.pick("Tasks: Run Task", "run it");
    await user.terminal("hello from").waitFor();
    await user.row(/^by-task, running/).waitFor();
    await suite.screenshot("4-task");
    await user.pick("Tasks: Terminate Task", "run it");
    await user.row(/^by-task/).waitFor({ state: "detached" });
  });

  it("connects a registry, browses it and pulls from it", async () => {
    await editor.command("Drydock: Connect Registry…");
    await user.answer("Connect Registry", suite.registry.host);
    await user.answer(/Log in to/, "");
    await editor.command("Drydock: Focus on Registries View");
    const { row } = suite;
    await user.unfold(row(suite.registry.host), row(/^library\/busybox/));
    await user.unfold(row(/^library\/busybox/), row(/^latest/));
    await suite.screenshot("7-registry");
    const pull = row(/^latest/).getByRole("button", { name: "Pull" });
    await untilShown(pull, () => row(/^latest/).hover());
    await pull.click();
    await user.row(new RegExp(`^${suite.registry.host}/library/busybox:latest`)).waitFor();
  });
});

describe("the run form in other looks", function () {
  this.timeout(180_000);
  const suite = editorSuite({ name: "run-form-look", perTest: true });

  for (const [name, theme, locale] of [
    ["dark, in Korean", "Default Dark Modern", "ko"],
    ["high contrast", "Default High Contrast", undefined],
  ] as const) {
    it(`can be read: ${name}`, async () => {
      await suite.open({ window: { settings: { "workbench.colorTheme": theme }, ...(locale ? { locale } : {}) } });
      const { editor, user } = suite;
      await editor.command("View: Show Drydock");
      await editor.command(locale ? "Drydock: 이미지 받기…" : "Drydock: Pull Image…");
      await user.answer(locale ? "이미지 받기" : "Pull Image", "busybox");
      await user.row(/^busybox:latest/).waitFor();
      await user.pick(locale ? "Drydock: 옵션을 지정해 실행…" : "Drydock: Run with Options…", "busybox:latest");
      const page = formOf(editor);
      await page.locator("#preview", { hasText: "busybox:latest" }).waitFor();
      await page.getByRole("button", { name: locale ? "포트 추가" : "Add a port" }).click();
      await page.getByLabel(locale ? "이 컴퓨터의 포트" : "Port of this machine", { exact: true }).fill("x");
      await page.locator("summary").click();
      await page.locator(".problem:visible").first().waitFor();
      await suite.screenshot(locale ?? "contrast");
    });
  }
});
