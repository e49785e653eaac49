import assert from "node:assert/strict";
import { compileIgnore, readIgnoreFile } from "../../../engine/context/ignore.ts";

function ignored(file: string, path: string): boolean {
  return compileIgnore(readIgnoreFile(file)).ignores(path);
}

describe("reading .dockerignore", () => {
  it("cleans lines as the reference does", () => {
    assert.deepEqual(
      readIgnoreFile(
        "\uFEFF# comment\r\n #pattern\r\n\n  a/b/  \n!  keep\n//e//deep/\n/\nd/../b.md\n../x\n/rooted\n!/r2\n",
      ),
      ["#pattern", "a/b", "!keep", "e/deep", "/", "b.md", "../x", "rooted", "!r2"],
    );
  });

  it("refuses malformed patterns, naming file and pattern", () => {
    assert.throws(() => compileIgnore(["a["]), /\.dockerignore: syntax error in pattern "a\["/);
    assert.throws(() => compileIgnore(["!"]), /illegal exclusion pattern/);
  });
});

describe("matching .dockerignore", () => {
  // File, path, ignored?
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["node_modules", "node_modules", true],
    ["node_modules", "node_modules/a/b", true],
    ["node_modules", "sub/node_modules", false],
    ["**/node_modules", "node_modules/x", true],
    ["**/node_modules", "a/b/node_modules/x", true],
    ["*.md", "a.md", true],
    ["*.md", "d/a.md", false],
    ["**/*.md", "d/e/a.md", true],
    ["**/*.md", "a.md", true],
    ["*/temp*", "a/temporary.txt", true],
    ["*/temp*", "a/b/temp", false],
    ["temp?", "tempa", true],
    ["temp?", "temp", false],
    ["dir/**", "dir/a/b", true],
    ["dir/**", "dir", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["**", "anything/at/all", true],
    ["*\n!keep", "keep", false],
    ["*\n!keep", "keep/inside", false],
    ["*\n!keep", "other", true],
    ["*\n!src/app", "src/app/main.ts", false],
    ["*\n!src/app", "src/other", true],
    ["!a.txt\na.txt", "a.txt", true],
    ["a.txt\n!a.txt", "a.txt", false],
    ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
    ["*.md\n!README*.md\nREADME-secret.md", "README-a.md", false],
    ["**foo", "barfoo", true],
    ["**foo", "x/foo", true],
    ["**foo", "xfoo/inside", true],
    ["**foo", "foobar", false],
    ["a|b*", "a.txt", true],
    ["a|b*", "zzz", false],
    ["a|b", "a", false],
    ["a|b", "a|b", true],
    ["foo{*", "foo{bar", true],
    ["[!z]x", "!x", true],
    ["[!z]x", "ax", false],
    ["[^z]x", "ax", true],
    ["[a-c]x", "bx", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "aXb", false],
    ["a.b*", "aXb", false],
    ["a+(b)$*", "a+(b)$x", true],
    [".", "a", false],
    ["/", "a", false],
    ["../x", "x", false],
    ["/rooted", "rooted", true],
    ["d\n!d/f\nd", "d/f", false],
  ];
  for (const [file, path, answer] of cases) {
    it(`${JSON.stringify(file)} ${answer ? "hides" : "shows"} ${path}`, () => {
      assert.equal(ignored(file, path), answer);
    });
  }

  it("knows which ignored folders need not be walked", () => {
    const ignore = compileIgnore(readIgnoreFile("node_modules\n*/out\n!.env.example\n!src/out/*.map"));
    assert.equal(ignore.mayReinclude("node_modules"), false);
    assert.equal(ignore.mayReinclude("src/out"), true);
    assert.equal(ignore.mayReinclude("src"), true);
    assert.equal(compileIgnore(["a", "!**/b"]).mayReinclude("a"), true);
  });
});
