import assert from "node:assert/strict";
import { findPlaces } from "../../../client/terminals/places.ts";

const places = (line: string) => findPlaces(line).map(({ file, line, column }) => `${file} ${line + 1} ${column + 1}`);

describe("client/terminals/places", () => {
  it("finds files with lines as programs write them", () => {
    assert.deepEqual(places("    at Object.<anonymous> (/app/src/server.js:12:34)"), ["/app/src/server.js 12 34"]);
    assert.deepEqual(places("src/main.go:7: undefined: x"), ["src/main.go 7 1"]);
    assert.deepEqual(places("4 │ ./lib/a-b.test.ts:3:1 - error"), ["./lib/a-b.test.ts 3 1"]);
    assert.deepEqual(places('  File "/app/main.py", line 9, in <module>'), ["/app/main.py 9 1"]);
    assert.deepEqual(places("Program.cs(5,17): error CS0103"), ["Program.cs 5 17"]);
  });

  it("says where in the line they stand", () => {
    const line = "error in a/b.js:12 and c.js:3:4";
    assert.deepEqual(
      findPlaces(line).map(({ start, length }) => line.slice(start, start + length)),
      ["a/b.js:12", "c.js:3:4"],
    );
  });

  it("takes no address of the web, no time and no version for a file", () => {
    for (const line of [
      "http://example.com:80/",
      "https://a.b/c.js:1",
      "at 12:30:01",
      "node:24",
      "v1.2.3:4",
      "1.2.3.4:80",
    ]) {
      assert.deepEqual(places(line), [], line);
    }
  });

  it("is not stopped by a very long line", () => {
    assert.deepEqual(places(`${"a/".repeat(500_000)}b.js:1`), []);
  });
});
