// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Position, Range } from "../../../engine/base/ranges.ts";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { lower } from "../../../engine/graph/lower.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";

const texts = Object.values(dockerfiles);
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
    for (let round = 0; round < 1500; round++) {
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
