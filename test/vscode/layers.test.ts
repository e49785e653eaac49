// The layer explorer and the build timeline in a real VS Code, over an image with a layer that wastes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { pushBaseImages } from "../support/base-images.ts";
import { untilGone } from "../support/engine-lab.ts";
import { type Person, person } from "../support/person.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { type Editor, openEditor } from "../support/vscode.ts";

const dockerfile = `FROM busybox AS tools
RUN sleep 2; mkdir /out; echo tool > /out/tool

FROM busybox
WORKDIR /srv/app
COPY app .
RUN head -c 3000000 /dev/zero > /srv/app/build.cache; echo "mode=debug" > config.ini; sleep 1
RUN rm build.cache; echo "mode=release" > config.ini
COPY --from=tools /out /srv/tools
CMD ["httpd", "-f"]
`;

const themes = {
  light: { label: "Light Modern", of: ".vs" },
  dark: { label: "Dark Modern", of: ".vs-dark" },
  contrast: { label: "Dark High Contrast", of: ".hc-black" },
} as const;

describe("the layers of an image in the editor", function () {
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
    folder = path.join(mkdtempSync(path.join(os.tmpdir(), "drydock-layers-")), "shop");
    mkdirSync(path.join(folder, "app/pages"), { recursive: true });
    writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
    writeFileSync(path.join(folder, "app/config.ini"), "mode=default\n");
    writeFileSync(path.join(folder, "app/pages/index.html"), `<h1>Shop</h1>\n${"<p>Buy.</p>\n".repeat(2000)}`);
    editor = await openEditor({
      folder,
      settings: {
        "drydock.registryMirrors": [registry.url],
        "terminal.integrated.gpuAcceleration": "off",
        "workbench.colorTheme": themes.light.label,
        "files.autoSave": "off",
      },
    });
    user = person(editor);
  });
  afterEach(async function () {
    failed ||= this.currentTest?.state === "failed";
    if (failed) await editor.screenshot("layers-failure");
  });
  after(async () => {
    if (failed) console.log(Object.entries(editor.logs()).filter(([file]) => /Drydock|exthost/i.test(file)));
    await untilGone(editor.home);
    await editor.close();
    await registry.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  /** The page of the tab that is shown. */
  const page = (): FrameLocator =>
    editor.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
  const entry = (name: RegExp) => page().getByRole("treeitem", { name });
  async function theme(name: keyof typeof themes): Promise<void> {
    const { label, of } = themes[name];
    await editor.command("Preferences: Color Theme");
    // The list is long: what is not shown is not there.
    await editor.page.locator(".quick-input-widget input.input").fill(label);
    await user.choose(label);
    await editor.page.locator(`.monaco-workbench${of}`).waitFor();
  }

  it("builds an image", async () => {
    await editor.openFile("Dockerfile");
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    await user.notification(/Built shop:latest/).waitFor({ timeout: 60_000 });
    await editor.command("Notifications: Clear All Notifications");
    await editor.page.keyboard.press("Control+j");
  });

  it("has its layers below its row, with their lines", async () => {
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    await editor.page.locator(".pane-header", { hasText: "Containers" }).click();
    await user.row(/^shop:latest/).click();
    await editor.page.keyboard.press("ArrowRight");
    await user.row(/^RUN rm build\.cache.*line 8/).waitFor();
    await user.row(/^made by the tests.*line 1,/).waitFor();
    await editor.screenshot("layers-1-images-view");
    await user.row(/^RUN rm build\.cache.*line 8/).click();
    await editor.page.locator(".statusbar-item", { hasText: /Ln 8,/ }).waitFor();
  });

  it("shows what a layer changes, and which files are wasted", async () => {
    await editor.command("Drydock: Explore Layers");
    await user.choose("shop:latest");
    await page()
      .getByRole("option", { name: /RUN rm build\.cache.*Dockerfile:8/ })
      .click();
    await entry(/^srv/).click();
    await entry(/^app/).click();
    await entry(/^build\.cache, removed/).waitFor();
    await entry(/^config\.ini, changed.*was 11 B/).waitFor();
    await editor.screenshot("layers-2-explorer-light");
    await page().getByRole("tab", { name: "Wasted space" }).click();
    await page()
      .getByRole("row", { name: /\/srv\/app\/build\.cache 3 MB layer 4, removed in layer 5/ })
      .waitFor();
    await editor.screenshot("layers-3-wasted-light");
    // To where it is removed.
    await page().getByRole("button", { name: "/srv/app/build.cache" }).click();
    await page().locator('[data-path="/srv/app/build.cache"]:focus').waitFor();
  });

  it("compares a file between two layers", async () => {
    await entry(/^config\.ini/).hover();
    await entry(/^config\.ini/)
      .getByRole("button", { name: "Compare Between Layers" })
      .click();
    await user.choose("layer 4");
    const diff = editor.page.locator(".diff-editor, .monaco-diff-editor").first();
    await diff.locator(".view-line", { hasText: "mode=debug" }).first().waitFor();
    await diff.locator(".view-line", { hasText: "mode=release" }).first().waitFor();
    await editor.screenshot("layers-4-compare");
    await editor.command("View: Close Editor");
  });

  it("keeps what was chosen, and works with keys alone", async () => {
    // The page was made anew when its tab came back.
    await entry(/^config\.ini, changed/).waitFor();
    await entry(/^config\.ini/).focus();
    await editor.page.keyboard.press("Enter");
    await editor.page.locator(".view-line", { hasText: "mode=release" }).first().waitFor();
    await editor.command("View: Close Editor");
    await page().getByRole("listbox").focus();
    await editor.page.keyboard.press("ArrowUp");
    await entry(/^build\.cache, added/).waitFor();
  });

  it("searches, and draws sizes as areas, in every theme", async () => {
    await page().getByRole("radio", { name: "The image up to here" }).click();
    await page().getByRole("searchbox").fill("config");
    await page().getByRole("button", { name: "layer 5, changed, 13 B" }).waitFor();
    await editor.screenshot("layers-5-search");
    await page().getByRole("searchbox").fill("");
    await page().getByRole("tab", { name: "Map of sizes" }).click();
    await page()
      .getByRole("button", { name: /^srv, folder/ })
      .waitFor();
    await editor.screenshot("layers-6-map-light");
    for (const name of ["contrast", "dark"] as const) {
      await theme(name);
      await editor.screenshot(`layers-6-map-${name}`);
      await page().getByRole("tab", { name: "Files" }).click();
      await entry(/^srv/).waitFor();
      await editor.screenshot(`layers-2-explorer-${name}`);
      await page().getByRole("tab", { name: "Map of sizes" }).click();
      await page()
        .getByRole("button", { name: /^srv, folder/ })
        .waitFor();
    }
  });

  it("shows the timeline of the build, with the critical path", async () => {
    await editor.command("Drydock: Show Timeline");
    await user.choose("shop:latest");
    await page()
      .getByRole("button", { name: /^RUN sleep 2.*done.*critical path/ })
      .waitFor();
    await page()
      .getByRole("button", { name: /^RUN sleep 2/ })
      .focus();
    await editor.screenshot("layers-7-timeline-dark");
    for (const name of ["light", "contrast"] as const) {
      await theme(name);
      await editor.screenshot(`layers-7-timeline-${name}`);
    }
    await page()
      .getByRole("button", { name: /^RUN rm build\.cache/ })
      .click();
    await editor.page.locator(".statusbar-item", { hasText: /Ln 8,/ }).waitFor();
  });
});
