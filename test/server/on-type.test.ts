import assert from "node:assert/strict";
import { Analysis } from "../../server/analysis.ts";
import { rangeFormatting } from "../../server/features/formatting.ts";
import { onTypeFormatting } from "../../server/features/on-type.ts";
import { applyInOrder } from "../../server/format/format.ts";
import { readCursor } from "../support/marks.ts";

const editor = { tabSize: 4, insertSpaces: true };
const analyse = (text: string) => new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });

describe("formatting while typing", () => {
  const typed = (marked: string, character: string) => {
    const { text, position } = readCursor(marked);
    return applyInOrder(text, onTypeFormatting(analyse(text), position, character, editor));
  };

  it("indents the line below a continuation that was just begun or goes on", () => {
    assert.equal(typed("FROM a\nRUN b \\\n<|>\n", "\n"), "FROM a\nRUN b \\\n    \n");
    assert.equal(typed("RUN b \\\n  && c \\\n<|>", "\n"), "RUN b \\\n  && c \\\n  ");
    assert.equal(typed("RUN b \\\n<|>&& c\n", "\n"), "RUN b \\\n    && c\n");
  });

  it("goes back to the margin behind an instruction's last line", () => {
    assert.equal(typed("RUN b \\\n    && c\n    <|>\nUSER d\n", "\n"), "RUN b \\\n    && c\n\nUSER d\n");
  });

  it("leaves heredocs, words and quotes alone that were cut", () => {
    for (const text of ["RUN <<E\n  <|>\nE\n", "RUN <<E\na\n  <|>\nE\n", "RUN ab\\\n<|>c\n", "RUN 'a \\\n<|>b'\n"]) {
      assert.equal(typed(text, "\n"), text.replace("<|>", ""));
    }
  });

  it("indents what a new continuation takes in, but no other instruction", () => {
    assert.equal(typed("RUN b \\<|>\n&& c\n", "\\"), "RUN b \\\n    && c\n");
    assert.equal(typed("RUN b \\<|>\nRUN c\n", "\\"), "RUN b \\\nRUN c\n");
    assert.equal(typed("# escape=`\nRUN b `<|>\nc\n", "`"), "# escape=`\nRUN b `\n    c\n");
    assert.equal(typed("RUN b `<|>\nc\n", "`"), "RUN b `\nc\n");
  });
});

describe("formatting a selection", () => {
  it("changes these lines and no others", () => {
    const text = "  FROM a\n  RUN b \\\n&& c\n  USER d\n";
    const range = { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } };
    const edits = rangeFormatting(analyse(text), range, editor);
    assert.equal(applyInOrder(text, edits), "  FROM a\nRUN b \\\n    && c\n  USER d\n");
  });

  it("prefers what is set for Dockerfiles to the editor", () => {
    const text = "RUN b \\\n&& c\n";
    const range = { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } };
    const edits = rangeFormatting(analyse(text), range, editor, { indentSize: 2, keywordCase: "keep", spacing: false });
    assert.equal(applyInOrder(text, edits), "RUN b \\\n  && c\n");
  });
});
