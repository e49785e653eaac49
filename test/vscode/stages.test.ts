// Stages and the build context as a person meets them in a real VS Code: lenses that build and run, lines between stages, a
// rename through all flags, files of an image that the engine has, and what the ignore file takes away.
import assert from "node:assert/strict";
import { editorSuite } from "../support/editor-suite.ts";
import { buildRecords } from "../support/engine-lab.ts";
import type { Files } from "../support/files.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import type { Editor } from "../support/vscode.ts";

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
  const suite = editorSuite({
    name: "stages",
    perTest: true,
    files: {
      Dockerfile: text,
      ".dockerignore": "# what stays here\n*.log\n",
      "a.log": "a\n",
      "data/large.bin": "x".repeat(300_000),
      "data/small.bin": "x",
    },
  });
  let editor: Editor;
  let user: Person;

  async function open(file: string, files: Files = {}): Promise<void> {
    await suite.open({ files });
    ({ editor, user } = suite);
    await editor.openFile(file);
  }

  const lens = (title: string | RegExp) => editor.page.locator(".codelens-decoration a").filter({ hasText: title });
  const stepsOf = () =>
    buildRecords(editor.home)
      .at(-1)
      ?.steps.map((step) => step.text) ?? [];
  const line = (words: RegExp | string) => editor.page.locator(".view-line").filter({ hasText: words });

  it("are built up to where the lens stands, and run under it; then the image's files are offered", async () => {
    await open("Dockerfile");
    await lens("Build to here").click();
    await user.notification(/^Built/).waitFor({ timeout: 120_000 });
    await eventually(() =>
      assert.ok(
        stepsOf().some((step) => step.includes("/out/page.txt")),
        stepsOf().join(),
      ),
    );
    assert.deepEqual(
      stepsOf().filter((step) => /COPY|mount/.test(step)),
      [],
    );
    const { docker } = await suite.engine();
    const names = async () => (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith("busybox")),
      [],
    );
    await suite.screenshot("build-to-here");

    await editor.command("Notifications: Clear All Notifications");
    await lens(/^Run$/).last().click();
    await user.answer("Ports");
    await user.answer("Container Name", "whole");
    await user.notification("whole has already ended, with exit code 0.").waitFor();
    const logs = await docker.getContainer("whole").logs({ stdout: true });
    assert.match(logs.toString(), /built/);
    await eventually(() =>
      assert.ok(
        stepsOf().some((step) => step.startsWith("COPY")),
        stepsOf().join(),
      ),
    );
    await suite.screenshot("run");

    // The engine has busybox now.
    await editor.openFile("Dockerfile");
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.type("COPY --from=busybox /b");
    const row = editor.page.locator(".suggest-widget .monaco-list-row").filter({ hasText: "bin/" }).first();
    await untilShown(row, async () => {
      // A list that is open, from before the engine has answered, is not asked for again.
      await editor.page.keyboard.press("Escape");
      await editor.page.keyboard.press("Control+Space");
    });
    await suite.screenshot("image-files");
    await row.click();
    await line("COPY --from=busybox /bin/").waitFor();
  });

  it("show what was typed last, though the editor has lost the focus", async () => {
    // Forecasts bring the lenses up to date by themselves.
    await open("Dockerfile", { ".vscode/settings.json": '{ "drydock.forecast.hints": "off" }' });
    await lens("Build to here").waitFor();
    await editor.page.keyboard.press("Control+End");
    await editor.page.keyboard.insertText("FROM busybox AS third\nFROM busybox\n");
    // Before VS Code has asked for the lenses.
    await editor.page.keyboard.press("Control+Shift+e");
    await lens("Build target third").waitFor();
    await suite.screenshot("lens-without-focus");
  });

  it("are parted by lines, and renamed in every flag at once", async () => {
    await open("Dockerfile");
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
    const second = line(/^FROM.busybox$/);
    await eventually(async () =>
      assert.deepEqual(await tops(), [await second.evaluate((one) => (one as HTMLElement).offsetTop)]),
    );
    await suite.screenshot("separators");

    const input = editor.page.locator(".rename-box input");
    await untilShown(input, async () => {
      await editor.page.locator(".view-line span span").filter({ hasText: "build" }).first().click();
      await editor.page.keyboard.press("F2");
    });
    await input.fill("assets");
    await suite.screenshot("rename");
    await editor.page.keyboard.press("Enter");
    await line(/AS.assets/).waitFor();
    await line(/--from=assets.\/out/).waitFor();
    await line(/from=assets,source/).waitFor();
    await line(/=build/)
      .first()
      .waitFor({ state: "detached" });
  });

  it("say what is sent to a build, why a file is not, and write what is to stay", async () => {
    await open(".dockerignore");
    await lens(/^Build context: 4 files, 30\d kB/).waitFor();
    await editor.openFile("a.log");
    await editor.command("Drydock: Why Is This File (Not) in the Build Context?");
    await user.notification(/\*\.log/).waitFor();
    await suite.screenshot("context-explained");
    await user.respond(/\*\.log/, "Show Line");
    await editor.page.locator('.tab.active[data-resource-name=".dockerignore"]').waitFor();
    await editor.command("Notifications: Clear All Notifications");

    await lens(/^Build context/).click();
    await editor.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "data/" }).first().waitFor();
    await suite.screenshot("context-largest");
    await user.choose(/^data\/large\.bin|data\//);
    await line(/^data/).waitFor();
    await lens(/^Build context: \d files, \d+ B|^Build context: \d files, \d (?:B|kB)/).waitFor();
    await suite.screenshot("context-smaller");
  });
});
