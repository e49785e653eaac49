// The build debugger as a person meets it in a real VS Code: the lens, breakpoints, what is shown at a stop, a command in the
// state of a step, a step that fails, and what is left when it is over.
import assert from "node:assert/strict";
import { editorSuite } from "../support/editor-suite.ts";
import { buildRecords } from "../support/engine-lab.ts";
import type { Files } from "../support/files.ts";
import { eventually, type Person } from "../support/person.ts";
import type { Editor, EditorOptions } from "../support/vscode.ts";

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
  const suite = editorSuite({ name: "debug", perTest: true });
  let editor: Editor;
  let user: Person;

  async function open(dockerfile: string, window: Partial<EditorOptions> = {}, files: Files = {}): Promise<void> {
    await suite.open({ files: { ...files, Dockerfile: dockerfile }, window });
    ({ editor, user } = suite);
    await editor.openFile("Dockerfile");
  }

  const lens = (title: string | RegExp) => editor.page.locator(".codelens-decoration a").filter({ hasText: title });
  const variable = (name: RegExp) =>
    editor.page.locator(".debug-variables .monaco-list-row").filter({ hasText: name }).first();
  const frame = (name: RegExp) =>
    editor.page.locator(".debug-call-stack .monaco-list-row").filter({ hasText: name }).first();
  const console = (words: RegExp) => editor.page.locator(".repl .monaco-list-row").filter({ hasText: words }).first();
  const toolbar = (name: RegExp) => editor.page.locator(".debug-toolbar").getByRole("button", { name });
  const isOver = () => editor.page.locator(".debug-toolbar").waitFor({ state: "hidden" });

  /** Sets a breakpoint with the key for it. Pressed again, the key would take it away: the editor must be ready for it. */
  async function breakAt(line: number): Promise<void> {
    const point = editor.page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified");
    const before = await point.count();
    await editor.page.locator(".view-line").first().click();
    await editor.page.keyboard.press("Control+Home");
    for (let down = 1; down < line; down++) await editor.page.keyboard.press("ArrowDown");
    await editor.page.locator(".statusbar-item", { hasText: `Ln ${line}, Col 1` }).waitFor();
    await editor.page.keyboard.press("F9");
    await point.nth(before).waitFor();
  }

  /** VS Code opens a scope by itself, now and then, and draws all of them anew at a stop. */
  const showVariable = (scope: string, name: RegExp) => user.unfold(variable(new RegExp(`^${scope}`)), variable(name));

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
    await showVariable("Build arguments", /MODE.*fast/);
    await showVariable("Environment", /PATH.*\/bin/);
    await editor.command("Debug Console: Focus on Debug Console View");
    await type("cat page.txt; echo $MODE in $(pwd)");
    await console(/made fast/).waitFor();
    await console(/fast in \/out/).waitFor();
    await console(/Exit code 0/).waitFor();
    await toolbar(/Show Files Here/).click();
    await user.unfold(user.row(/^out$|^out,/), user.row(/^page\.txt/));
    await suite.screenshot("breakpoint");
    await toolbar(/Insert Last Console Command/).click();
    const inserted = editor.page.locator(".view-line").filter({ hasText: /RUN.cat.page\.txt;/ });
    await inserted.waitFor();
    await editor.page.keyboard.press("Control+Z");
    await inserted.waitFor({ state: "detached" });

    await editor.page.keyboard.press("F10");
    await frame(/stage-1: FROM busybox/).waitFor();
    await editor.page.keyboard.press("F5");
    await frame(/stage-1: COPY --from=build/).waitFor();
    await showVariable("Environment", /PAGE.*\/page\.txt/);
    await editor.page.keyboard.press("F5");
    await isOver();
    await console(/Built stage-1: [0-9a-f]{12}/).waitFor();
    await suite.screenshot("ended");

    const { docker } = await suite.engine();
    // The image that came of it, and nothing else.
    await eventually(async () => {
      assert.equal((await docker.listImages({ filters: { dangling: ["true"] } })).length, 1);
      assert.deepEqual(await docker.listContainers({ all: true }), []);
    });
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
    await suite.screenshot("exception");

    await toolbar(/Open Shell Here/).click();
    await user.terminal("/srv #").waitFor();
    await user.typeInTerminal("echo it is the $(cat there)");
    await user.terminal(/it is the first/).waitFor();
    await suite.screenshot("shell");

    // What is right now is kept; what was mended is tried.
    await editor.openFile("Dockerfile");
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.press("ArrowUp");
    await editor.page.keyboard.press("End");
    for (const _ of "nowhere") await editor.page.keyboard.press("Backspace");
    await editor.page.keyboard.type("there");
    await editor.page
      .locator(".view-line")
      .filter({ hasText: /cat.there$/ })
      .waitFor();
    await editor.page.locator(".tab.active.dirty").waitFor();
    await editor.page.keyboard.press("Control+S");
    await editor.page.locator(".tab.active:not(.dirty)").waitFor();
    await editor.page.keyboard.press("Control+Shift+F5");
    await frame(/stage-0: WORKDIR \/srv/).waitFor();
    await editor.page.keyboard.press("F5");
    await isOver();
    await editor.command("Debug Console: Focus on Debug Console View");
    await console(/Line 3: RUN echo first > there · reused from the cache/).waitFor();
    await console(/Built stage-0/).waitFor();

    const { docker } = await suite.engine();
    await eventually(async () => {
      assert.deepEqual(await docker.listContainers({ all: true }), []);
      assert.equal((await docker.listImages({ filters: { dangling: ["true"] } })).length, 1);
    });
  });

  it("speaks Korean, and is seen in the dark", async () => {
    await open(text, { locale: "ko", settings: { "workbench.colorTheme": "Default Dark Modern" } });
    await lens("디버그").first().waitFor();
    await breakAt(4);
    await lens("디버그").last().click();
    await frame(/build: RUN echo/).waitFor({ timeout: 120_000 });
    await showVariable("단계", /WORKDIR.*\/out/);
    await suite.screenshot("korean");
    await editor.page.keyboard.press("Shift+F5");
    await isOver();
  });

  it("builds nothing in a folder that is not trusted", async () => {
    await open(text, { untrusted: true });
    await lens(/^Debug$/)
      .last()
      .click();
    await user.notification("Nothing is built or run in a workspace that you do not trust.").waitFor();
    await suite.screenshot("untrusted");
  });

  it("debugs the Node app of a container, in a copy that goes with the session", async () => {
    const app = {
      "package.json": '{ "name": "app", "scripts": { "start": "node app.js" } }',
      "app.js": 'const words = ["hello"];\nwords.push("there");\nsetInterval(() => {}, 1000);\n',
    };
    await open('FROM node\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n', {}, app);
    await lens(/^Run$/).click();
    // It pulls and builds before it asks.
    await user.notification(/Built /).waitFor({ timeout: 120_000 });
    await user.answer("Ports");
    await user.answer("Container Name", "web");
    await user.notification("web is running").waitFor({ timeout: 120_000 });
    await editor.command("Notifications: Clear All Notifications");

    await editor.openFile("app.js");
    await breakAt(2);
    await user.pick("Drydock: Debug App (Node.js)", /^web/);
    await frame(/app\.js/).waitFor({ timeout: 120_000 });
    await editor.page.locator(".debug-top-stack-frame-column, .debug-top-stack-frame").first().waitFor();
    await suite.screenshot("node");
    const { docker } = await suite.engine();
    const running = async () => (await docker.listContainers()).map(({ Names }) => Names[0]);
    await eventually(async () => assert.deepEqual(await running(), ["/web-debug"]));
    await editor.page.keyboard.press("Shift+F5");
    await isOver();
    await eventually(async () => {
      assert.deepEqual(await running(), ["/web"]);
      assert.equal((await docker.listContainers({ all: true })).length, 1);
    });
  });
});
