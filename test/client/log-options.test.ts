import assert from "node:assert/strict";
import {
  goesOnAt,
  linesWith,
  logQuery,
  plainText,
  usualLogOptions,
} from "../../client/commands/containers/log-options.ts";

describe("client/commands/containers/log-options", () => {
  it("asks the engine for what was chosen", () => {
    assert.deepEqual(logQuery(usualLogOptions, 0), { stdout: true, stderr: true, tail: 1000 });
    assert.deepEqual(logQuery({ timestamps: true, sinceSeconds: 60, tail: 0 }, 100_500), {
      stdout: true,
      stderr: true,
      timestamps: true,
      since: 40,
    });
  });

  it("goes on with the first line of a run that began before the end of the last one was heard of", () => {
    const [first, second] = ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:07.500Z"];
    const at = (text: string) => Date.parse(text);
    assert.equal(goesOnAt(at(second) + 200, first, second), at(second) / 1000);
    // Started when somebody wanted it: nothing came before.
    assert.equal(goesOnAt(at(second) - 900, first, second), (at(second) - 900) / 1000);
    // The same run, whose stream broke off: what was shown is not shown again.
    assert.equal(goesOnAt(at(first) + 900, first, first), (at(first) + 900) / 1000);
    // Of a run that was never started.
    assert.equal(goesOnAt(1000, first, ""), 1);
  });

  it("takes colours, titles and what was overwritten out of what stands in a document", () => {
    assert.equal(
      plainText("\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07a\x1b[2K\n10%\r20%\r100%\nend\r\n"),
      "red\na\n100%\nend\n",
    );
  });

  it("shows lines with each of the words", () => {
    const text = "GET /a 200\nget /b 500\nPOST /b 500\n";
    assert.equal(linesWith(text, "Get 500"), "get /b 500\n");
    assert.equal(linesWith(text, " "), text);
    assert.equal(linesWith(text, "nothing"), "");
  });
});
