import assert from "node:assert/strict";
import type { Range } from "../../../engine/base/ranges.ts";
import { readMountFields } from "../../../engine/dockerfile/mount-flag.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";

function fieldsOf(line: string) {
  const [, run] = parse(`FROM a\n${line}`).instructions;
  const [flag] = run?.flags ?? [];
  assert.ok(flag);
  const at = ({ start, end }: Range) => line.slice(start.character, end.character);
  const { fields, badQuotes } = readMountFields(flag);
  return {
    fields: fields.map(({ key, value, range, keyRange, valueRange }) => [
      key,
      value,
      at(range),
      at(keyRange),
      at(valueRange),
    ]),
    badQuotes: badQuotes && at(badQuotes),
  };
}

describe("readMountFields", () => {
  it("gives keys and values with their places, keys in lower case", () => {
    assert.deepEqual(fieldsOf("RUN --mount=Type=cache,target=/a=b,ro x").fields, [
      ["type", "cache", "Type=cache", "Type", "cache"],
      ["target", "/a=b", "target=/a=b", "target", "/a=b"],
      ["ro", undefined, "ro", "ro", "ro"],
    ]);
  });

  it("reads fields in quotes, with commas and doubled quotes", () => {
    assert.deepEqual(fieldsOf("RUN --mount='\"target=/a,b\",id=c' x").fields, [
      ["target", "/a,b", '"target=/a,b"', "target", "/a,b"],
      ["id", "c", "id=c", "id", "c"],
    ]);
    assert.deepEqual(fieldsOf('RUN --mount=\'"id=a""b"\' x').fields[0]?.slice(0, 3), ["id", 'a"b', '"id=a""b"']);
  });

  it("finds the places behind quotes and escapes of the flag", () => {
    assert.deepEqual(fieldsOf('RUN --mount=type=bind,"target=/a b",id=c\\ d x').fields.slice(1), [
      ["target", "/a b", "target=/a b", "target", "/a b"],
      ["id", "c d", "id=c\\ d", "id", "c\\ d"],
    ]);
  });

  it("stops at quotes that do not fit", () => {
    for (const [line, bad] of [
      ["RUN --mount='id=a,\"b' x", '"b'],
      ["RUN --mount='id=a,\"b\"c' x", '"b"'],
      ["RUN --mount='id=a,b\"' x", 'b"'],
    ] as const) {
      const { fields, badQuotes } = fieldsOf(line);
      assert.deepEqual([fields.length, badQuotes], [1, bad]);
    }
  });

  it("gives an empty field for a comma too many, and for nothing at all", () => {
    assert.deepEqual(fieldsOf("RUN --mount=id=a, x").fields[1]?.slice(0, 2), ["", undefined]);
    assert.deepEqual(fieldsOf("RUN --mount= x").fields[0]?.slice(0, 2), ["", undefined]);
  });
});
