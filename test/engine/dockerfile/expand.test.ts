// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { expandWord, expandWords, variablesIn } from "../../../engine/dockerfile/expand.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

const variables = new Map([
  ["A", "x"],
  ["EMPTY", ""],
  ["P", "foo.bar.baz"],
  ["S", "a b"],
]);

const table: readonly [written: string, expanded: string][] = [
  ["$A${A}$A-", "xxx-"],
  ["$UNSET|$12|$?|$$", "|||"],
  ["a$ $", "a$ $"],
  ["${U:-d}${EMPTY:-e}${EMPTY-f}", "de"],
  ["${A:+y}${U:+y}${EMPTY+z}", "yz"],
  ["${A:?no}${EMPTY?no}", "x"],
  ["${P#*.}|${P##*.}", "bar.baz|baz"],
  ["${P%.*}|${P%%.*}", "foo.bar|foo"],
  ["${P/./_}|${P//./_}", "foo_bar.baz|foo_bar_baz"],
  ["${P//[b]/_}", "foo.bar.baz"],
  ["${P#fo?}", ".bar.baz"],
  ["${P%\\*}", "foo.bar.baz"],
  ["${U:-${EMPTY:-$A}}", "x"],
  ["'$A'\"$A'\"", "$Ax'"],
  ['"\\x\\"\\$\\\\"', '\\x"$\\'],
  ["\\$A\\x\\\\", "$Ax\\"],
  ["end\\", "end"],
  ["${S}", "a b"],
];

describe("expandWord", () => {
  for (const [written, expanded] of table) {
    it(`makes ${written} into ${expanded}`, () => {
      assert.deepEqual(expandWord(written, variables), { text: expanded });
    });
  }

  it("says no, with a place, to what has no meaning", () => {
    for (const bad of [
      "${}",
      "${:x}",
      "${{",
      "${A",
      "${A^^}",
      "${A:#x}",
      "${P%\\q}",
      '"a',
      "'a",
      "${U:?why}",
      "${A/x}",
    ]) {
      const result = expandWord(`ok ${bad}`, variables);
      assert.ok("error" in result, bad);
      assert.ok(result.offset >= 3 && result.offset <= 3 + bad.length, bad);
    }
  });

  it("uses the escape character of the file", () => {
    assert.deepEqual(expandWord("c:\\$A `$A", variables, { escape: "`" }), { text: "c:\\x $A" });
  });

  it("leaves quotes alone in the bodies of heredocs", () => {
    assert.deepEqual(expandWord("'$A' \"\\$A\" \\\\", variables, { quotes: false }), { text: "'x' \"$A\" \\" });
  });

  it("can leave unknown variables as they are", () => {
    assert.deepEqual(expandWord("$U ${U:-d} $A", variables, { keepUnset: true }), { text: "$U ${U:-d} x" });
  });

  it("stops what would grow or nest without end", () => {
    const grown = new Map([["A", "x".repeat(1_000_000)]]);
    assert.ok("error" in expandWord("$A$A", grown));
    assert.ok("error" in expandWord("${A:-".repeat(100_000), variables));
  });

  it("matches hostile patterns in little time", () => {
    const long = new Map([["A", "x".repeat(60_000)]]);
    const before = ownCpuMs();
    expandWord("${A/*x*x*x*x*x*x*x*b/}", long);
    assert.ok(ownCpuMs() - before < 3000);
  });
});

describe("expandWords", () => {
  it("splits after expansion, except in quotes", () => {
    assert.deepEqual(expandWords('$S "$S" \'c d\' e\\ f ""', variables), { words: ["a", "b", "a b", "c d", "e f"] });
  });
});

describe("variablesIn", () => {
  it("finds all uses with their places, also in defaults", () => {
    const text = "a$B ${C:-$D} '$E' \\$F";
    const uses = variablesIn(text);
    assert.deepEqual(
      uses.map(({ name, operator, start, end }) => [name, operator, text.slice(start, end)]),
      [
        ["B", "", "$B"],
        ["D", "", "$D"],
        ["C", ":-", "${C:-$D}"],
      ],
    );
    assert.deepEqual(
      uses.map(({ nameStart, nameEnd }) => text.slice(nameStart, nameEnd)),
      ["B", "D", "C"],
    );
  });
});
