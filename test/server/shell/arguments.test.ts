import assert from "node:assert/strict";
import { flagsOf, hasFlag, subcommand } from "../../../server/shell/arguments.ts";
import type { ShellWord } from "../../../server/shell/model.ts";

function args(line: string): { readonly args: readonly ShellWord[] } {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return {
    args: line
      .split(" ")
      .filter((text) => text !== "")
      .map((text) => ({ text, raw: text, start: 0, end: 0, range, constant: true, quoted: false })),
  };
}

function read(line: string, valued: readonly string[] = []): string {
  const { flags, operands } = flagsOf(args(line), { valued });
  const named = flags.map(({ name, value }) => (value === undefined ? name : `${name}:${value}`));
  return `${named.join(" ")} | ${operands.map((word) => word.text).join(" ")}`;
}

describe("flags and operands", () => {
  const table: readonly (readonly [string, readonly string[], string])[] = [
    ["install -y curl", [], "-y | install curl"],
    ["-yq install curl", [], "-y -q | install curl"],
    ["install -t stable curl", ["-t"], "-t:stable | install curl"],
    ["install -yt stable curl", ["-t"], "-y -t:stable | install curl"],
    ["install -tstable curl", ["-t"], "-t:stable | install curl"],
    ["install --target-release stable curl", ["--target-release"], "--target-release:stable | install curl"],
    ["install --target-release=stable curl", ["--target-release"], "--target-release:stable | install curl"],
    ["install -q=2 curl", [], "-q:2 | install curl"],
    ["install -o A=b curl", ["-o"], "-o:A=b | install curl"],
    ["run -- -x y", [], " | run -x y"],
    ["- a", [], " | - a"],
    ["install -t", ["-t"], "-t | install"],
    ["-ArgumentList x", ["-ArgumentList"], "-ArgumentList:x | "],
  ];
  for (const [line, valued, expected] of table) {
    it(`of \`${line}\``, () => assert.equal(read(line, valued), expected));
  }

  it("finds a flag alone, with a value, and among combined ones", () => {
    for (const line of ["-y", "--yes", "--yes=true", "install -qy", "install curl -y"]) {
      assert.ok(hasFlag(args(line), "-y", "--yes"), line);
    }
    for (const line of ["", "install", "--yell", "-- -y", "install y", "--no-y"]) {
      assert.ok(!hasFlag(args(line), "-y", "--yes"), line);
    }
  });

  it("finds a subcommand behind flags and their values", () => {
    assert.equal(subcommand(args("-c conf -y install curl"), { valued: ["-c"] })?.text, "install");
    assert.equal(subcommand(args("-y")), undefined);
  });
});
