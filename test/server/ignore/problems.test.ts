import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatMessage } from "../../../engine/base/message.ts";
import { pathOf } from "../../../server/files.ts";
import { IgnoreDocuments } from "../../../server/ignore/documents.ts";
import { ignoreHover } from "../../../server/ignore/hover.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("a .dockerignore", () => {
  const folder = scratchFolder();
  let documents: IgnoreDocuments;
  beforeEach(() => {
    documents = new IgnoreDocuments(pathOf, () => {}, 0);
  });

  const put = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder(), name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  };
  const documentOf = (text: string, version = 1) =>
    TextDocument.create(pathToFileURL(path.join(folder(), ".dockerignore")).href, "dockerignore", version, text);

  /** The problems' codes by line, and the text with all fixes made. */
  const look = async (text: string, version = 1) => {
    const analysis = documents.of(documentOf(text, version));
    await documents.survey(analysis);
    const { problems } = analysis;
    const fixed = problems.reduceRight(
      (now, { fix }) => (fix ? applyEdits(now, [{ range: fix.range, newText: fix.newText }]) : now),
      text,
    );
    return { codes: problems.map(({ code, range }) => `${range.start.line} ${code.slice(13)}`).sort(), fixed };
  };

  it("says over a line what it matches", async () => {
    put({ "one.log": "123", "src/a": "", "src/b": "" });
    const analysis = documents.of(documentOf("*.log\nsrc\nnone\n"));
    const survey = await documents.survey(analysis);
    const said = [0, 1, 2].map((line) =>
      JSON.stringify(ignoreHover(analysis.lines, { line, character: 1 }, survey, formatMessage)),
    );
    assert.match(said[0] ?? "", /Matches 1 file, 3 B/);
    assert.match(said[1] ?? "", /Matches 2 files/);
    assert.match(said[2] ?? "", /Nothing in the context/);
  });

  it("says what builders refuse", async () => {
    assert.deepEqual((await look("a[\n!\nb\\\n")).codes, ["0 bad-pattern", "1 bad-pattern", "2 bad-pattern"]);
  });

  it("knows the traps of single lines, and cures them", async () => {
    const traps: readonly (readonly [string, string, string])[] = [
      [" # comment\n", "indented-comment", "# comment\n"],
      ["a # why\n", "trailing-comment", "# why\na\n"],
      ["../x\n", "outside", ""],
      [".\n", "root", "*\n"],
      ["[!z]x\n", "negated-class", "[^z]x\n"],
      ["src/{a,b}.js\n", "braces", "src/a.js\nsrc/b.js\n"],
      ["a|b*\n", "alternation", "a\\|b*\n"],
      ["**foo\n", "suffix", "**/foo\n"],
    ];
    for (const [text, code, fixed] of traps) {
      assert.deepEqual(await look(text, Math.random()), { codes: [`0 ${code}`], fixed });
    }
  });

  it("leaves what is right alone", async () => {
    put({ "src/a.js": "", "b.test.js": "", "docs/x.md": "" });
    const text = "# fine\n\n**/node_modules\n.git\n**.js\n*.test.js\ndocs\n!docs/x.md\n[^a-z]z?\n";
    const { codes } = await look(text);
    assert.deepEqual(codes, ["8 no-match"]);
  });

  it("sees lines that the order undoes", async () => {
    put({ a: "", b: "" });
    assert.deepEqual((await look("!a\na\n")).codes, ["0 exception-first"]);
    assert.deepEqual((await look("a\nb\n!a\n", 2)).codes, ["0 undone"]);
    assert.deepEqual((await look("a\nb\na\n", 3)).codes, ["2 repeated"]);
    // Not the same: the exception stands between them.
    assert.deepEqual((await look("*\n!a\n*\n", 4)).codes.includes("2 repeated"), false);
  });

  it("asks whether **/name was meant where the name lies deeper", async () => {
    put({ "packages/x/node_modules/y.js": "", "packages/x/data/z": "", "data/z": "" });
    const { codes, fixed } = await look("node_modules\ndata\n/packages/x/keep\n");
    assert.deepEqual(codes, ["0 only-at-root", "1 only-at-root", "2 no-match"]);
    assert.equal(fixed, "**/node_modules\n**/data\n/packages/x/keep\n");
    assert.deepEqual((await look("/node_modules\n", 2)).codes, []);
  });

  it("sees exceptions that take nothing back", async () => {
    put({ "docs/a.md": "", "src/b.js": "" });
    assert.deepEqual((await look("docs\n!src/b.js\n")).codes, ["1 exception-without-effect"]);
    assert.deepEqual((await look("docs\n!docs/a.md\n", 2)).codes, []);
  });

  it("counts files and bytes of the context, and names what is largest", async () => {
    put({ "big/x": "12345", "big/y": "1234", small: "1", "node_modules/m": "1234567890" });
    const survey = await documents.survey(documents.of(documentOf("node_modules\n")));
    assert.deepEqual([survey?.files, survey?.bytes, survey?.isWhole, survey?.hasIgnored], [3, 10, true, true]);
    assert.deepEqual(
      survey?.largest.map(({ path: name, bytes }) => `${name} ${bytes}`),
      ["big 9", "big/x 5", "big/y 4", "small 1"],
    );
    assert.deepEqual(survey?.effects[0]?.bytes, 10);
  });

  it("walks the context once for many keys", async () => {
    put({ a: "" });
    for (let version = 1; version < 20; version += 1) await look(`a\n#${version}\n`, version);
    assert.equal(documents.walks, 1);
    documents.forget();
    await look("a\n", 30);
    assert.equal(documents.walks, 2);
  });

  it("is checked without a folder too", async () => {
    const analysis = documents.of(TextDocument.create("untitled:x", "dockerignore", 1, "a[\nb\n"));
    assert.equal(await documents.survey(analysis), undefined);
    assert.equal(analysis.problems.length, 1);
  });
});
