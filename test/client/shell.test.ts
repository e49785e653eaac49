import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { listShells, shellCommand } from "../../client/commands/containers/shell.ts";
import { scratchFolder } from "../support/scratch.ts";

describe("client/commands/containers/shell", () => {
  const scratch = scratchFolder();

  /** Runs it where only these programs are. */
  function run([program = "", ...args]: readonly string[], ...names: readonly string[]): string {
    const bin = path.join(scratch(), "bin");
    mkdirSync(bin, { recursive: true });
    for (const name of names) {
      writeFileSync(path.join(bin, name), `#!/bin/sh\necho "this is ${name}"\n`);
      chmodSync(path.join(bin, name), 0o755);
    }
    return execFileSync(program, args, { env: { PATH: bin }, cwd: scratch(), encoding: "utf8" }).trim();
  }

  it("takes the best shell that there is", () => {
    assert.equal(run(shellCommand("auto"), "sh"), "this is sh");
    assert.equal(run(shellCommand(""), "zsh"), "this is zsh");
    assert.equal(run(shellCommand("auto"), "bash"), "this is bash");
  });

  it("takes the one that was chosen, else sh, and runs nothing that stands in its name", () => {
    assert.equal(run(shellCommand("fish"), "sh", "bash", "fish"), "this is fish");
    assert.equal(run(shellCommand("nu"), "sh"), "this is sh");
    assert.equal(run(shellCommand("$(bash); bash"), "sh"), "this is sh");
  });

  it("lists those that there are", () => {
    assert.equal(run(listShells, "sh", "zsh"), "zsh\nsh");
    assert.equal(run(listShells), "zsh\nsh");
  });
});
