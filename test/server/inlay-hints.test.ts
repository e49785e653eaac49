// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of Dockerfiles
import assert from "node:assert/strict";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import { codeLenses, lensCommands } from "../../server/features/code-lens.ts";
import { type HintOptions, inlayHints } from "../../server/features/inlay-hints.ts";
import { imageFacts } from "../support/hover.ts";

const all = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };

function analyse(text: string): Analysis {
  return new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
}

async function hinted(text: string, options: Partial<HintOptions> = {}, range = all): Promise<string[]> {
  const hints = await inlayHints(analyse(text), range, {
    variables: true,
    images: true,
    translate: formatMessage,
    ...options,
  });
  return hints.map(({ position, label }) => `${position.line + 1}:${position.character} ${label}`);
}

describe("inlay hints", () => {
  it("show what variables stand for where it is not to be seen", async () => {
    const text = [
      "ARG V=24",
      "FROM --platform=$BUILDPLATFORM node:${V}-slim",
      "ENV DIR=/app",
      "WORKDIR $DIR",
      "WORKDIR src",
      "COPY a.js $DIR/x/",
      "ENV COPY_OF=$DIR",
      "EXPOSE $UNKNOWN",
      "RUN echo $DIR",
    ].join("\n");
    assert.deepEqual(await hinted(text), ["2:45 = node:24-slim", "4:12 = /app", "5:11 = /app/src", "6:17 = /app/x/"]);
    assert.deepEqual(await hinted(text, { variables: false }), []);
    assert.deepEqual(await hinted(text, {}, { start: { line: 5, character: 0 }, end: { line: 5, character: 9 } }), [
      "6:17 = /app/x/",
    ]);
  });

  it("show the tag behind a digest that the engine knows", async () => {
    const name = `node@sha256:${"0".repeat(64)}`;
    const findImage = async (reference: string) => (reference === name ? imageFacts({ tags: ["node:24-slim"] }) : null);
    assert.deepEqual(await hinted(`FROM ${name}\nFROM node:22@sha256:1\nFROM node\n`, { findImage }), [
      `1:${5 + name.length} :24-slim`,
    ]);
    assert.deepEqual(await hinted(`FROM ${name}`, { findImage, images: false }), []);
    assert.deepEqual(await hinted(`FROM ${name}`), []);
  });

  it("look at the asked lines only", async () => {
    const analysis = analyse(`FROM a\nENV D=/x\n${"COPY a $D/b\n".repeat(5000)}`);
    let asked = 0;
    const instructions = new Proxy(analysis.dockerfile.instructions, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) asked += 1;
        return Reflect.get(target, key);
      },
    });
    Object.defineProperty(analysis, "dockerfile", { value: { ...analysis.dockerfile, instructions } });
    const range = { start: { line: 4000, character: 0 }, end: { line: 4009, character: 0 } };
    const hints = await inlayHints(analysis, range, { variables: true, images: true, translate: formatMessage });
    assert.equal(hints.length, 10);
    assert.ok(asked < 60, `${asked} instructions were looked at`);
  });
});

describe("code lenses", () => {
  const commands = { build: "b", buildToHere: "h", run: "r", debug: "d" };
  const lenses = (text: string) =>
    codeLenses(analyse(text), commands, formatMessage).map(
      ({ range, command }) =>
        `${range.start.line + 1} ${command?.command} ${command?.title} ${command?.arguments?.[0].target ?? "-"}`,
    );

  it("build to a stage, run it, or build it under a name", () => {
    assert.deepEqual(lenses("# a\nFROM a AS one\nFROM b\nFROM one AS last\n"), [
      "2 h Build to here one",
      "2 r Run one",
      "2 d Debug one",
      "2 b Build target one one",
      "4 b Build image -",
      "4 r Run -",
      "4 d Debug -",
    ]);
    assert.deepEqual(lenses("# no stage\n"), []);
  });

  it("are not there for a stage that no builder finds by a name", () => {
    assert.deepEqual(lenses("FROM a AS x\nFROM b\nFROM c AS X\n"), ["3 b Build image -", "3 r Run -", "3 d Debug -"]);
  });

  it("want all commands of a client", () => {
    assert.deepEqual(lensCommands(commands), commands);
    assert.equal(lensCommands({ build: "b" }), undefined);
    assert.equal(lensCommands(undefined), undefined);
  });
});
