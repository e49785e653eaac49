// The build debugger as a person meets it in a real VS Code: the lens, breakpoints, what is shown at a stop, a command in the
// state of a step, a step that fails, and what is left when it is over.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { buildRecords, untilGone } from "../support/engine-lab.ts";
import { writeFiles } from "../support/files.ts";
import { type Person, person, untilShown } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, type EditorOptions, openEditor } from "../support/vscode.ts";

const text = `FROM busybox AS build
ARG MODE=fast
WORKDIR /out
RUN echo "made $MODE" > page.txt
RUN wc -c page.txt

FROM busybox
ENV PAGE=/page.txt
COPY --from=build /out/page.txt /page.txt
`;

const failing = `FROM busybox
WORKDIR /srv
RUN echo first > there
RUN echo looking; cat nowhere
`;

describe("the build debugger in the editor", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;

  before(async () => {
    registry = await startRegistry();
    await pushBaseImages(registry);
  });
  after(() => registry.stop());

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-debug-"));
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await editor.screenshot("debug-failure");
    await untilGone(editor.home);
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(dockerfile: string, options: Partial<EditorOptions> = {}): Promise<void> {
    writeFiles(folder, { Dockerfile: dockerfile });
    const settings = {
      "drydock.registryMirrors": [registry.url],
      "terminal.integrated.gpuAcceleration": "off",
      ...options.settings,
    };
    editor = await openEditor({ ...options, folder, settings });
    editor.page.setDefaultTimeout(60_000);
    user = person(editor);
    await editor.openFile("Dockerfile");
  }

  const lens = (title: string | RegExp) => editor.page.locator(".codelens-decoration a").filter({ hasText: title });
  const variable = (name: RegExp) =>
    editor.page.locator(".debug-variables .monaco-list-row").filter({ hasText: name }).first();
  const frame = (name: RegExp) =>
    editor.page.locator(".debug-call-stack .monaco-list-row").filter({ hasText: name }).first();
  const console = (words: RegExp) => editor.page.locator(".repl .monaco-list-row").filter({ hasText: words }).first();
  const isOver = () => editor.page.locator(".debug-toolbar").waitFor({ state: "hidden" });

  /** Sets a breakpoint with the key for it. */
  async function breakAt(line: number): Promise<void> {
    await editor.page.locator(".view-line").first().click();
    await editor.page.keyboard.press("Control+Home");
    for (let down = 1; down < line; down++) await editor.page.keyboard.press("ArrowDown");
    const point = editor.page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified");
    const before = await point.count();
    await untilShown(point.nth(before), () => editor.page.keyboard.press("F9"));
  }

  /** VS Code opens one by itself, now and then. */
  async function openScope(name: string): Promise<void> {
    const row = variable(new RegExp(`^${name}`));
    const isOpen = async () => (await row.getAttribute("aria-expanded")) === "true";
    for (let tries = 0; tries < 10 && !(await isOpen()); tries++) {
      await row.click();
      await editor.page.waitForTimeout(500);
    }
  }

  async function type(command: string): Promise<void> {
    const input = editor.page.locator(".repl-input-wrapper .monaco-editor").first();
    await input.click();
    await editor.page.keyboard.type(command);
    await editor.page.keyboard.press("Enter");
  }

  it("stops at a breakpoint, shows the state, runs commands in it, steps and goes on to the end", async () => {
    await open(text);
    await lens(/^Debug$/)
      .first()
      .waitFor();
    await breakAt(5);
    await breakAt(9);
    await lens(/^Debug$/)
      .last()
      .click();
    await frame(/build: RUN wc -c page\.txt/).waitFor({ timeout: 120_000 });
    await frame(/stage-1: COPY --from=build/).waitFor();
    await openScope("Build arguments");
    await variable(/MODE.*fast/).waitFor();
    await openScope("Environment");
    await variable(/PATH.*\/bin/).waitFor();
    await editor.command("Debug Console: Focus on Debug Console View");
    await type("cat page.txt; echo $MODE in $(pwd)");
    await console(/made fast/).waitFor();
    await console(/fast in \/out/).waitFor();
    await console(/Exit code 0/).waitFor();
    await editor.page
      .locator(".debug-toolbar")
      .getByRole("button", { name: /Show Files Here/ })
      .click();
    await user.row(/^out$|^out,/).click();
    await user.row(/^page\.txt/).waitFor();
    await editor.screenshot("debug-breakpoint");
    await editor.page
      .locator(".debug-toolbar")
      .getByRole("button", { name: /Insert Last Console Command/ })
      .click();
    await editor.page
      .locator(".view-line")
      .filter({ hasText: /RUN.cat.page\.txt;/ })
      .waitFor();
    await editor.page.keyboard.press("Control+Z");

    await editor.page.keyboard.press("F10");
    await frame(/stage-1: FROM busybox/).waitFor();
    await editor.page.keyboard.press("F5");
    await frame(/stage-1: COPY --from=build/).waitFor();
    await openScope("Environment");
    await variable(/PAGE.*\/page\.txt/).waitFor();
    await editor.page.keyboard.press("F5");
    await isOver();
    await console(/Built stage-1: [0-9a-f]{12}/).waitFor();
    await editor.screenshot("debug-ended");

    const { docker } = await connect(path.join(editor.home, "run/drydock/engine.sock"));
    // The image that came of it, and nothing else.
    assert.equal((await docker.listImages({ filters: { dangling: ["true"] } })).length, 1);
    assert.deepEqual(await docker.listContainers({ all: true }), []);
    assert.deepEqual(buildRecords(editor.home), []);
  });

  it("stays before a step that fails, with a shell and the files of that state, and leaves nothing when it is stopped", async () => {
    await open(failing);
    await lens(/^Debug$/).waitFor();
    await breakAt(2);
    await editor.page.keyboard.press("F5");
    await frame(/stage-0: WORKDIR \/srv/).waitFor({ timeout: 120_000 });
    await editor.page.keyboard.press("F5");
    await editor.page.locator(".exception-widget").filter({ hasText: "The step failed" }).waitFor();
    await editor.command("Debug Console: Focus on Debug Console View");
    await console(/nowhere/).waitFor();
    await editor.screenshot("debug-exception");

    await editor.page
      .locator(".debug-toolbar")
      .getByRole("button", { name: /Open Shell Here/ })
      .click();
    await user.terminal("/srv #").waitFor();
    await editor.page.locator(".terminal-wrapper.active").click();
    await editor.page.keyboard.type("echo it is the $(cat there)\n");
    await user.terminal(/it is the first/).waitFor();
    await editor.screenshot("debug-shell");

    // What is right now is kept; what was mended is tried.
    await editor.openFile("Dockerfile");
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.press("ArrowUp");
    await editor.page.keyboard.press("End");
    for (const _ of "nowhere") await editor.page.keyboard.press("Backspace");
    await editor.page.keyboard.type("there");
    await editor.page.keyboard.press("Control+S");
    await editor.page.keyboard.press("Control+Shift+F5");
    await frame(/stage-0: WORKDIR \/srv/).waitFor();
    await editor.page.keyboard.press("F5");
    await isOver();
    await editor.command("Debug Console: Focus on Debug Console View");
    await console(/Line 3: RUN echo first > there · reused from the cache/).waitFor();
    await console(/Built stage-0/).waitFor();

    const { docker } = await connect(path.join(editor.home, "run/drydock/engine.sock"));
    const left = async () => [
      (await docker.listContainers({ all: true })).length,
      (await docker.listImages({ filters: { dangling: ["true"] } })).length,
    ];
    while (String(await left()) !== "0,1") await editor.page.waitForTimeout(100);
  });

  it("speaks Korean, and is seen in the dark", async () => {
    await open(text, { locale: "ko", settings: { "workbench.colorTheme": "Default Dark Modern" } });
    await lens("디버그").first().waitFor();
    await breakAt(4);
    await lens("디버그").last().click();
    await frame(/build: RUN echo/).waitFor({ timeout: 120_000 });
    await openScope("단계");
    await variable(/WORKDIR.*\/out/).waitFor();
    await editor.screenshot("debug-korean");
    await editor.page.keyboard.press("Shift+F5");
    await isOver();
  });

  it("builds nothing in a folder that is not trusted", async () => {
    await open(text, { untrusted: true });
    await lens(/^Debug$/)
      .last()
      .click();
    await user.notification("Nothing is built or run in a workspace that you do not trust.").waitFor();
    await editor.screenshot("debug-untrusted");
  });

  it("debugs the Node app of a container, in a copy that goes with the session", async () => {
    writeFiles(folder, {
      "package.json": '{ "name": "app", "scripts": { "start": "node app.js" } }',
      "app.js": 'const words = ["hello"];\nwords.push("there");\nsetInterval(() => {}, 1000);\n',
    });
    await open('FROM node\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n');
    await lens(/^Run$/).click();
    await user.answer("Ports");
    await user.answer("Container Name", "web");
    await user.notification("web is running").waitFor({ timeout: 120_000 });
    await editor.command("Notifications: Clear All Notifications");

    await editor.openFile("app.js");
    await breakAt(2);
    await editor.command("Drydock: Debug App (Node.js)");
    await user.choose(/^web/);
    await frame(/app\.js/).waitFor({ timeout: 120_000 });
    await editor.page.locator(".debug-top-stack-frame-column, .debug-top-stack-frame").first().waitFor();
    await editor.screenshot("debug-node");
    const { docker } = await connect(path.join(editor.home, "run/drydock/engine.sock"));
    const running = async () => (await docker.listContainers()).map(({ Names }) => Names[0]);
    assert.deepEqual(await running(), ["/web-debug"]);
    await editor.page.keyboard.press("Shift+F5");
    await isOver();
    while (String(await running()) !== "/web") await editor.page.waitForTimeout(100);
    assert.equal((await docker.listContainers({ all: true })).length, 1);
  });
});
