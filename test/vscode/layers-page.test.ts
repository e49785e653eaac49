// The page of the layer explorer alone in Chromium: what is asked of the editor is answered when the test says so.
import assert from "node:assert/strict";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import type { Answers, FromPage, Question, Start, ToPage } from "../../client/webviews/layers/messages.ts";
import { layersStyle } from "../../client/webviews/layers/style.ts";
import { layerWords } from "../../client/webviews/layers/words.ts";
import { digestOf } from "../../engine/base/digest.ts";
import type { LayerEntry, LayersSummary } from "../../engine/base/layers-api.ts";
import { startChromium } from "../support/vscode-browser.ts";

const layers = ["FROM busybox", "COPY app /srv", "RUN rm /srv/cache"].map((instruction, index) => ({
  index,
  instruction,
  sizeBytes: 1000 * (index + 1),
  digest: digestOf(instruction),
}));
const start: Start = {
  imageId: "sha256:1",
  name: "shop:latest",
  image: { imageId: "sha256:1", steps: [], layers },
  lines: {},
  hasContents: true,
};
const summary: LayersSummary = {
  layers: layers.map(() => ({ bytes: 7, added: 1, changed: 0, removed: 0, hiddenBytes: 0 })),
  fileCount: 3,
  fileBytes: 21,
  storedBytes: 21,
  wastedBytes: 0,
  efficiency: 1,
  wastedCount: 0,
  wasted: [],
};
const srv: LayerEntry = { name: "srv", type: "folder", mode: 0o755, uid: 0, gid: 0, mtimeMs: 0, size: 7 };

/** What the page has said. */
declare const posted: FromPage[];

describe("the page of the layer explorer", function () {
  this.timeout(120_000);
  let browser: Browser;
  let script: string;
  let page: Page;

  before(async () => {
    const entry = "client/webviews/layers/page.ts";
    const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife" });
    script = outputFiles[0]?.text ?? "";
    browser = await startChromium();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const words = Object.entries(layerWords()).map(([key, { template }]) => [key, template]);
    await page.setContent(`<style>${layersStyle}</style><main id="app"></main>`);
    await page.evaluate(
      (text) => {
        document.getElementById("app")?.setAttribute("data-words", text);
        const api = {
          postMessage: (message: FromPage) => posted.push(message),
          getState: () => undefined,
          setState: () => {},
        };
        Object.assign(window, { posted: [], acquireVsCodeApi: () => api });
      },
      JSON.stringify(Object.fromEntries(words)),
    );
    await page.addScriptTag({ content: script });
    await tell({ type: "start", start });
  });
  afterEach(() => page.close());

  const tell = (message: ToPage) => page.evaluate((data) => window.postMessage(data, "*"), message);
  /** Answers the first question of its kind, once it has been asked. */
  async function answer<A extends Question["ask"]>(ask: A, found: Answers[A]) {
    const asked = await page.waitForFunction(
      (kind) => posted.find((one) => one.type === "question" && one.question.ask === kind),
      ask,
    );
    const question = await asked.jsonValue();
    if (question?.type === "question") await tell({ type: "answer", id: question.id, answer: found });
  }
  const option = (name: RegExp) => page.getByRole("option", { name });
  const entry = (name: string) => page.locator(`.tree [data-path="${name}"]`);

  it("fits into half of an editor", async () => {
    await page.setViewportSize({ width: 520, height: 480 });
    await answer("summary", summary);
    await answer("folder", { path: "/", entries: [srv], total: 1 });
    await entry("/srv").waitFor();
    const { width, shown } = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      shown: document.documentElement.clientWidth,
    }));
    assert.equal(width, shown);
  });

  it("chooses the layer that is pressed while its size comes", async () => {
    await option(/COPY app/).hover();
    await page.mouse.down();
    await answer("summary", summary);
    await option(/COPY app.*, 7 B/).waitFor();
    await page.mouse.up();
    await page.getByRole("option", { name: /COPY app/, selected: true }).waitFor();
  });

  it("shows a folder as open before its files are known", async () => {
    await answer("folder", { path: "/", entries: [srv], total: 1 });
    await entry("/srv").click();
    assert.equal(await entry("/srv").getAttribute("aria-expanded"), "true");
  });
});
