import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { streamPseudoterminal } from "../../../client/terminals/stream-terminal.ts";

describe("a terminal on a process", () => {
  it("tells the process how large it has become while it was being connected", async () => {
    const sizes: string[] = [];
    let connected = (): void => {};
    const connecting = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const terminal = streamPseudoterminal(
      async ({ rows, columns }) => {
        sizes.push(`${rows}x${columns}`);
        await connecting;
        return {
          stream: new PassThrough(),
          resize: async (rows, columns) => sizes.push(`${rows}x${columns}`),
          finished: async () => 0,
        };
      },
      (error) => assert.fail(String(error)),
    );
    const opened = terminal.open({ rows: 24, columns: 80 });
    terminal.setDimensions?.({ rows: 12, columns: 150 });
    connected();
    await opened;
    terminal.setDimensions?.({ rows: 13, columns: 150 });
    assert.deepEqual(sizes, ["24x80", "12x150", "13x150"]);
    terminal.close();
  });
});
