// How everything looks, in English and Korean, in light, dark and high contrast: pictures for a person's eye in
// out/screenshots, and what can be told without one.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { englishOfOurs } from "../support/our-words.ts";
import { freePort, type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";
import { privateFolder } from "../support/vscode-process.ts";

const themes = [
  { name: "light", label: "Light Modern", of: ".vs" },
  { name: "contrast", label: "Dark High Contrast", of: ".hc-black" },
  { name: "dark", label: "Dark Modern", of: ".vs-dark" },
] as const;

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
const sources: Readonly<Record<string, string>> = {
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
    let registry: TestRegistry;
    let folder: string;
    let editor: Editor;
    let user: Person;
    let engine: Connection;
    let failed = false;

    before(async () => {
      registry = await startRegistry();
      await pushBaseImages(registry);
      folder = path.join(privateFolder(undefined, `looks-${language}`), "shop");
      for (const [name, text] of Object.entries(sources)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
      }
      editor = await openEditor({
        folder,
        ...(locale ? { locale } : {}),
        settings: {
          "drydock.registryMirrors": [registry.url],
          "terminal.integrated.gpuAcceleration": "off",
          "workbench.colorTheme": "Dark Modern",
        },
        size: { width: 1440, height: 1300 },
      });
      editor.page.setDefaultTimeout(40_000);
      user = person(editor);
    });
    afterEach(async function () {
      failed ||= this.currentTest?.state === "failed";
      if (failed) await shot("failure");
    });
    after(async () => {
      if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
      for (const { Id } of (await engine?.docker.listContainers({ all: true })) ?? [])
        await engine.docker.getContainer(Id).remove({ force: true });
      await untilGone(editor.home);
      await editor.close();
      await registry.stop();
      rmSync(path.dirname(folder), { recursive: true, force: true });
    });

    const shot = (name: string) => editor.screenshot(`looks-${language}-${name}`);
    const command = (id: string) => editor.command(`Drydock: ${words[`command.${id}`]}`);
    const row = (text: RegExp | string) =>
      editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
    const focus = (view: string) => editor.command(`Drydock: Focus on ${words[`view.${view}`]} View`);
    const clear = () => editor.command("Notifications: Clear All Notifications");
    const notification = (text: RegExp) => user.notification(text).waitFor();
    async function build() {
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await notification(/Built shop:latest|shop:latest 빌드 완료/);
      await clear();
    }
    async function run(name: string, more: object, image = "busybox") {
      const container = await engine.docker.createContainer({ Image: image, name, Cmd: ["sleep", "600"], ...more });
      await container.start();
      return container;
    }
    async function inEachTheme(picture: string) {
      for (const { name, label, of } of themes) {
        await editor.command("Preferences: Color Theme");
        await user.choose(label);
        await editor.page.locator(`.monaco-workbench${of}`).waitFor();
        await shot(`${picture}-${name}`);
      }
    }

    it("has words for views with nothing in them", async () => {
      await editor.command("View: Show Drydock");
      await editor.page.locator(".welcome-view-content").first().waitFor();
      await shot("1-welcome");
      assert.deepEqual(await english(), []);
    });

    it("shows builds, and a build that failed", async () => {
      await editor.openFile("Dockerfile");
      await build();
      engine = await connect(path.join(editor.home, "run/drydock/engine.sock"));
      const port = await freePort();
      const ports = { HostConfig: { PortBindings: { "8080/tcp": [{ HostPort: String(port) }] } } };
      await run("shop", ports, "shop");
      writeFileSync(path.join(folder, "page.html"), "<h1>Good morning</h1>\n");
      await build();
      await shot("2-built");
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
      writeFileSync(path.join(folder, "settings.ini"), "color = red\n");
      for (const view of ["builds", "volumes", "networks", "engines"]) await focus(view);
      await row(/^storefront-web.*(unhealthy|비정상)/).waitFor();
      await row(/^shop:latest.*(out of date|최신 아님)/).waitFor();
      await row(/^orders/).waitFor();
      await inEachTheme("3-views");
      assert.deepEqual(await english(), []);
      assert.deepEqual(await unnamed(), []);
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
        await row(text).click({ button: "right" });
        await menu.waitFor();
        await editor.page.screenshot({ path: path.resolve(`out/screenshots/looks-${language}-4-menu-${name}.png`) });
        const entries = (await menu.locator(".action-label").allTextContents()).filter((entry) => entry.trim() !== "");
        assert.ok(entries.length > 1 && entries.length <= 16, `${name}: ${entries.length} entries`);
        assert.deepEqual(englishOfOurs(entries, language), []);
        await editor.page.keyboard.press("Escape");
      }
    });

    it("shows a file of a container under a name that can be read", async () => {
      await focus("containers");
      await row(/^shop(?!:)/).click();
      await editor.page.keyboard.press("ArrowRight");
      const files = row(/^(Files|파일)/);
      await files.click();
      await row(/^app/).click();
      await row(/^settings\.ini/).click();
      await editor.page.locator('.tab.active[data-resource-name="settings.ini"]').waitFor();
      await shot("5-file");
      const place = await editor.page.locator(".breadcrumbs-below-tabs").textContent();
      assert.doesNotMatch(place ?? "", /[0-9a-f]{64}/);
      assert.match(place ?? "", /shop/);
    });

    it("shows what the next build does, and why", async () => {
      await editor.openFile("Dockerfile");
      const changed = editor.page.locator(".view-line").filter({ hasText: /COPY\ssettings\.ini.*↻/ });
      await changed.waitFor();
      await inEachTheme("6-forecast");
      await changed
        .locator("span", { hasText: /^COPY$/ })
        .first()
        .hover();
      const hover = editor.page.locator(".monaco-hover:visible").first();
      await hover.waitFor();
      await editor.page.screenshot({ path: path.resolve(`out/screenshots/looks-${language}-7-hover.png`) });
      await editor.page.keyboard.press("Escape");
    });

    it("shows the failed step in Problems", async () => {
      await editor.openFile("Containerfile");
      await command("images.build");
      await user.answer(words["command.images.build"]?.replace("…", "") ?? "");
      await notification(/non-zero code|0이 아닌/);
      await shot("8-failed");
      await editor.command("Problems: Focus on Problems View");
      await inEachTheme("9-problems");
    });

    it("has written no error of ours into the logs", () => {
      const bad = Object.entries(editor.logs())
        .filter(([file]) => /exthost|Drydock/i.test(file))
        .flatMap(([file, text]) => text.split("\n").map((line) => `${path.basename(file)}: ${line}`))
        .filter((line) => /\[error\]/.test(line) && /drydock/i.test(line))
        // The step that was meant to fail.
        .filter((line) => !line.includes("/no/such/file"));
      assert.deepEqual(bad, []);
    });

    it("works in a workspace of two folders and the files of a container", async () => {
      const file = path.join(path.dirname(folder), "all.code-workspace");
      const folders = [{ path: "shop" }, { path: "shop/broken" }, { uri: "drydock-files://container/shop/app" }];
      writeFileSync(file, JSON.stringify({ folders }));
      await editor.page.goto(`${editor.url}/?workspace=${encodeURIComponent(file)}`);
      await editor.page.locator(".statusbar-item").first().waitFor();
      await command("images.build");
      const choices = editor.page.locator(".quick-input-list .monaco-list-row");
      await choices.filter({ hasText: /^Containerfile|broken/ }).waitFor();
      await shot("91-workspace");
      assert.match((await choices.allTextContents()).join(), /shop.*Dockerfile/);
      await editor.page.keyboard.press("Escape");
      await editor.command("File: New Untitled Text File");
      await editor.page.keyboard.type("FROM busybox");
      await editor.command("Change Language Mode");
      await user.choose(/^Docker\b/);
      await editor.page.keyboard.type("\nRUN ");
      await command("images.build");
      await notification(/not a file on this machine|이 컴퓨터에 있는 파일이 아닙니다/);
      await shot("92-untitled");
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
