import assert from "node:assert/strict";
import type { ForecastWish } from "../../../engine/base/language-api.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Forecaster } from "../../../engine/forecast.ts";
import { Forecasts } from "../../../server/forecast/forecasts.ts";

const none = { hits: 0, misses: 0, unknown: 0, expectedMs: 0, atMostMs: 0, sizeBytes: 0, unmeasured: 0 };
const nothing = { steps: [], totals: { ...none, words: msg("x") }, isEstimate: false };

describe("forecasts of visible Dockerfiles", () => {
  const wishFor = (folder: string): ForecastWish => ({
    uri: `file://${folder}/Dockerfile`,
    home: "/home/engine",
    contextDir: folder,
  });
  const texts = new Map<string, number>();
  let asked: string[] = [];
  let forgotten: (readonly string[] | undefined)[] = [];
  let came = () => {};
  let forecasts: Forecasts;
  const forecaster = {
    forecast: async ({ contextDir }: { readonly contextDir: string }) => {
      asked.push(contextDir);
      return nothing;
    },
    invalidate: (paths?: readonly string[]) => {
      forgotten.push(paths);
    },
    dispose: async () => {},
  } as unknown as Forecaster;

  beforeEach(() => {
    asked = [];
    forgotten = [];
    texts.clear();
    forecasts = new Forecasts({
      textOf: (uri) => ({ version: texts.get(uri) ?? 1, text: "FROM a\n" }),
      open: async () => forecaster,
      changed: () => came(),
      failed: (problem) => assert.fail(problem),
    });
  });
  const next = () =>
    new Promise<void>((resolve) => {
      came = resolve;
    });

  it("are made when one can be seen, and when a key or a file changed something", async () => {
    const first = next();
    forecasts.watch([wishFor("/a")]);
    await first;
    const key = next();
    forecasts.edited("file:///a/Dockerfile");
    await key;
    const file = next();
    await forecasts.invalidate(["/a/file"]);
    await file;
    assert.deepEqual(asked, ["/a", "/a", "/a"]);
    assert.deepEqual(forgotten, [["/a/file"]]);
  });

  it("are not made of what cannot be seen: neither for keys, nor for files, nor for builds", async () => {
    forecasts.edited("file:///a/Dockerfile");
    await forecasts.invalidate(["/a/file"]);
    forecasts.again();
    const first = next();
    forecasts.watch([wishFor("/b")]);
    await first;
    forecasts.watch([]);
    forecasts.edited("file:///b/Dockerfile");
    await forecasts.invalidate(["/b/file"]);
    forecasts.again();
    // One question more shows that nothing was asked in between.
    await forecasts.once(wishFor("/c"), "FROM a\n");
    assert.deepEqual(asked, ["/b", "/c"]);
  });

  it("look again at a folder that nobody watched meanwhile", async () => {
    const first = next();
    forecasts.watch([wishFor("/a")]);
    await first;
    forecasts.watch([]);
    const again = next();
    forecasts.watch([wishFor("/a")]);
    await again;
    assert.deepEqual(forgotten, [["/a"]]);
    await forecasts.once(wishFor("/a"), "FROM a\n");
    assert.deepEqual(forgotten, [["/a"]], "this one is watched");
    await forecasts.once(wishFor("/c"), "FROM a\n");
    assert.deepEqual(forgotten, [["/a"], ["/c"]]);
  });
});
