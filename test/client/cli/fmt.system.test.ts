import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { unifiedDiff } from "../../../client/cli/fmt/diff.ts";
import { formatFile } from "../../../server/format/format.ts";
import { defaultFormat } from "../../../server/format/options.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("drydock fmt", () => {
  const folder = scratchFolder();
  let program = "";
  let file = "";

  const drydock = (args: readonly string[], input: string | Buffer = "") => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, "fmt", ...args], {
      cwd: folder(),
      input,
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    return { status, stdout, stderr };
  };

  const untidy = "FROM a\nRUN b \\\n&& c\n";
  const tidy = "FROM a\nRUN b \\\n    && c\n";

  before(() => {
    const built = mkdtempSync(path.join(tmpdir(), "drydock-fmt-"));
    program = path.join(built, "cli.js");
    buildSync({
      entryPoints: ["client/cli/main.ts"],
      outfile: program,
      external: ["cpu-features", "*.node"],
      bundle: true,
      platform: "node",
      target: "node20",
      mainFields: ["module", "main"],
      logLevel: "error",
    });
  });
  after(() => rmSync(path.dirname(program), { recursive: true }));
  beforeEach(() => {
    file = path.join(folder(), "Dockerfile");
    writeFileSync(file, untidy);
  });

  it("formats files in their place, names those that it changes, and keeps their mode", () => {
    chmodSync(file, 0o640);
    assert.deepEqual(drydock(["Dockerfile"]), { status: 0, stdout: "Dockerfile\n", stderr: "" });
    assert.equal(readFileSync(file, "utf8"), tidy);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(drydock(["Dockerfile"]), { status: 0, stdout: "", stderr: "" });
    assert.equal(drydock(["--indent", "2", "Dockerfile"]).status, 0);
    assert.equal(readFileSync(file, "utf8"), tidy.replace("    ", "  "));
  });

  it("only says what it would change with --check and --diff", () => {
    assert.deepEqual(drydock(["--check", "Dockerfile"]), { status: 1, stdout: "Dockerfile\n", stderr: "" });
    const diff = drydock(["--diff", "Dockerfile"]);
    assert.equal(diff.status, 0);
    assert.equal(
      diff.stdout,
      "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,3 @@\n FROM a\n RUN b \\\n-&& c\n+    && c\n",
    );
    assert.equal(drydock(["--check", "--diff", "Dockerfile"]).status, 1);
    assert.equal(readFileSync(file, "utf8"), untidy);
  });

  it("indents as most of a file does, unless it is told how", () => {
    const file = (indent: string) => `FROM a\nRUN b \\\n${indent}c\nRUN b \\\n${indent}c\nRUN d \\\ne\n`;
    for (const indent of ["  ", "    ", "\t", "        "]) {
      assert.equal(drydock(["-"], file(indent)).stdout, file(indent).replace("\ne\n", `\n${indent}e\n`));
    }
    assert.match(drydock(["--indent", "tab", "-"], file("  ")).stdout, /\n\tc\n.*\n\tc\n.*\n\te\n$/);
  });

  it("shows lines that change together as one block", () => {
    const { stdout } = drydock(["--diff", "-"], "FROM a\nRUN b \\\nc \\\nd\n");
    assert.match(stdout, /\n-c .*\n-d\n\+ {4}c .*\n\+ {4}d\n$/);
  });

  it("reads standard input and writes standard output", () => {
    assert.deepEqual(drydock(["-"], untidy), { status: 0, stdout: tidy, stderr: "" });
    assert.deepEqual(drydock(["--check", "-"], tidy), { status: 0, stdout: "", stderr: "" });
    const capitals = drydock(["--upper-case", "--spacing", "--stage-lines", "1", "-"], "from a as b\nfrom  c\n");
    assert.equal(capitals.stdout, "FROM a AS b\n\nFROM c\n");
  });

  it("goes on behind a file that it cannot read, and leaves alone what is no text", () => {
    const bytes = Buffer.from([0x46, 0xff, 0x20, 0x0a]);
    writeFileSync(path.join(folder(), "odd"), bytes);
    const { status, stderr } = drydock(["missing", "odd", "Dockerfile"]);
    assert.equal(status, 2);
    assert.match(stderr, /missing.*\n.*odd is not UTF-8/);
    assert.deepEqual(readFileSync(path.join(folder(), "odd")), bytes);
    assert.equal(readFileSync(file, "utf8"), tidy);
  });

  it("says how an option is meant", () => {
    assert.match(drydock(["--indent", "0", "Dockerfile"]).stderr, /--indent is a number from 1 to 16/);
  });
});

describe("a diff of formatting", () => {
  const folder = scratchFolder();

  it("is what patch understands, also where a file has no last line end", () => {
    const random = randomNumbers(3);
    const texts = Object.values(dockerfiles);
    for (let round = 0; round < 40; round += 1) {
      let text = texts[round % texts.length] ?? "";
      for (let step = 0; step < 5; step += 1) text = edited(text, random, texts);
      // Half of a surrogate pair cannot be written.
      text = Buffer.from(text).toString();
      const { edits, formatted } = formatFile(text, {
        ...defaultFormat,
        spacing: true,
        blankLinesBetweenStages: round % 3,
      });
      if (edits.length === 0) continue;
      const file = path.join(folder(), "a");
      writeFileSync(file, text);
      const { status, stdout, stderr } = spawnSync(
        "git",
        ["apply", "--unsafe-paths", "-p0", "--whitespace=nowarn", "-"],
        {
          cwd: folder(),
          input: unifiedDiff("a", text, edits),
          encoding: "utf8",
        },
      );
      assert.equal(status, 0, `${stdout}${stderr}${JSON.stringify(text)}`);
      assert.equal(readFileSync(file, "utf8"), formatted, JSON.stringify(text));
    }
  }).timeout(60_000);
});
