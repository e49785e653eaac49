// Stages and the build context as a person meets them in a real VS Code: lenses that build and run, lines between stages, a
// rename through all flags, files of an image that the engine has, and what the ignore file takes away.
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
import { type Editor, openEditor } from "../support/vscode.ts";

const text = `FROM busybox AS build
WORKDIR /out
RUN echo built > /out/page.txt

FROM busybox
COPY --chmod=644 --from=build /out/page.txt /page.txt
RUN --mount=type=bind,from=build,source=/out,target=/in cat /in/page.txt
CMD ["cat", "/page.txt"]
`;

describe("stages and the build context in the editor", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let folder: string;
  let editor: Editor;
  let user: Person;

  before(async () => {
    registry = await startRegistry();
    await pushBaseImages(registry);
  });
  after(() => registry.stop());

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-stages-"));
    writeFiles(folder, {
      Dockerfile: text,
      ".dockerignore": "# what stays here\n*.log\n",
      "a.log": "a\n",
      "data/large.bin": "x".repeat(300_000),
      "data/small.bin": "x",
    });
    const settings = { "drydock.registryMirrors": [registry.url], "files.autoSave": "off" };
    editor = await openEditor({ folder, settings });
    user = person(editor);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await editor.screenshot("stages-failure");
    await untilGone(editor.home);
    await editor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const lens = (title: string | RegExp) => editor.page.locator(".codelens-decoration a").filter({ hasText: title });
  const stepsOf = () =>
    buildRecords(editor.home)
      .at(-1)
      ?.steps.map((step) => step.text) ?? [];
  const lines = async () =>
    (await editor.page.locator(".view-line").allInnerTexts()).map((line) => line.replaceAll("\u00a0", " "));

  it("are built up to where the lens stands, and run under it; then the image's files are offered", async () => {
    await editor.openFile("Dockerfile");
    await lens("Build to here").click();
    await user.notification(/^Built/).waitFor({ timeout: 120_000 });
    assert.deepEqual(
      stepsOf().filter((step) => /COPY|mount/.test(step)),
      [],
    );
    assert.ok(
      stepsOf().some((step) => step.includes("/out/page.txt")),
      stepsOf().join(),
    );
    const { docker } = await connect(path.join(editor.home, "run/drydock/engine.sock"));
    const names = async () => (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith("busybox")),
      [],
    );
    await editor.screenshot("stages-build-to-here");

    await editor.command("Notifications: Clear All Notifications");
    await lens(/^Run$/).last().click();
    await user.answer("Ports");
    await user.answer("Container Name", "whole");
    await user.notification("whole has already ended, with exit code 0.").waitFor();
    const logs = await docker.getContainer("whole").logs({ stdout: true });
    assert.match(logs.toString(), /built/);
    assert.ok(
      stepsOf().some((step) => step.startsWith("COPY")),
      stepsOf().join(),
    );
    await editor.screenshot("stages-run");

    // The engine has busybox now.
    await editor.command("View: Focus Active Editor Group");
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.type("COPY --from=busybox /b");
    const row = editor.page.locator(".suggest-widget .monaco-list-row").filter({ hasText: "bin/" }).first();
    await row.waitFor();
    await editor.screenshot("stages-image-files");
    await row.click();
    await editor.page.locator(".view-line").filter({ hasText: "COPY --from=busybox /bin/" }).waitFor();
  });

  it("show what was typed last, though the editor has lost the focus", async () => {
    // Forecasts bring the lenses up to date by themselves.
    writeFiles(folder, { ".vscode/settings.json": '{ "drydock.forecast.hints": "off" }' });
    await editor.openFile("Dockerfile");
    await lens("Build to here").waitFor();
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.insertText("FROM busybox AS third\nFROM busybox\n");
    // Before VS Code has asked for the lenses.
    await editor.page.keyboard.press("Control+Shift+e");
    await lens("Build target third").waitFor();
    await editor.screenshot("stages-lens-without-focus");
  });

  it("are parted by lines, and renamed in every flag at once", async () => {
    await editor.openFile("Dockerfile");
    await lens("Build to here").waitFor();
    const separators = editor.page.locator(".view-overlays > div > div");
    const tops = () =>
      separators.evaluateAll((found) =>
        found
          .filter(
            (one) => getComputedStyle(one).borderTopStyle === "solid" && getComputedStyle(one).borderTopWidth === "1px",
          )
          .filter((one) => getComputedStyle(one).borderBottomWidth === "0px")
          .map((one) => one.parentElement?.offsetTop ?? -1),
      );
    await editor.page.waitForFunction(() =>
      [...document.querySelectorAll(".view-overlays > div > div")].some((one) => {
        const { borderTopWidth, borderTopStyle, borderBottomWidth } = getComputedStyle(one);
        return borderTopStyle === "solid" && borderTopWidth === "1px" && borderBottomWidth === "0px";
      }),
    );
    const second = editor.page.locator(".view-line").filter({ hasText: /^FROM.busybox$/ });
    const at = await second.evaluate((one) => (one as HTMLElement).offsetTop);
    assert.deepEqual(await tops(), [at]);
    await editor.screenshot("stages-separators");

    await editor.page.locator(".view-line span span").filter({ hasText: "build" }).first().click();
    const input = editor.page.locator(".rename-box input");
    await untilShown(input, () => editor.page.keyboard.press("F2"));
    await input.fill("assets");
    await editor.screenshot("stages-rename");
    await editor.page.keyboard.press("Enter");
    await editor.page
      .locator(".view-line")
      .filter({ hasText: /AS.assets/ })
      .waitFor();
    const found = (await lines()).join("\n");
    assert.match(found, /--from=assets \/out/);
    assert.match(found, /from=assets,source/);
    assert.doesNotMatch(found, /=build/);
  });

  it("say what is sent to a build, why a file is not, and write what is to stay", async () => {
    await editor.openFile(".dockerignore");
    await lens(/^Build context: 4 files, 30\d kB/).waitFor();
    await editor.openFile("a.log");
    await editor.command("Drydock: Why Is This File (Not) in the Build Context?");
    await user.notification(/\*\.log/).waitFor();
    await editor.screenshot("context-explained");
    await editor.page.getByRole("button", { name: "Show Line" }).click();
    await editor.page.locator('.tab.active[data-resource-name=".dockerignore"]').waitFor();
    await editor.command("Notifications: Clear All Notifications");

    await lens(/^Build context/).click();
    await editor.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "data/" }).first().waitFor();
    await editor.screenshot("context-largest");
    await user.choose(/^data\/large\.bin|data\//);
    await editor.page.locator(".view-line").filter({ hasText: /^data/ }).waitFor();
    await lens(/^Build context: \d files, \d+ B|^Build context: \d files, \d (?:B|kB)/).waitFor();
    await editor.screenshot("context-smaller");
  });
});
