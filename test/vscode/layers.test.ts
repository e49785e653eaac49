// The layer explorer and the build timeline in a real VS Code, over an image with a layer that wastes.
import type { FrameLocator } from "playwright-core";
import { editorSuite } from "../support/editor-suite.ts";
import { writeFiles } from "../support/files.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { type Person, untilShown } from "../support/person.ts";
import { chooseTheme, themes } from "../support/themes.ts";
import type { Editor } from "../support/vscode.ts";

const dockerfile = (gate: Gate) => `FROM busybox AS tools
RUN wget -qO /waited ${gate.url}/tools; mkdir /out; echo tool > /out/tool

FROM busybox
WORKDIR /srv/app
COPY app .
RUN head -c 3000000 /dev/zero > /srv/app/build.cache; echo "mode=debug" > config.ini; sleep 1
RUN rm build.cache; echo "mode=release" > config.ini
COPY --from=tools /out /srv/tools
CMD ["httpd", "-f"]
`;

describe("the layers of an image in the editor", function () {
  this.timeout(180_000);
  this.bail(true);
  let gate: Gate;
  let editor: Editor;
  let user: Person;
  const suite = editorSuite({
    name: "layers",
    folderName: "shop",
    files: {
      "app/config.ini": "mode=default\n",
      "app/pages/index.html": `<h1>Shop</h1>\n${"<p>Buy.</p>\n".repeat(2000)}`,
    },
    window: { settings: { "workbench.colorTheme": themes.light.label } },
    prepare: async ({ folder }) => {
      gate = await startGate();
      writeFiles(folder, { Dockerfile: dockerfile(gate) });
      return undefined;
    },
  });
  before(() => {
    ({ editor, user } = suite);
  });
  after(() => gate.close());

  /** The page of the tab that is shown. */
  const page = (): FrameLocator =>
    editor.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
  const entry = (name: RegExp) => page().getByRole("treeitem", { name });

  it("builds an image", async () => {
    await editor.openFile("Dockerfile");
    await editor.command("Drydock: Build Image…");
    await user.answer("Build Image");
    // The other stage is what the build waits for, however slow this one was.
    await user.terminal(/6\s└\sdone/).waitFor();
    gate.open("tools");
    await user.notification(/Built shop:latest/).waitFor();
    await editor.command("Notifications: Clear All Notifications");
    await editor.command("View: Hide Panel");
  });

  it("has its layers below its row, with their lines", async () => {
    await editor.page.locator('.activitybar [aria-label*="Drydock"]').first().click();
    await editor.page.locator(".pane-header", { hasText: "Containers" }).click();
    const layer = user.row(/^RUN rm build\.cache.*line 8/);
    await user.unfold(user.row(/^shop:latest/), layer);
    await user.row(/^made by the tests.*line 1,/).waitFor();
    await suite.screenshot("1-images-view");
    await untilShown(editor.page.locator(".statusbar-item", { hasText: /Ln 8,/ }), () => layer.click());
  });

  it("shows what a layer changes, and which files are wasted", async () => {
    await user.pick("Drydock: Explore Layers", "shop:latest");
    await page()
      .getByRole("option", { name: /RUN rm build\.cache.*Dockerfile:8/ })
      .click();
    await user.unfold(entry(/^srv/), entry(/^app/));
    await user.unfold(entry(/^app/), entry(/^build\.cache, removed/));
    await entry(/^config\.ini, changed.*was 11 B/).waitFor();
    await suite.screenshot("2-explorer-light");
    await page().getByRole("tab", { name: "Wasted space" }).click();
    await page()
      .getByRole("row", { name: /\/srv\/app\/build\.cache 3 MB layer 4, removed in layer 5/ })
      .waitFor();
    await suite.screenshot("3-wasted-light");
    // To where it is removed.
    await page().getByRole("button", { name: "/srv/app/build.cache" }).click();
    await page().locator('[data-path="/srv/app/build.cache"]:focus').waitFor();
  });

  it("compares a file between two layers", async () => {
    const compare = async () => {
      await entry(/^config\.ini/).hover();
      await entry(/^config\.ini/)
        .getByRole("button", { name: "Compare Between Layers" })
        .click();
    };
    await user.pick(compare, "layer 4");
    const diff = editor.page.locator(".diff-editor, .monaco-diff-editor").first();
    await diff.locator(".view-line", { hasText: "mode=debug" }).first().waitFor();
    await diff.locator(".view-line", { hasText: "mode=release" }).first().waitFor();
    await suite.screenshot("4-compare");
    await editor.command("View: Close Editor");
  });

  it("keeps what was chosen, and works with keys alone", async () => {
    // The page was made anew when its tab came back.
    await entry(/^config\.ini, changed/).waitFor();
    const text = editor.page.locator(".view-line", { hasText: "mode=release" }).first();
    await untilShown(text, async () => {
      // Its tab comes before its text, in the place of the page.
      if (await entry(/^config\.ini/).isVisible())
        await entry(/^config\.ini/)
          .press("Enter", { timeout: 2000 })
          .catch(() => {});
    });
    await editor.command("View: Close Editor");
    await text.waitFor({ state: "detached" });
    const above = page().getByRole("option", { name: /RUN head/, selected: true });
    await untilShown(above, async () => {
      if (!(await above.isVisible())) await page().getByRole("listbox").press("ArrowUp");
    });
    await entry(/^build\.cache, added/).waitFor();
  });

  it("searches, and draws sizes as areas, in every theme", async () => {
    await page().getByRole("radio", { name: "The image up to here" }).click();
    await page().getByRole("searchbox").fill("config");
    await page().getByRole("button", { name: "layer 5, changed, 13 B" }).waitFor();
    await suite.screenshot("5-search");
    await page().getByRole("searchbox").fill("");
    await page().getByRole("tab", { name: "Map of sizes" }).click();
    await page()
      .getByRole("button", { name: /^srv, folder/ })
      .waitFor();
    await suite.screenshot("6-map-light");
    for (const name of ["contrast", "dark"] as const) {
      await chooseTheme(editor, name);
      await suite.screenshot(`6-map-${name}`);
      await page().getByRole("tab", { name: "Files" }).click();
      await entry(/^srv/).waitFor();
      await suite.screenshot(`2-explorer-${name}`);
      await page().getByRole("tab", { name: "Map of sizes" }).click();
      await page()
        .getByRole("button", { name: /^srv, folder/ })
        .waitFor();
    }
  });

  it("shows the timeline of the build, with the critical path", async () => {
    await user.pick("Drydock: Show Timeline", "shop:latest");
    await page()
      .getByRole("button", { name: /^RUN wget.*done.*critical path/ })
      .waitFor();
    await page()
      .getByRole("button", { name: /^RUN wget/ })
      .focus();
    await suite.screenshot("7-timeline-dark");
    for (const name of ["light", "contrast"] as const) {
      await chooseTheme(editor, name);
      await suite.screenshot(`7-timeline-${name}`);
    }
    await page()
      .getByRole("button", { name: /^RUN rm build\.cache/ })
      .click();
    await editor.page.locator(".statusbar-item", { hasText: /Ln 8,/ }).waitFor();
  });
});
