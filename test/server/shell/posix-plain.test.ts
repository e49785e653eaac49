// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts have variables
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "../../../engine/analysis.ts";
import { parses, prepareShell } from "../../../server/shell/grammar.ts";
import { readGrammar, readPosix } from "../../../server/shell/posix.ts";

const pieces = [
  ...["a", "echo", "apt-get", "sudo", "env", "exec", "set", "timeout 5", "xargs", "command -v", "in", "x.sh", "B=1"],
  ...[
    "-x",
    "-e",
    "--y=z",
    "/v/*",
    "?",
    "1",
    "0x1",
    "=",
    "==",
    "+",
    "+=",
    "%",
    "@",
    ",",
    ".",
    ":",
    "-",
    "a,b",
    "{",
    "}",
  ],
  ...["$A", "${B}", '"c d"', "'e $f'", '"g $H i"', '"${J}k"', "''", '""', "é", '"é😀"', "http://x.y/z?a=b", "\t"],
  ...[
    " ",
    " ",
    " ",
    " ",
    " ",
    " && ",
    " && ",
    "&&",
    " || ",
    ";",
    "; ",
    " | ",
    "|",
    "\n",
    " \n\n ",
    " &&\n ",
    ";\n",
    "'x\ny'",
    '"x\ny"',
    "do",
    "if",
    "eval",
    "sh",
    "bash -c",
    "export",
  ],
];
const starts = ["a ", "echo ", "apt-get install ", "sudo ", "/x/y.sh ", ""];

describe("scripts of plain commands", () => {
  before(() => prepareShell());

  /** True when the grammar was not needed. */
  function readsAlike(text: string): boolean {
    const before = parses.count;
    const core = readPosix(text);
    const isPlain = parses.count === before;
    if (isPlain) assert.deepEqual(core, readGrammar(text), text);
    return isPlain;
  }

  it("are read without the grammar, in most of the corpus, as it would read them", () => {
    const folder = "test/corpus";
    const files = readdirSync(folder).filter((name) => name.endsWith(".Dockerfile"));
    const instructions = files.flatMap((file) => parse(readFileSync(path.join(folder, file), "utf8")).instructions);
    const runs = instructions.filter(
      ({ keyword, json, heredocs }) => keyword === "RUN" && !json && heredocs.length === 0,
    );
    const plain = runs.filter(({ rest }) => readsAlike(rest.text));
    assert.ok(plain.length > runs.length / 2, `${plain.length} of ${runs.length}`);
  });

  it("are told from everything else that is made of the same pieces", () => {
    let state = 11;
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let plain = 0;
    for (let round = 0; round < 12_000; round += 1) {
      const body = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join("");
      if (readsAlike((starts[next(starts.length)] ?? "") + body)) plain += 1;
    }
    assert.ok(plain > 1000, `${plain} were plain`);
  });

  it("are left to the grammar when a quoted word without an end is long", () => {
    assert.equal(readsAlike(`echo "${"a".repeat(1_000_000)}`), false);
  });
});
