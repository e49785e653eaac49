import assert from "node:assert/strict";
import { compileGlob, hasWildcards } from "../../../engine/context/match.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

// Pattern, name, answer; undefined: malformed.
const cases: readonly (readonly [string, string, boolean | undefined])[] = [
  ["abc", "abc", true],
  ["*", "abc", true],
  ["*c", "abc", true],
  ["a*", "a", true],
  ["a*", "ab/c", false],
  ["a*/b", "abc/b", true],
  ["a*/b", "a/c/b", false],
  ["a*b*c*d*e*/f", "axbxcxdxe/f", true],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
  ["a*b?c*x", "abxbbxdbxebxczzx", true],
  ["a*b?c*x", "abxbbxdbxebxczzy", false],
  ["ab[c]", "abc", true],
  ["ab[b-d]", "abc", true],
  ["ab[^e-g]", "abc", true],
  ["ab[^c]", "abc", false],
  ["ab[!c]", "ab!", true],
  ["ab[!c]", "abd", false],
  ["a\\*b", "a*b", true],
  ["a\\*b", "ab", false],
  ["a?b", "a☺b", true],
  ["a[^a]b", "a☺b", true],
  ["a???b", "a☺b", false],
  ["a[^a]b", "a/b", true],
  ["a?b", "a/b", false],
  ["**", "a", true],
  ["**", "a/b", false],
  ["[\\]a]", "]", true],
  ["[\\-x]", "-", true],
  ["*x", "xxx", true],
  ["[]a]", "]", undefined],
  ["[-]", "-", undefined],
  ["[x-]", "x", undefined],
  ["[", "a", undefined],
  ["[^", "a", undefined],
  ["[^bc", "a", undefined],
  ["a[", "ab", undefined],
  ["\\", "a", undefined],
];

describe("Go's filepath.Match", () => {
  for (const [pattern, name, answer] of cases) {
    it(`${pattern} on ${name}: ${answer === undefined ? "malformed" : answer}`, () => {
      assert.equal(compileGlob(pattern)?.matches(name), answer);
    });
  }

  it("needs no more time for a hostile pattern", () => {
    const glob = compileGlob(`${"*a".repeat(50)}*b`);
    const startedAt = ownCpuMs();
    assert.equal(glob?.matches("a".repeat(4000)), false);
    assert.ok(ownCpuMs() - startedAt < 1000);
  });

  it("tells patterns from plain names", () => {
    assert.equal(hasWildcards("a\\*b"), false);
    assert.equal(hasWildcards("a\\\\*b"), true);
    assert.equal(hasWildcards("a[b"), true);
    assert.equal(hasWildcards("plain/name.txt"), false);
  });
});
