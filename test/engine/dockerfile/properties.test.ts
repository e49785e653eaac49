// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Position, Range } from "../../../engine/base/ranges.ts";
import { expansionsOf } from "../../../engine/dockerfile/expansions.ts";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { lower } from "../../../engine/graph/lower.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

const texts = Object.values(dockerfiles);
/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 1500);
describe("parse, on any text", () => {
  it("finds nothing fatal in the files that build elsewhere", () => {
    const bad = Object.entries(dockerfiles).filter(([, text]) => parse(text).problems.some(({ fatal }) => fatal));
    assert.deepEqual(
      bad.map(([name]) => name),
      ["mistakes"],
    );
  });

  it("never throws, and every place lies in the file", () => {
    const random = randomNumbers(20_261_121);
    for (let round = 0; round < rounds; round++) {
      let text = texts[random(texts.length)] ?? "";
      for (let edit = random(6); edit >= 0; edit--) text = edited(text, random, texts);
      check(text);
    }
  });

  it("does so for every beginning of a file, as while somebody types", () => {
    for (const text of texts) for (let end = 0; end <= text.length; end++) check(text.slice(0, end));
  });

  it("can be lowered or says why not", () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 1500; round++) {
      const text = edited(texts[random(texts.length)] ?? "", random, texts);
      const result = lower(parse(text), { platform: { os: "linux", architecture: "amd64" }, images: new Map() });
      assert.ok("graph" in result || result.problems.length > 0, text);
    }
  });
});

describe("parse, on files that are made to be slow", () => {
  const heredoc = (index: number) => `RUN <<E${index}\n`;
  const shapes: Readonly<Record<string, (size: number) => string>> = {
    "heredocs without end, all different": (size) => Array.from({ length: size }, (_, at) => heredoc(at)).join(""),
    "heredocs with ends far away": (size) =>
      `RUN ${Array.from({ length: size }, (_, at) => `<<E${at}`).join(" ")}\n${"x\n".repeat(size)}`,
    "one long line": (size) => `RUN ${"a ".repeat(size * 20)}`,
    "a long line of quotes": (size) => `ENV A=${"\"'".repeat(size * 10)}`,
    "a long line of braces": (size) => `ENV A=${"${A:-".repeat(size * 10)}`,
    continuations: (size) => `RUN a ${"\\\n b".repeat(size * 10)}`,
    "continuations without words": (size) => `RUN ${"\\\n".repeat(size * 10)}`,
    "comments in a continuation": (size) => `RUN a \\\n${"# c\n".repeat(size * 10)}`,
    "a long JSON array": (size) => `CMD [${'"a", '.repeat(size * 10)}"a"]`,
    "an array in arrays": (size) => `CMD ${"[".repeat(size * 10)}`,
    flags: (size) => `COPY ${"--x ".repeat(size)}${"--link ".repeat(size)} a b`,
    "mount fields": (size) => `RUN --mount=${"id=a,".repeat(size * 10)} x`,
    "dashes in an image name": (size) => `FROM ${"a-".repeat(size * 10)}!`,
    arrows: (size) => `RUN ${"<< ".repeat(size * 10)}`,
  };
  for (const [name, make] of Object.entries(shapes)) {
    it(`takes time in step with the length of ${name}`, () => {
      // Four times the length; a square would take sixteen times the time, in every attempt. A busy machine spoils only some.
      const attempts: string[] = [];
      while (attempts.length < 8) {
        const small = timeOf(`FROM a\n${make(2500)}`);
        const large = timeOf(`FROM a\n${make(10_000)}`);
        if (large < 60 || large < small * 10) return;
        attempts.push(`${small.toFixed(1)} ms, then ${large.toFixed(1)} ms`);
      }
      assert.fail(attempts.join("; "));
    });
  }
});

function timeOf(text: string): number {
  const before = ownCpuMs();
  const file = parse(text);
  assert.ok(file.problems.length >= 0);
  for (const instruction of file.instructions) expansionsOf(instruction, file.escape);
  return ownCpuMs() - before;
}

function check(text: string): void {
  const file = parse(text);
  const lines = text.split("\n");
  for (const range of rangesOf(file)) {
    assert.ok(
      isIn(range.start, lines) && isIn(range.end, lines),
      `${JSON.stringify(range)} in ${JSON.stringify(text)}`,
    );
    assert.ok(compare(range.start, range.end) <= 0, `${JSON.stringify(range)} in ${JSON.stringify(text)}`);
  }
  for (const { words, rest } of file.instructions) {
    for (const word of words) {
      assert.equal(rest.text.slice(word.offset, word.offset + word.text.length), word.text);
      const { start, end } = word.range;
      if (start.line === end.line) assert.equal(lines[start.line]?.slice(start.character, end.character), word.text);
    }
  }
}

function* rangesOf(file: Dockerfile): Generator<Range> {
  for (const { range } of file.problems) yield range;
  for (const { range } of file.comments) yield range;
  for (const { range, valueRange } of file.directives) yield* [range, valueRange];
  for (const { range } of file.stages) yield range;
  for (const instruction of file.instructions) yield* rangesOfInstruction(instruction);
}

function* rangesOfInstruction(instruction: Instruction): Generator<Range> {
  yield instruction.range;
  yield instruction.keywordWord.range;
  yield instruction.rest.rangeOf(-5, 1_000_000);
  for (const { range, nameRange, valueRange = range } of instruction.flags) yield* [range, nameRange, valueRange];
  for (const { range } of [...instruction.words, ...(instruction.json ?? [])]) yield range;
  for (const { range, contentRange } of instruction.heredocs) yield* [range, contentRange];
  if (instruction.trigger !== undefined) yield* rangesOfInstruction(instruction.trigger);
}

function isIn({ line, character }: Position, lines: readonly string[]): boolean {
  return line >= 0 && character >= 0 && character <= (lines[line]?.length ?? -1);
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
