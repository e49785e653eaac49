// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables, snippets places to fill in
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type DockerfileLanguageService, DockerfileLanguageServiceFactory } from "dockerfile-language-service";
import type { Instruction } from "../../engine/analysis.ts";
import { formatMessage } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import { Analysis } from "../../server/analysis.ts";
import { baseLanguage, sliceOf } from "../../server/base-language.ts";
import { folding } from "../../server/features/folding.ts";
import { links } from "../../server/features/links.ts";
import {
  baseItems,
  mergedDefinition,
  mergedHighlights,
  mergedHover,
  mergedSignatureHelp,
} from "../../server/features/merged.ts";
import { symbols } from "../../server/features/symbols.ts";
import { contains } from "../../server/lint/fixes.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { dockerfiles } from "../support/dockerfiles.ts";
import { readCursor } from "../support/marks.ts";

const service = DockerfileLanguageServiceFactory.createLanguageService();
service.setLogger({ log: () => {} });

function analysisOf(text: string): Analysis {
  return new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
}

const texts = [
  ...Object.entries(dockerfiles),
  ...readdirSync("test/corpus")
    .filter((name) => name.endsWith(".Dockerfile"))
    .map((name): [string, string] => [name, readFileSync(`test/corpus/${name}`, "utf8")]),
];

/** Where the library is wrong, and why; the name is how often the corpus shows it at least once. */
const wrong = {
  "a heredoc's body is no arguments": 0,
  "a heredoc ends at its own name, also when another one is open before it": 0,
  "a stage, `scratch` or a variable is no image with a page": 0,
  "a directive is no instruction": 0,
};
type Reason = keyof typeof wrong;

/** One thing that the library says, which ours must say too unless a reason is known. */
interface Saying {
  readonly feature: string;
  readonly range: Range;
  readonly isOurs: boolean;
  readonly reason: Reason | undefined;
}

async function atPlaces(
  analysis: Analysis,
  instruction: Instruction,
  slice: ReturnType<typeof sliceOf>,
): Promise<Saying[]> {
  const found: Saying[] = [];
  const { heredocs } = instruction.trigger ?? instruction;
  const { start, end } = instruction.range;
  const uri = { uri: analysis.uri };
  const base = (ask: (service: DockerfileLanguageService, at: Position) => unknown, position: Position) =>
    ask(service, { line: position.line - slice.firstLine, character: position.character });
  for (let line = start.line; line <= end.line; line += 1) {
    const isBody = heredocs.some(({ contentRange }) => line >= contentRange.start.line);
    const reason = isBody ? "a heredoc's body is no arguments" : undefined;
    for (let character = 0; character <= analysis.dockerfile.lines.at(line).length; character += 1) {
      const at = { line, character };
      const add = (feature: string, theirs: unknown, ours: unknown) => {
        if (!theirs) return;
        found.push({ feature, range: { start: at, end: at }, isOurs: Boolean(ours), reason });
      };
      const hover = base((one, place) => one.computeHover(slice.text, place), at);
      if (hover) add("hover", hover, await mergedHover(analysis, at, { translate: formatMessage }));
      const defined = base((one, place) => one.computeDefinition(uri, slice.text, place), at);
      if (defined) add("definition", defined, await mergedDefinition(analysis, at));
      const help = base((one, place) => one.computeSignatureHelp(slice.text, place).signatures[0], at);
      if (help) add("signature help", help, await mergedSignatureHelp(analysis, at, formatMessage));
    }
  }
  return found;
}

function ofWhole(analysis: Analysis, instruction: Instruction, slice: ReturnType<typeof sliceOf>): Saying[] {
  const found: Saying[] = [];
  const ourLinks = links(analysis);
  const ourFolds = folding(analysis);
  const ourSymbols = JSON.stringify(symbols(analysis));
  for (const { range: theirs } of service.computeLinks(slice.text)) {
    const range = slice.toFile(theirs);
    const isOurs = ourLinks.some((link) => contains(link.range, range.start) && contains(link.range, range.end));
    const isImage = analysis.views.stages.some(
      ({ base, stage }) => stage.from === instruction && base.kind === "image" && base.resolved !== undefined,
    );
    found.push({
      feature: "link",
      range,
      isOurs,
      reason: isImage ? undefined : "a stage, `scratch` or a variable is no image with a page",
    });
  }
  for (const { startLine, endLine } of service.computeFoldingRanges(slice.text)) {
    const range = slice.toFile({ start: { line: startLine, character: 0 }, end: { line: endLine, character: 0 } });
    const isOurs = ourFolds.some((fold) => fold.startLine === range.start.line && fold.endLine === range.end.line);
    const isNested = (instruction.trigger ?? instruction).heredocs.length > 1;
    const reason = isNested ? "a heredoc ends at its own name, also when another one is open before it" : undefined;
    found.push({ feature: "folding", range, isOurs, reason });
  }
  for (const { name, location } of service.computeSymbols({ uri: analysis.uri }, slice.text)) {
    const range = slice.toFile(location.range);
    const isOurs = ourSymbols.includes(`"line":${range.start.line},`);
    const reason =
      name === "escape"
        ? "a directive is no instruction"
        : range.start.line > instruction.range.start.line
          ? "a heredoc's body is no arguments"
          : undefined;
    found.push({ feature: "symbol", range, isOurs, reason });
  }
  return found;
}

describe("beside dockerfile-language-service, asked about one instruction at a time", () => {
  before(() => prepareLint());

  const said: Record<string, number> = {};

  for (const [name, text] of texts) {
    it(`ours says something wherever the library does: ${name}`, async () => {
      const analysis = analysisOf(text);
      for (const instruction of analysis.dockerfile.instructions) {
        const slice = sliceOf(analysis, instruction);
        const all = [...ofWhole(analysis, instruction, slice), ...(await atPlaces(analysis, instruction, slice))];
        for (const { feature, range, isOurs, reason } of all) {
          said[feature] = (said[feature] ?? 0) + 1;
          if (isOurs) continue;
          assert.ok(reason, `no ${feature} at ${range.start.line + 1}:${range.start.character + 1}`);
          wrong[reason] += 1;
        }
      }
    });
  }

  it("the corpus is worth something: the library says much about it, and each reason stands for a place", () => {
    assert.ok((said.hover ?? 0) > 1000 && (said.definition ?? 0) > 100 && (said["signature help"] ?? 0) > 1000);
    assert.ok((said.link ?? 0) > 50 && (said.folding ?? 0) > 10 && (said.symbol ?? 0) > 100);
    for (const [reason, count] of Object.entries(wrong)) assert.ok(count > 0, reason);
  });
});

describe("what the library adds", () => {
  const at = (marked: string) => {
    const { text, position } = readCursor(marked);
    return [analysisOf(text), position] as const;
  };

  it("the definition of a name that is still being written", async () => {
    assert.deepEqual(await mergedDefinition(...at("FROM a\nRUN <<E<|>OF\n")), {
      uri: "file:///Dockerfile",
      range: { start: { line: 1, character: 6 }, end: { line: 1, character: 9 } },
    });
    assert.deepEqual((await mergedDefinition(...at("# escape=`\nFROM a\nENV A<|>")))?.range.start, {
      line: 2,
      character: 4,
    });
  });

  it("the places of a variable that only the base image has", async () => {
    const found = await mergedHighlights(...at("FROM a\nUSER ${NB_<|>UID}:$NB_UID\n"));
    assert.deepEqual(
      found.map(({ range }) => [range.start.line, range.start.character, range.end.character]),
      [
        [1, 7, 13],
        [1, 16, 22],
      ],
    );
    assert.deepEqual(await mergedHighlights(...at("FROM a\nENV A=${B%<|>%.*}\n")), []);
  });

  it("flags behind a keyword, with places to fill in and our texts", async () => {
    const items = await baseItems(...at("FROM a\nONBUILD COPY --from=b <|>\n"), true);
    assert.deepEqual(
      items.map(({ textEdit, data }) => [textEdit?.newText, data]),
      [["--chown=${1:user:group}", { doc: "flag/COPY/chown" }]],
    );
    assert.deepEqual(await baseItems(...at("FROM a\nCOPY b <|>\n"), true), []);
    assert.deepEqual(await baseItems(...at("FROM a\nCOPY --f<|>\n"), true), []);
  });

  it("nothing where it throws, in a heredoc, and about what is too long for it", async () => {
    const base = await baseLanguage();
    assert.ok(base);
    assert.deepEqual(base.highlights(...at('FROM a\nRUN \\\n    # echo "a\\nb"\n && $A<|>\n')), []);
    assert.equal(base.hover(...at("FROM a\nRUN <<EOF\nA<|>RG\nEOF\n")), undefined);
    assert.ok(base.hover(...at("FROM a\nR<|>UN x\n")));
    assert.equal(base.hover(...at(`FROM a\nR<|>UN ${"x ".repeat(4000)}\n`)), undefined);
  });
});
