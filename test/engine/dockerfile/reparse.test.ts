// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { parse, reparse } from "../../../engine/dockerfile/parse.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";

const texts = Object.values(dockerfiles);
/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 300);

describe("reparse", () => {
  it("gives what parse gives, after any edits", () => {
    const random = randomNumbers(20_261_121);
    for (let round = 0; round < rounds; round++) {
      let file = parse(texts[random(texts.length)] ?? "");
      const trail = [file.text];
      for (let edit = 0; edit < 10; edit++) {
        // Now and then an older version comes back, as by undo.
        const text = random(8) === 0 ? (trail[random(trail.length)] ?? "") : edited(file.text, random, texts);
        trail.push(text);
        file = reparse(file, text);
        assert.deepEqual(plain(file), plain(parse(text)), JSON.stringify(trail.slice(-2)));
      }
    }
  });

  it("gives what parse gives while a file is written from its beginning to its end", () => {
    for (const text of texts) {
      let file = parse("");
      for (let end = 1; end <= text.length; end += 1) {
        file = reparse(file, text.slice(0, end));
        if (end % 7 === 0) assert.deepEqual(plain(file), plain(parse(file.text)));
      }
    }
  });

  it("reads one instruction after one key, in a file of any length", () => {
    const before = parse(`FROM a\n${"RUN one\n# note\nCOPY a b\n".repeat(2000)}`);
    const after = reparse(before, replaced(before.text, "RUN one", "RUN ones", 1000));
    const known = new Set(before.instructions.map(({ content }) => content));
    assert.equal(after.instructions.filter(({ content }) => !known.has(content)).length, 1);
    assert.equal(after.instructions.filter((instruction, at) => instruction !== before.instructions[at]).length, 1);
  });

  it("keeps the instructions above an edit, and the contents of those that move", () => {
    const before = parse("FROM a\nRUN one\nRUN two\nRUN three\n");
    const after = reparse(before, "FROM a\nRUN one\n\nRUN new\nRUN two\nRUN three\n");
    assert.deepEqual(after.instructions.slice(0, 2), before.instructions.slice(0, 2));
    assert.equal(after.instructions[0], before.instructions[0]);
    assert.equal(after.instructions[1], before.instructions[1]);
    for (const [at, from] of [
      [3, 2],
      [4, 3],
    ] as const) {
      assert.equal(after.instructions[at]?.content, before.instructions[from]?.content);
      assert.equal(after.instructions[at]?.range.start.line, (before.instructions[from]?.range.start.line ?? 0) + 2);
    }
  });

  it("keeps the stages in which nothing changed", () => {
    const before = parse("FROM a AS one\nRUN x\nFROM b AS two\nRUN y\nFROM c\nRUN z\n");
    const after = reparse(before, before.text.replace("RUN y", "RUN yy"));
    assert.deepEqual(
      after.stages.map((stage, at) => stage === before.stages[at]),
      [true, false, true],
    );
  });

  it("knows again what an undo brings back, and what was moved", () => {
    const first = parse("FROM a\nRUN one\nRUN two\n");
    const second = reparse(first, "FROM a\nRUN on\nRUN two\n");
    const third = reparse(second, first.text);
    assert.deepEqual(contents(third), contents(first));
    const swapped = reparse(first, "FROM a\nRUN two\nRUN one\n");
    assert.deepEqual(new Set(contents(swapped)), new Set(contents(first)));
  });

  it("gives an ONBUILD and what stands behind it contents of their own", () => {
    const [, onbuild] = parse("FROM a\nONBUILD RUN x\n").instructions;
    assert.notEqual(onbuild?.content, onbuild?.trigger?.content);
    assert.equal(onbuild?.trigger?.content, onbuild?.trigger?.content);
  });

  it("gives the same object for the same text", () => {
    const file = parse("FROM a\n");
    assert.equal(reparse(file, "FROM a\n"), file);
  });

  it("reads the rest anew when a heredoc opens, closes, or a line begins to go on", () => {
    const steps = [
      "FROM a\nRUN <<EO\nx\nRUN y\nEOF\nRUN z\n",
      "FROM a\nRUN <<EOF\nx\nRUN y\nEOF\nRUN z\n",
      "FROM a\nRUN <<EOF\nx\nRUN y\nEO\nRUN z\n",
      "FROM a\nRUN <<EO \\\nx\nRUN y\nEO\nRUN z\n",
      "# escape=`\nFROM a\nRUN <<EO \\\nx\nRUN y\nEO\nRUN z \\\n",
      "# escape=`\nFROM a\nRUN z `\n",
      "# escape=`\nFROM a\nRUN z `\ny",
      "\uFEFF# escape=`\r\nFROM a\r\nRUN z `\r\ny",
      "",
    ];
    let file = parse("");
    for (const text of steps) {
      file = reparse(file, text);
      assert.deepEqual(plain(file), plain(parse(text)), text);
    }
  });
});

function contents(file: Dockerfile): object[] {
  return file.instructions.map(({ content }) => content);
}

function replaced(text: string, from: string, to: string, occurrence: number): string {
  let at = -1;
  for (let index = 0; index < occurrence; index++) at = text.indexOf(from, at + 1);
  return text.slice(0, at) + to + text.slice(at + from.length);
}

/** All that can be read from a file, without the objects that read it. */
function plain(file: Dockerfile): unknown {
  const { text, directives, comments, problems, lines } = file;
  const index = new Map(file.instructions.map((instruction, at) => [instruction, at]));
  return {
    text,
    escape: file.escape,
    directives,
    comments,
    problems,
    lines: Array.from({ length: lines.count + 2 }, (_, line) => [lines.startOf(line), lines.at(line)]),
    instructions: file.instructions.map(plainInstruction),
    globalArgs: file.globalArgs.map((instruction) => index.get(instruction)),
    stages: file.stages.map(({ from, instructions, ...stage }) => ({
      ...stage,
      from: index.get(from),
      instructions: instructions.map((instruction) => index.get(instruction)),
    })),
  };
}

function plainInstruction(instruction: Instruction): unknown {
  const { keyword, keywordWord, range, rest, words, json, notString, heredocs, trigger } = instruction;
  return {
    keyword,
    keywordWord,
    range,
    rest: [rest.text, rest.rangeOf(0, rest.text.length)],
    words,
    json,
    notString,
    heredocs,
    flags: instruction.flags.map(({ name, value, range, nameRange, valueRange, rawValue }) => {
      return { name, value, range, nameRange, valueRange, rawValue: rawValue?.text };
    }),
    trigger: trigger && plainInstruction(trigger),
  };
}
