import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

describe("the package", function () {
  this.timeout(180_000);

  it("holds what VS Code loads and nothing else, and nothing in it looks like a secret", () => {
    // A copy: the build empties dist/, which other tests use.
    const copy = mkdtempSync(path.join(tmpdir(), "drydock-package-"));
    try {
      const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
      for (const file of files) cpSync(file, path.join(copy, file), { errorOnExist: false });
      symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"));
      const said = execFileSync(process.execPath, [".ci/package.mjs"], { cwd: copy, encoding: "utf8", stdio: "pipe" });
      const { name, version } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string; version: string };
      const vsix = `out/${name}-${version}.vsix`;
      assert.match(said, new RegExp(`^${vsix}: \\d+ files, `, "m"));
      assert.ok(statSync(path.join(copy, vsix)).size > 1_000_000);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
