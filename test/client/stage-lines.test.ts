import assert from "node:assert/strict";
import { stageLines } from "../../client/ui/stage-lines.ts";

describe("lines between stages", () => {
  const lines = (text: string) => {
    const all = text.split("\n");
    const froms = all.flatMap((line, at) => (line.startsWith("FROM") ? [at] : []));
    return stageLines(froms, (at) => all[at] ?? "");
  };

  it("stand above each stage but the first, and above the comment that introduces it", () => {
    assert.deepEqual(lines("# a\nFROM a\nRUN b\n\n# c\n# d\nFROM e\nFROM f\n"), [4, 7]);
  });

  it("stand at FROM when the comment could belong to the stage before", () => {
    assert.deepEqual(lines("FROM a\nRUN b\n# c\nFROM d\n"), [3]);
  });
});
