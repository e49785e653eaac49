// How everything looks, in English and Korean, in light, dark and high contrast: pictures for a person's eye in
// out/screenshots, and what can be told without one.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Connection } from "../../client/engines/connection.ts";
import { editorSuite } from "../support/editor-suite.ts";
import type { Files } from "../support/files.ts";
import { englishOfOurs } from "../support/our-words.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import { untilAway, untilTyping } from "../support/text-editor.ts";
import { chooseTheme, themes } from "../support/themes.ts";
import type { Editor } from "../support/vscode.ts";

const dockerfile = `FROM busybox AS assets
WORKDIR /out
RUN seq 1 2000 > numbers.txt

FROM busybox
WORKDIR /app
COPY settings.ini .
RUN sleep 1 && cp settings.ini installed.ini
COPY . .
COPY --from=assets /out/numbers.txt .
EXPOSE 8080
CMD ["sh", "-c", "echo listening on 8080; sleep 600"]
`;
const files: Files = {
  Dockerfile: dockerfile,
  ".dockerignore": "Dockerfile*\nbroken\n",
  "settings.ini": "color = blue\n",
  "page.html": "<h1>Hello</h1>\n",
  "broken/Containerfile": 'FROM busybox\nRUN echo "almost there" && cat /no/such/file\n',
};

for (const locale of [undefined, "ko"]) {
  const language = locale ?? "en";
  const words = translated(language);

  describe(`what a person sees (${language})`, function () {
    this.timeout(240_000);
    this.bail(true);
    let editor: Editor;
    let user: Person;
    let engine: Connection;
    const suite = editorSuite({
      name: `looks-${language}`,
      folderName: "shop",
      files,
      window: {
        ...(locale ? { locale } : {}),
        settings: { "workbench.colorTheme": themes.dark.label },
        size: { width: 1440, height: 1300 },
      },
    });
    const { row, screenshot } = suite;
    before(() => {
      ({ editor, user } = suite);
    });

    const command = (id: string) => editor.command(`Drydock: ${words[`command.${id}`]}`);
    const focus = (view: string) => editor.command(`Drydock: Focus on ${words[`view.${view}`]} View`);
    const notification = (text: RegExp) => user.notification(text).waitFor();
    async function build() {
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      const built = user.notification(/Built shop:latest|shop:latest 빌드 완료/);
      await built.waitFor();
      await editor.command("Notifications: Clear All Notifications");
      await built.waitFor({ state: "detached" });
    }
    async function run(name: string, more: object, image = "busybox") {
      const container = await engine.docker.createContainer({ Image: image, name, Cmd: ["sleep", "600"], ...more });
      await container.start();
      return container;
    }
    async function inEachTheme(picture: string) {
      for (const theme of ["light", "contrast", "dark"] as const) {
        await chooseTheme(editor, theme);
        await screenshot(`${picture}-${theme}`);
      }
    }

    it("has words for views with nothing in them", async () => {
      await editor.command("View: Show Drydock");
      await editor.page.locator(".welcome-view-content").first().waitFor();
      await screenshot("1-welcome");
      assert.deepEqual(await english(), []);
    });

    it("shows builds, and a build that failed", async () => {
      await editor.openFile("Dockerfile");
      await build();
      engine = await suite.engine();
      const ports = { HostConfig: { PortBindings: { "8080/tcp": [{ HostPort: "" }] } } };
      await run("shop", ports, "shop");
      writeFileSync(path.join(suite.folder, "page.html"), "<h1>Good morning</h1>\n");
      await build();
      await screenshot("2-built");
    });

    it("shows containers, images, volumes and networks in all their states", async () => {
      await engine.docker.createNetwork({ Name: "storefront" });
      const labels = { Labels: { "com.docker.compose.project": "storefront" } };
      const joined = { NetworkMode: "storefront", Binds: ["orders:/var/lib/orders"] };
      await run("storefront-db", { ...labels, HostConfig: joined });
      const failing = { Test: ["CMD", "false"], Interval: 1e9, Timeout: 1e9, Retries: 1 };
      await run("storefront-web", { ...labels, HostConfig: joined, Healthcheck: failing });
      await (await run("nightly", { Cmd: ["false"] })).wait();
      await (await run("importer", {})).pause();
      await engine.docker.createContainer({ Image: "busybox", name: "prepared" });
      await engine.docker.createVolume({ Name: "cache" });
      writeFileSync(path.join(suite.folder, "settings.ini"), "color = red\n");
      for (const view of ["builds", "volumes", "networks", "engines"]) await focus(view);
      await row(/^storefront-web.*(unhealthy|비정상)/).waitFor();
      await row(/^shop:latest.*(out of date|최신 아님)/).waitFor();
      await row(/^orders/).waitFor();
      await inEachTheme("3-views");
      assert.deepEqual(await english(), []);
      await eventually(async () => assert.deepEqual(await unnamed(), []));
    });

    it("has menus that fit", async () => {
      for (const [name, text] of Object.entries({
        container: /^shop(?!:)/,
        stopped: /^nightly/,
        image: /^shop:latest/,
        volume: /^orders/,
        network: /^storefront.*bridge/,
      })) {
        const menu = editor.page.locator(".monaco-menu");
        await untilShown(menu, async () => {
          if (!(await menu.isVisible())) await row(text).click({ button: "right" });
        });
        await editor.page.screenshot({ path: path.resolve(`out/screenshots/looks-${language}-4-menu-${name}.png`) });
        const entries = (await menu.locator(".action-label").allTextContents()).filter((entry) => entry.trim() !== "");
        assert.ok(entries.length > 1 && entries.length <= 16, `${name}: ${entries.length} entries`);
        assert.deepEqual(englishOfOurs(entries, language), []);
        await untilAway(menu, () => editor.page.keyboard.press("Escape"));
      }
    });

    it("shows a file of a container under a name that can be read", async () => {
      await focus("containers");
      await user.unfold(row(/^shop(?!:)/), row(/^(Files|파일)/));
      await user.unfold(row(/^(Files|파일)/), row(/^app/));
      await user.unfold(row(/^app/), row(/^settings\.ini/));
      // A tree that is drawn anew, since a container's health is asked for, takes the click for nothing.
      const tab = editor.page.locator('.tab.active[data-resource-name="settings.ini"]');
      await untilShown(tab, () => row(/^settings\.ini/).click());
      const place = editor.page.locator(".breadcrumbs-below-tabs");
      await place.filter({ hasText: "shop" }).waitFor();
      await screenshot("5-file");
      assert.doesNotMatch((await place.textContent()) ?? "", /[0-9a-f]{64}/);
    });

    it("shows what the next build does, and why", async () => {
      await editor.openFile("Dockerfile");
      const changed = editor.page.locator(".view-line").filter({ hasText: /COPY\ssettings\.ini.*↻/ });
      await changed.waitFor();
      await inEachTheme("6-forecast");
      const hover = editor.page.locator(".monaco-hover:visible").filter({ hasText: "settings.ini" }).first();
      // A line that is drawn anew takes the hover away.
      await untilShown(hover, async () => {
        await editor.page.mouse.move(0, 0);
        await changed
          .locator("span", { hasText: /^COPY$/ })
          .first()
          .hover();
      });
      await editor.page.screenshot({ path: path.resolve(`out/screenshots/looks-${language}-7-hover.png`) });
      await editor.page.keyboard.press("Escape");
    });

    it("shows the failed step in Problems", async () => {
      await editor.openFile("Containerfile");
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await notification(/non-zero code|0이 아닌/);
      await screenshot("8-failed");
      await editor.command("Problems: Focus on Problems View");
      await inEachTheme("9-problems");
    });

    it("has written no error of ours into the logs", () => {
      // These folders are called after us: an error of VS Code's that names a file in them is none of ours.
      const places = [editor.home, path.dirname(suite.folder)];
      const bad = Object.entries(editor.logs())
        .filter(([file]) => /exthost|Drydock/i.test(file))
        .flatMap(([file, text]) => text.split("\n").map((line) => `${path.basename(file)}: ${line}`))
        .filter((line) => /\[error\]/.test(line))
        .filter((line) => /drydock/i.test(places.reduce((rest, place) => rest.replaceAll(place, ""), line)))
        // The step that was meant to fail.
        .filter((line) => !line.includes("/no/such/file"));
      assert.deepEqual(bad, []);
    });

    it("works in a workspace of two folders and the files of a container", async () => {
      const file = path.join(path.dirname(suite.folder), "all.code-workspace");
      const folders = [{ path: "shop" }, { path: "shop/broken" }, { uri: "drydock-files://container/shop/app" }];
      writeFileSync(file, JSON.stringify({ folders }));
      // VS Code under load has been seen to open it without its folders, and to stay so.
      await eventually(async () => {
        await editor.page.goto(`${editor.url}/?workspace=${encodeURIComponent(file)}`);
        await editor.page
          .getByRole("treeitem", { name: /^broken/ })
          .first()
          .waitFor({ timeout: 30_000 });
      }, 100_000);
      const choices = editor.page.locator(".quick-input-list .monaco-list-row");
      // An editor that the window still opens takes the focus, and the list closes: a person asks again.
      await eventually(async () => {
        if (!(await editor.page.locator(".quick-input-widget").isVisible())) await command("images.build");
        await choices.filter({ hasText: /^Containerfile|broken/ }).waitFor({ timeout: 5000 });
        assert.match((await choices.allTextContents()).join(), /shop.*Dockerfile/);
      });
      await screenshot("91-workspace");
      await untilAway(choices.first(), () => editor.page.keyboard.press("Escape"));
      await editor.command("File: New Untitled Text File");
      await untilTyping(editor, "untitled:");
      await editor.page.keyboard.type("FROM busybox");
      await user.pick("Change Language Mode", /^Docker\b/);
      await editor.page.locator(".statusbar-item", { hasText: /^Docker$/ }).waitFor();
      await untilTyping(editor, "untitled:");
      await editor.page.keyboard.type("\nRUN ");
      await command("images.build");
      await notification(/not a file on this machine|이 컴퓨터에 있는 파일이 아닙니다/);
      await screenshot("92-untitled");
    });

    /** Texts of ours in the side bar that are still English, in an editor of another language. */
    async function english(): Promise<string[]> {
      const texts = await editor.page
        .locator(
          ".sidebar .label-description, .sidebar .label-name, .sidebar .pane-header .title, .sidebar p, .sidebar .monaco-button",
        )
        .allInnerTexts();
      // A network of every engine is called so.
      return englishOfOurs(texts, language).filter((text) => text !== "none");
    }

    /** Rows that say nothing to a screen reader. */
    function unnamed(): Promise<string[]> {
      return editor.page
        .locator(".sidebar .pane-body .monaco-list-row")
        .evaluateAll((rows) =>
          rows.filter((one) => !one.getAttribute("aria-label")?.trim()).map((one) => one.textContent ?? ""),
        );
    }
  });
}

function translated(language: string): Readonly<Record<string, string>> {
  const file = language === "en" ? "package.nls.json" : `package.nls.${language}.json`;
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
}
