import assert from "node:assert/strict";
import { compileIgnore, readIgnoreFile } from "../../../engine/context/ignore.ts";
import { ignoreLines, patternText } from "../../../server/ignore/lines.ts";
import { decide, ignoreMatcher } from "../../../server/ignore/matcher.ts";

const pieces = ["a", "b/", "/", "!", "**", "*", ".", "..", " ", "#", "\t", "c.md", "\r", "\n", "\n", "[a]", "?", "d"];

/** Numbers that look random and are the same in each run. */
function* numbers(): Generator<number> {
  for (let state = 7; ; ) {
    state = (state * 48271) % 2147483647;
    yield state;
  }
}

const random = numbers();
const pick = <T>(of: readonly T[]): T => of[Number(random.next().value) % of.length] as T;
const texts = Array.from({ length: 500 }, () => Array.from({ length: 24 }, () => pick(pieces)).join(""));

describe("lines of a .dockerignore", () => {
  it("are the patterns that the builder reads", () => {
    for (const text of ["\uFEFFa\n#b\n c \n", ...texts]) {
      const again = (pattern: string) => (compiles(pattern) ? pattern : "bad");
      assert.deepEqual(
        ignoreLines(text).map((line) => again(patternText(line))),
        readIgnoreFile(text).map(again),
        JSON.stringify(text),
      );
    }
  });

  it("stand where they are written", () => {
    const [line] = ignoreLines("  ! /docs/*.md \n");
    assert.deepEqual(line?.range, { start: { line: 0, character: 2 }, end: { line: 0, character: 14 } });
    assert.deepEqual(line?.patternRange, { start: { line: 0, character: 4 }, end: { line: 0, character: 14 } });
    assert.equal(line?.pattern, "docs/*.md");
  });

  it("decide as the builder's matcher does", () => {
    const paths = ["a", "b", "b/a", "c.md", "b/c.md", "d/b/a", "d"];
    for (const text of texts) {
      const matcher = ignoreMatcher(ignoreLines(text));
      for (const path of paths) assert.equal(decide(matcher, path).ignored, matcher.ignore.ignores(path), text);
    }
  });

  it("name the line that decides, and the folder that it matches", () => {
    const matcher = ignoreMatcher(ignoreLines("# x\nnode_modules\n!node_modules/keep\n"));
    const hidden = decide(matcher, "node_modules/a/b.js");
    assert.deepEqual([hidden.ignored, hidden.line?.line, hidden.through], [true, 1, "node_modules"]);
    const kept = decide(matcher, "node_modules/keep/c.js");
    assert.deepEqual([kept.ignored, kept.line?.line, kept.through], [false, 2, "node_modules/keep"]);
    assert.deepEqual(decide(matcher, "src/a.js"), { ignored: false });
  });
});

function compiles(pattern: string): boolean {
  try {
    compileIgnore([pattern]);
    return true;
  } catch {
    return false;
  }
}
