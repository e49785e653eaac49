// Pages of ours in editor tabs: the timeline of a build that runs, and what a reload of the window leaves of each page; in English and Korean.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { editorSuite } from "../support/editor-suite.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { untilTold } from "../support/notifications.ts";
import { englishOfOurs } from "../support/our-words.ts";
import type { Person } from "../support/person.ts";
import type { Editor } from "../support/vscode.ts";

const dockerfile = (gate: Gate) => `FROM busybox AS tools
RUN wget -qO /tool ${gate.url}/tools

FROM busybox AS assets
RUN wget -qO /asked ${gate.url}/assets; head -c 2000000 /dev/zero > /numbers

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
    let gate: Gate;
    let editor: Editor;
    let user: Person;
    const suite = editorSuite({
      name: `pages-${language}`,
      folderName: "shop",
      window: {
        ...(locale ? { locale } : {}),
        settings: { "terminal.integrated.enablePersistentSessions": false },
      },
      prepare: async ({ folder }) => {
        gate = await startGate();
        const git = (...args: string[]) =>
          execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: folder });
        git("init", "-q");
        for (const [number, text] of ["one", "two", "three"].entries()) {
          writeFileSync(path.join(folder, "Dockerfile"), dockerfile(gate));
          writeFileSync(path.join(folder, "page.html"), `<h1>${text}</h1>\n`);
          git("add", "-A");
          git("commit", "-q", "-m", `page ${number + 1}`);
        }
        return undefined;
      },
    });
    before(() => {
      ({ editor, user } = suite);
    });
    after(() => gate.close());

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
      await user.terminal(/RUN wget -qO \/tool/).waitFor();
      await user.pick(() => command("builds.showTimeline"), "shop:latest");
      const running = says("running");
      await step(new RegExp(`^RUN wget -qO /tool.*, ${running}`)).waitFor();
      await step(new RegExp(`^RUN wget -qO /asked.*, ${running}`)).waitFor();
      const shown = page().locator("header .quiet");
      const before = (await shown.textContent()) ?? "";
      await page().locator("header .quiet").filter({ hasNotText: before }).waitFor();
      await suite.screenshot("1-timeline-running");
      // A slow finger: the page is drawn anew meanwhile.
      await step(/^RUN wget -qO \/tool/).hover();
      await editor.page.mouse.down();
      await editor.page.waitForTimeout(1500);
      await editor.page.mouse.up();
      await editor.page.locator('.tab.active[data-resource-name="Dockerfile"]').waitFor();
      await tabs.timeline().click();
      gate.open("assets");
      await step(new RegExp(`^RUN wget -qO /asked.*, ${says("done")}`)).waitFor();
      await step(new RegExp(`^RUN wget -qO /tool.*, ${running}`)).waitFor();
      gate.open("tools");
      await step(new RegExp(`^RUN rm build.*, ${says("done")}`)).waitFor();
      await page()
        .locator("header .quiet")
        .filter({ hasText: says("built") })
        .waitFor();
      await suite.screenshot("2-timeline-done");
      assert.deepEqual(await english(), []);
    });

    it("marks in the timeline what a build reuses", async () => {
      writeFileSync(path.join(suite.folder, "page.html"), "<h1>four</h1>\n");
      const built = await untilTold(editor, user, /Built shop:latest|shop:latest 빌드 완료/);
      await editor.command("Notifications: Clear All Notifications");
      await built.waitFor({ state: "detached" });
      await editor.command("View: Hide Panel");
      await tab("Dockerfile").click();
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await user.notification(/Built shop:latest|shop:latest 빌드 완료/).waitFor();
      await editor.command("Notifications: Clear All Notifications");
      await tabs.timeline().click();
      await editor.command("View: Close Editor");
      await tabs.timeline().waitFor({ state: "detached" });
      await user.pick(() => command("builds.showTimeline"), "shop:latest");
      await step(new RegExp(`^RUN wget -qO /tool.*, ${says("reused")}`)).waitFor();
      await step(/^RUN rm build/).focus();
      await suite.screenshot("3-timeline-reused");
    });

    it("opens the other pages", async () => {
      await user.pick(() => command("images.exploreLayers"), "shop:latest");
      await page()
        .getByRole("option", { name: /RUN rm build\.cache/ })
        .click();
      const entry = (name: RegExp) => page().getByRole("treeitem", { name });
      await user.unfold(entry(/^srv/), entry(/^app/));
      await user.unfold(entry(/^app/), entry(/^build\.cache/));
      await suite.screenshot("4-layers");
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
        await suite.screenshot(`${5 + number}-layers`);
        assert.deepEqual(await english(), []);
      }
      await user.pick(() => command("images.runWithOptions"), "shop:latest");
      await page().locator("#preview", { hasText: "shop:latest" }).waitFor();
      await page().locator("summary").click();
      await suite.screenshot("7-run-form");
      assert.deepEqual(await english(), []);
      await command("forecast.replay");
      await user.answer(words["command.forecast.replay"]?.replace("…", "") ?? "", "3");
      await tabs.history().waitFor();
      await page().locator("svg").first().waitFor();
      await suite.screenshot("8-history");
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
      await step(new RegExp(`^RUN wget -qO /tool.*, ${says("reused")}`)).waitFor();
      await page().locator(".details", { hasText: "RUN rm build.cache" }).waitFor();
      await tabs.runForm().click();
      await page().locator("#preview", { hasText: "shop:latest" }).waitFor();
      await suite.screenshot("9-restored");
    });

    it("says so when what a page showed is gone", async () => {
      const { docker } = await suite.engine();
      await docker.getImage("shop:latest").remove();
      rmSync(path.join(suite.folder, "Dockerfile"));
      await editor.command(`Drydock: Focus on ${words["view.builds"]} View`);
      await suite.row(/shop:latest/).waitFor();
      await command("builds.clear");
      await user.press(says("Forget"));
      // Not before it has been done.
      await suite.row(/shop:latest/).waitFor({ state: "detached" });
      await reload();
      await page()
        .locator("#failure", {
          hasText: saying("The image {name} is not here any more: Run pulls it first.", "shop:latest"),
        })
        .waitFor();
      await suite.screenshot("10-run-form-gone");
      await tabs.layers().click();
      await page().getByText(saying("The image {name} is not there any more.", "shop:latest")).waitFor();
      await suite.screenshot("11-layers-gone");
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
