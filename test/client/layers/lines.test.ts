import assert from "node:assert/strict";
import type { StepRun } from "../../../client/builds/run.ts";
import { lineNow, tieLines } from "../../../client/layers/lines.ts";
import { foreignLayers } from "../../../client/layers/source.ts";
import type { Digest } from "../../../engine/base/digest.ts";

/** `7 app RUN x`: line from 1, stage, instruction. */
function steps(...lines: readonly string[]): StepRun[] {
  return lines.map((text, id) => {
    const [, line = "", stage = "", words = ""] = /^(\d+) (\S+) (.*)$/.exec(text) ?? [];
    const at = { line: Number(line) - 1, character: 0 };
    const step = { id, stage, text: words, keyword: words.split(" ")[0] ?? "", range: { start: at, end: at } };
    return { step, state: "done" };
  });
}

function history(...instructions: readonly string[]) {
  const makes = (text: string) => /^(RUN|COPY|ADD|WORKDIR)/.test(text);
  let next = 0;
  const list = instructions.map((instruction) => ({ instruction, ...(makes(instruction) ? { layer: next++ } : {}) }));
  const layers = list.flatMap(({ layer, instruction }) =>
    layer === undefined ? [] : [{ index: layer, instruction, sizeBytes: 1 }],
  );
  return { steps: list, layers };
}

/** Lines from 1, by layer. */
function tied(image: ReturnType<typeof history>, runs: readonly StepRun[], target?: string): (number | undefined)[] {
  const lines = tieLines(image, { file: "file:///w/Dockerfile", steps: runs, ...(target ? { target } : {}) });
  return image.layers.map(({ index }) => {
    const found = lines.get(index);
    return found && found.line + 1;
  });
}

describe("layers and lines of a Dockerfile", () => {
  const base = ["ADD rootfs.tar /", 'CMD ["sh"]'];

  it("belong together from the end; what is below came with the base image", () => {
    const image = history(...base, "WORKDIR /app", "COPY . .", "ENV A=b", "RUN npm ci", 'CMD ["x"]');
    const runs = steps("1 stage-0 FROM node", "2 stage-0 WORKDIR /app", "3 stage-0 COPY . .", "5 stage-0 RUN npm ci");
    assert.deepEqual(tied(image, runs), [1, 2, 3, 5]);
  });

  it("belong together where the words are not quite the same", () => {
    const image = history(...base, "COPY a.txt /x", "RUN echo   1");
    const runs = steps("1 s FROM node", "2 s COPY $FILE /x", "3 s RUN echo 1");
    assert.deepEqual(tied(image, runs), [1, 2, 3]);
  });

  it("do not take an instruction of the base image for one of the Dockerfile", () => {
    const image = history("ADD rootfs /", "RUN npm ci", "RUN npm ci");
    assert.deepEqual(tied(image, steps("1 s FROM node", "2 s RUN npm ci")), [1, 1, 2]);
  });

  it("are those of the last stage, and of the stages that it is from", () => {
    const runs = steps(
      "1 build FROM node AS build",
      "2 build RUN make",
      "3 base FROM alpine AS base",
      "4 base RUN apk add x",
      "5 stage-2 FROM base",
      "6 stage-2 COPY --from=build /a /b",
    );
    assert.deepEqual(tied(history(...base, "RUN apk add x", "COPY /a /b"), runs), [3, 4, 6]);
    assert.deepEqual(tied(history(...base, "RUN make"), runs, "build"), [1, 2]);
  });

  it("know the base of a stage that shares its step with another one", () => {
    const runs = steps(
      "1 tools FROM busybox AS tools",
      "2 tools RUN x",
      "5 stage-1 RUN y",
      "6 stage-1 COPY --from=tools /a /b",
    );
    assert.deepEqual(tied(history(...base, "RUN y", "COPY /a /b"), runs), [1, 5, 6]);
  });

  it("are unknown where nothing fits", () => {
    assert.deepEqual(tied(history("ADD rootfs /"), steps("1 s FROM x", "2 s RUN y")), [undefined]);
    assert.deepEqual(tied(history("ADD rootfs /"), steps("1 s FROM x")), [1]);
    assert.deepEqual(tied(history("ADD rootfs /"), []), [undefined]);
  });
});

describe("an instruction in a Dockerfile that has changed since", () => {
  const text = "# a\n# b\nFROM x\nRUN a && \\\n  b\nCOPY . .\n";
  const at = (line: number, instruction: string) => lineNow(text, { line, text: instruction });
  it("is found nearby, by its first line, or stays where it was", () => {
    assert.equal(at(2, "FROM x"), 2);
    assert.equal(at(0, "FROM x"), 2);
    assert.equal(at(9, "RUN a && b"), 3);
    assert.equal(at(1, "COPY . ."), 5);
    assert.equal(at(4, "RUN gone"), 4);
    assert.equal(at(99, "RUN gone"), 6);
  });
});

describe("layers of other engines", () => {
  const diffIds = ["sha256:a", "sha256:b", "sha256:c"] as Digest[];
  const told = (CreatedBy: string, Size: number) => ({ CreatedBy, Size, Created: 1_700_000_000 });

  it("are tied to the history that has no word about them", () => {
    const history = [
      told('CMD ["x"]', 0),
      told("RUN /bin/sh -c true # buildkit", 0),
      told("COPY . . # buildkit", 5),
      told('/bin/sh -c #(nop)  CMD ["sh"]', 0),
      told("/bin/sh -c #(nop) ADD file:1 in / ", 9),
    ];
    const { layers, steps: all } = foreignLayers("sha256:1", history, diffIds);
    assert.deepEqual(
      layers.map(({ instruction, sizeBytes, diffId }) => [instruction, sizeBytes, diffId]),
      [
        ["ADD file:1 in /", 9, "sha256:a"],
        ["COPY . .", 5, "sha256:b"],
        ["RUN true", 0, "sha256:c"],
      ],
    );
    assert.equal(all.length, 5);
  });

  it("are those with bytes where the instructions do not come out even", () => {
    const { layers } = foreignLayers("x", [told("WORKDIR /", 0), told("bazel build", 7)], diffIds.slice(0, 1));
    assert.deepEqual(
      layers.map(({ instruction }) => instruction),
      ["bazel build"],
    );
  });
});
