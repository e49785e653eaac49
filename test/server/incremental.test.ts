// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { SemanticTokensDelta } from "vscode-languageserver";
import { formatMessage, type Message } from "../../engine/base/message.ts";
import { Analysis, type AnalysisOptions } from "../../server/analysis.ts";
import { diagnostics } from "../../server/features/diagnostics.ts";
import { folding } from "../../server/features/folding.ts";
import { links } from "../../server/features/links.ts";
import { colours, semanticTokens } from "../../server/features/semantic-tokens.ts";
import { SymbolList, symbols } from "../../server/features/symbols.ts";
import { TokenHistory } from "../../server/features/token-history.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { Linter } from "../../server/lint/linter.ts";
import { rules } from "../../server/rules/rules.ts";
import { jsonOf } from "../../server/wire.ts";
import { dockerfiles } from "../support/dockerfiles.ts";
import { edited, randomNumbers } from "../support/edits.ts";

const english = (message: Message) => formatMessage(message);
const texts = Object.values(dockerfiles);
/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 20);

const analyse = (text: string, options: AnalysisOptions = {}) =>
  new Analysis({ uri: "untitled:a", version: 1, getText: () => text }, options);

const answers = (analysis: Analysis) => ({
  diagnostics: diagnostics(analysis, english),
  folding: folding(analysis),
  links: links(analysis).map(({ range }) => range),
  symbols: symbols(analysis),
  tokens: semanticTokens(analysis),
});

function applied(data: readonly number[], { edits }: SemanticTokensDelta): number[] {
  const result = [...data];
  for (const edit of edits) result.splice(edit.start, edit.deleteCount, ...(edit.data ?? []));
  return result;
}

describe("answers that keep what did not change", () => {
  before(() => prepareLint("powershell"));

  it("are those of a file that was opened as it is now", () => {
    const random = randomNumbers(7);
    for (let round = 0; round < rounds; round += 1) {
      const linter = new Linter(rules);
      const history = new TokenHistory();
      let analysis = analyse(texts[round % texts.length] ?? "", { linter });
      let sent = history.full("a", colours(analysis));
      for (let step = 0; step < 10; step += 1) {
        const text = edited(analysis.text, random, texts);
        analysis = analyse(text, { linter, previous: analysis.dockerfile });
        const now = answers(analysis);
        assert.deepEqual(now, answers(analyse(text)), JSON.stringify(text));
        assert.deepEqual(
          JSON.parse(jsonOf({ jsonrpc: "2.0", ...{ result: new SymbolList(analysis) } })).result,
          now.symbols,
        );
        const delta = history.delta("a", sent.resultId ?? "", colours(analysis));
        assert.ok("edits" in delta);
        const data = applied(sent.data, delta);
        assert.deepEqual(data, now.tokens.data);
        sent = { data, ...(delta.resultId !== undefined && { resultId: delta.resultId }) };
      }
    }
  }).timeout(60_000);

  it("send all colours to a client that has others than ours", () => {
    const history = new TokenHistory();
    history.full("a", colours(analyse("FROM a\n")));
    const other = colours(analyse("FROM a\nUSER b\n"));
    assert.deepEqual(history.delta("a", "other", other), { resultId: "2", data: other.numbers() });
  });
});
