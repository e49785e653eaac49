import assert from "node:assert/strict";
import { TextDocument, type TextDocumentContentChangeEvent } from "vscode-languageserver-textdocument";
import { LazyDocument } from "../../server/document.ts";
import { randomNumbers } from "../support/edits.ts";
import { ownCpuMs } from "../support/process-cpu.ts";

const pieces = ["", "x", "RUN a\n", "\n", "🐳", "\n\n", "\r\n", "\r", "FROM b\nRUN c"];

function randomChange(random: (below: number) => number, returns: boolean): TextDocumentContentChangeEvent {
  const position = () => ({ line: random(9) - 1, character: random(12) - 1 });
  const text = pieces[random(returns ? pieces.length : 6)] ?? "";
  return random(30) === 0 ? { text } : { range: { start: position(), end: position() }, text };
}

describe("a document", () => {
  it("is after any changes, few or many, what the library's is", () => {
    const random = randomNumbers(5);
    for (let round = 0; round < 600; round += 1) {
      const text = "FROM a\nRUN b\n\nCMD c\n".slice(0, random(21));
      const ours = LazyDocument.create("u", "dockerfile", 1, text);
      let theirs = TextDocument.create("u", "dockerfile", 1, text);
      for (let step = 0; step < 6; step += 1) {
        const all = Array.from({ length: 1 + random(5) }, () => randomChange(random, round % 3 === 0));
        for (const change of all) {
          LazyDocument.update(ours, [change], step + 2);
          // A new one each time: changes that part a \r from its \n leave the library's with lines that are none.
          TextDocument.update(theirs, [change], step + 2);
          theirs = TextDocument.create("u", "dockerfile", step + 2, theirs.getText());
        }
        if (random(2) === 0) continue;
        assert.equal(ours.getText(), theirs.getText(), JSON.stringify([text, all]));
        assert.equal(ours.version, theirs.version);
        assert.equal(ours.lineCount, theirs.lineCount);
        assert.deepEqual(ours.positionAt(9), theirs.positionAt(9));
        assert.equal(ours.offsetAt({ line: 2, character: 1 }), theirs.offsetAt({ line: 2, character: 1 }));
      }
    }
  });

  it("puts the text together once for hundreds of changes", () => {
    const text = "RUN a\n".repeat(10_000);
    const document = LazyDocument.create("u", "dockerfile", 1, text);
    const at = { line: 5000, character: 0 };
    for (let version = 2; version < 2002; version += 1) {
      LazyDocument.update(document, [{ range: { start: at, end: at }, text: "#" }], version);
    }
    const began = ownCpuMs();
    assert.equal(document.getText().length, text.length + 2000);
    // The library's takes seconds.
    assert.ok(ownCpuMs() - began < 1000);
  });
});
