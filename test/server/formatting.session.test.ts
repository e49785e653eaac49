import assert from "node:assert/strict";
import path from "node:path";
import type { SemanticTokens, TextEdit } from "vscode-languageserver";
import { tokenModifiers, tokenTypes } from "../../server/features/tokens/token.ts";
import { applyInOrder } from "../../server/format/format.ts";
import { LanguageServer } from "../support/language-server.ts";
import { scratchFolder } from "../support/scratch.ts";

describe("a session of formatting and colours", () => {
  const folder = scratchFolder();
  let server: LanguageServer;
  const uri = "file:///project/Dockerfile";
  const options = { tabSize: 4, insertSpaces: true };

  beforeEach(() => {
    server = LanguageServer.start(path.join(folder(), "server.js"));
  });
  afterEach(() => server.stop());

  it("formats a file, a selection and a new line, as the settings say", async () => {
    const format = { indentSize: 2, keywordCase: "upper", blankLinesBetweenStages: 1 };
    const { capabilities } = await server.initialize({ initializationOptions: { settings: { format } } });
    assert.ok(capabilities.documentOnTypeFormattingProvider?.moreTriggerCharacter?.includes("\n"));
    const text = "from a\nRUN b \\\n&& c\nfrom d\n";
    await server.open(uri, text);
    const all = await server.ask<TextEdit[]>("formatting", uri, { options });
    assert.equal(applyInOrder(text, all), "FROM a\nRUN b \\\n  && c\n\nFROM d\n");
    const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 4 } };
    const part = await server.ask<TextEdit[]>("rangeFormatting", uri, { range, options });
    assert.equal(applyInOrder(text, part), "from a\nRUN b \\\n  && c\nfrom d\n");
    const position = { line: 2, character: 0 };
    const typed = await server.ask<TextEdit[]>("onTypeFormatting", uri, { position, ch: "\n", options });
    assert.equal(applyInOrder(text, typed), "from a\nRUN b \\\n  && c\nfrom d\n");
  }).timeout(60_000);

  it("names the types and modifiers of its colours, and sends a key's difference", async () => {
    const { capabilities } = await server.initialize();
    const legend = capabilities.semanticTokensProvider?.legend;
    assert.deepEqual(legend, { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] });
    await server.open(uri, "FROM a\nRUN b -c\nUSER d\n");
    const { resultId: previousResultId, data } = await server.ask<SemanticTokens>("semanticTokens/full", uri);
    assert.ok(data.every((value, at) => at % 5 !== 3 || value < tokenTypes.length));
    await server.change(uri, "FROM a\nRUN b -cc\nUSER d\n", 2);
    const { edits } = await server.ask<{ edits: { data: number[] }[] }>("semanticTokens/full/delta", uri, {
      previousResultId,
    });
    assert.deepEqual(
      edits.map((edit) => edit.data),
      [[3]],
    );
  }).timeout(60_000);
});
