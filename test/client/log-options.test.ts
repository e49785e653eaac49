import assert from "node:assert/strict";
import { linesWith, logQuery, plainText, usualLogOptions } from "../../client/commands/containers/log-options.ts";

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
