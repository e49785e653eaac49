// Pages of ours in editor tabs: the timeline of a build that runs, and what a reload of the window leaves of each page; in English and Korean.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { englishOfOurs } from "../support/our-words.ts";
import { type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

const dockerfile = `FROM busybox AS tools
RUN sleep 20; echo tool > /tool

FROM busybox AS assets
RUN sleep 14; head -c 2000000 /dev/zero > /numbers

FROM busybox
WORKDIR /srv/app
COPY . .
RUN head -c 3000000 /dev/zero > build.cache; sleep 1
RUN rm build.cache
COPY --from=tools /tool .
COPY --from=assets /numbers .
CMD ["sleep", "600"]
`;

for (const locale of [undefined, "ko"]) {
  const language = locale ?? "en";
  const words = read(language === "en" ? "package.nls.json" : `package.nls.${language}.json`);
  const messages = locale ? read(`l10n/bundle.l10n.${locale}.json`) : {};
  const says = (text: string) => messages[text] ?? text;

  describe(`pages in tabs (${language})`, function () {
    this.timeout(180_000);
    this.bail(true);
    let registry: TestRegistry;
    let folder: string;
    let editor: Editor;
    let user: Person;
    let failed = false;

    before(async () => {
      registry = await startRegistry();
      await pushBaseImages(registry);
      folder = path.join(privateFolder(undefined, `pages-${language}`), "shop");
      mkdirSync(folder);
      const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: folder });
      git("init", "-q");
      for (const [number, text] of ["one", "two", "three"].entries()) {
        writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
        writeFileSync(path.join(folder, "page.html"), `<h1>${text}</h1>\n`);
        git("add", "-A");
        git("commit", "-q", "-m", `page ${number + 1}`);
      }
      editor = await openEditor({
        folder,
        ...(locale ? { locale } : {}),
        settings: {
          "drydock.registryMirrors": [registry.url],
          "terminal.integrated.gpuAcceleration": "off",
          "terminal.integrated.enablePersistentSessions": false,
        },
      });
      editor.page.setDefaultTimeout(60_000);
      user = person(editor);
    });
    afterEach(async function () {
      failed ||= this.currentTest?.state === "failed";
      if (failed) await shot("failure");
    });
    after(async () => {
      if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
      await untilGone(editor.home);
      await editor.close();
      await registry.stop();
      rmSync(path.dirname(folder), { recursive: true, force: true });
    });

    const shot = (name: string) => editor.screenshot(`pages-${language}-${name}`);
    const command = (id: string) => editor.command(`Drydock: ${words[`command.${id}`]}`);
    const page = (): FrameLocator =>
      editor.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
    const step = (text: RegExp) => page().getByRole("button", { name: text });
    const tab = (name: string | RegExp) => editor.page.getByRole("tab", { name }).first();
    const tabs = {
      timeline: () => tab(says("Timeline: {name}").replace("{name}", "shop:latest")),
      layers: () => tab(says("Layers: {name}").replace("{name}", "shop:latest")),
      runForm: () => tab(says("Run {name}").replace("{name}", "shop:latest")),
      history: () =>
        tab(says("History of {name}: {count} commits").replace("{name}", "Dockerfile").replace("{count}", "3")),
    };
    /** All words of the page. */
    const english = async () =>
      englishOfOurs(
        (await page().locator("body").allInnerTexts()).flatMap((text) => text.split(/\n|\t/)),
        language,
      );

    async function reload() {
      // Not the browser's: VS Code would have no time to write down which tabs are open.
      const loaded = editor.page.waitForEvent("load");
      await editor.command("Developer: Reload Window");
      await loaded;
      await editor.page.locator(".statusbar-item").first().waitFor();
    }

    it("draws the timeline of a build while it runs: steps grow, beside each other", async () => {
      await editor.openFile("Dockerfile");
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await user.terminal(/RUN sleep 20/).waitFor();
      await command("builds.showTimeline");
      await user.choose("shop:latest");
      const running = says("running");
      await step(new RegExp(`^RUN sleep 20.*, ${running}`)).waitFor();
      await step(new RegExp(`^RUN sleep 14.*, ${running}`)).waitFor();
      const shown = page().locator("header .quiet");
      const before = (await shown.textContent()) ?? "";
      await page().locator("header .quiet").filter({ hasNotText: before }).waitFor();
      await shot("1-timeline-running");
      await step(new RegExp(`^RUN sleep 14.*, ${says("done")}`)).waitFor();
      await step(new RegExp(`^RUN sleep 20.*, ${running}`)).waitFor();
      await step(new RegExp(`^RUN rm build.*, ${says("done")}`)).waitFor();
      await page()
        .locator("header .quiet")
        .filter({ hasText: says("built") })
        .waitFor();
      await shot("2-timeline-done");
      assert.deepEqual(await english(), []);
    });

    it("marks in the timeline what a build reuses", async () => {
      writeFileSync(path.join(folder, "page.html"), "<h1>four</h1>\n");
      await editor.command("Notifications: Clear All Notifications");
      await editor.page.keyboard.press("Control+j");
      await tab("Dockerfile").click();
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await user.notification(/Built shop:latest|shop:latest 빌드 완료/).waitFor();
      await editor.command("Notifications: Clear All Notifications");
      await tabs.timeline().click();
      await editor.command("View: Close Editor");
      await command("builds.showTimeline");
      await user.choose("shop:latest");
      await step(new RegExp(`^RUN sleep 20.*, ${says("reused")}`)).waitFor();
      await step(/^RUN rm build/).focus();
      await shot("3-timeline-reused");
    });

    it("opens the other pages", async () => {
      await command("images.exploreLayers");
      await user.choose("shop:latest");
      await page()
        .getByRole("option", { name: /RUN rm build\.cache/ })
        .click();
      await page().getByRole("treeitem", { name: /^srv/ }).click();
      await page().getByRole("treeitem", { name: /^app/ }).click();
      await shot("4-layers");
      assert.deepEqual(await english(), []);
      for (const [number, name] of ["Map of sizes", "Wasted space"].entries()) {
        await page()
          .getByRole("tab", { name: says(name) })
          .click();
        if (number === 0)
          await page()
            .getByRole("radio", { name: says("The image up to here") })
            .click();
        await page().locator("#content :is([role=row], button)").first().waitFor();
        await shot(`${5 + number}-layers`);
        assert.deepEqual(await english(), []);
      }
      await command("images.runWithOptions");
      await user.choose("shop:latest");
      await page().locator("#preview", { hasText: "shop:latest" }).waitFor();
      await page().locator("summary").click();
      await shot("7-run-form");
      assert.deepEqual(await english(), []);
      await command("forecast.replay");
      await user.answer(words["command.forecast.replay"]?.replace("…", "") ?? "", "3");
      await page().locator("svg").first().waitFor();
      await shot("8-history");
      assert.deepEqual(await english(), []);
    });

    it("shows each page again after the window was reloaded", async () => {
      await reload();
      await page().locator("svg").first().waitFor();
      await tabs.layers().click();
      // The layer and the tab that were chosen.
      await page()
        .getByRole("option", { name: /RUN rm build\.cache/, selected: true })
        .waitFor();
      await page()
        .getByRole("tab", { name: says("Wasted space"), selected: true })
        .waitFor();
      await tabs.timeline().click();
      await step(new RegExp(`^RUN sleep 20.*, ${says("reused")}`)).waitFor();
      await page().locator(".details", { hasText: "RUN rm build.cache" }).waitFor();
      await tabs.runForm().click();
      await page().locator("#preview", { hasText: "shop:latest" }).waitFor();
      await shot("9-restored");
    });

    it("says so when what a page showed is gone", async () => {
      const { docker } = await connect(path.join(editor.home, "run/drydock/engine.sock"));
      await docker.getImage("shop:latest").remove();
      rmSync(path.join(folder, "Dockerfile"));
      await command("builds.clear");
      await user.press(says("Forget"));
      await reload();
      await page()
        .locator("#failure", {
          hasText: saying("The image {name} is not here any more: Run pulls it first.", "shop:latest"),
        })
        .waitFor();
      await shot("10-run-form-gone");
      await tabs.layers().click();
      await page().getByText(saying("The image {name} is not there any more.", "shop:latest")).waitFor();
      await shot("11-layers-gone");
      await tabs.timeline().click();
      await page().getByText(says("This build is not in the list of builds any more.")).waitFor();
      await tabs.history().click();
      await page().getByText(saying("The file {name} is not there any more.", "Dockerfile")).waitFor();
    });

    const saying = (text: string, name: string) => says(text).replace("{name}", name);
  });
}

function read(file: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
}
