import assert from "node:assert/strict";
import { formatMessage, type Message } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import { Analysis } from "../../server/analysis.ts";
import { codeActions, fixAllKind } from "../../server/features/code-actions.ts";
import { definition } from "../../server/features/definition.ts";
import { diagnostics } from "../../server/features/diagnostics.ts";
import { folding } from "../../server/features/folding.ts";
import { formatting } from "../../server/features/formatting.ts";
import { highlights } from "../../server/features/highlights.ts";
import { links } from "../../server/features/links.ts";
import { references } from "../../server/features/references.ts";
import { prepareRename, rename } from "../../server/features/rename.ts";
import { semanticTokens } from "../../server/features/semantic-tokens.ts";
import { signatureHelp } from "../../server/features/signature-help.ts";
import { symbols } from "../../server/features/symbols.ts";
import { applyEdits } from "../../server/lint/fixes.ts";
import { fixText, prepareLint } from "../../server/lint/lint.ts";
import { Linter } from "../../server/lint/linter.ts";
import { namedProject } from "../../server/lint/project-unknown.ts";
import { rules } from "../../server/rules/rules.ts";
import { editsOf } from "../support/code-actions.ts";
import { readCursor } from "../support/marks.ts";

const english = (message: Message) => formatMessage(message);

function analyse(text: string, files?: readonly string[]): Analysis {
  return new Analysis(
    { uri: "file:///Dockerfile", version: 1, getText: () => text },
    { input: files ? { project: namedProject(files) } : {} },
  );
}

function at(marked: string, files?: readonly string[]): { analysis: Analysis; position: Position } {
  const { text, position } = readCursor(marked);
  return { analysis: analyse(text, files), position };
}

/** `line:start-end`, lines from 1. */
function place({ start, end }: Range): string {
  return `${start.line + 1}:${start.character}-${end.character}`;
}

describe("navigation", () => {
  const file = [
    "ARG VERSION=1",
    "FROM a:$VERSION AS base",
    "ARG VERSION",
    "ENV HOME_DIR=/srv",
    "FROM base AS final",
    "COPY --from=base $HOME_DIR /x",
    "COPY --from=0 /a /b",
    `RUN --mount=type=bind,from=base,target=/b echo \${VERSION:-2} '$VERSION' \\$VERSION`,
    "ENV HOME_DIR=/opt",
    "WORKDIR $HOME_DIR",
    "",
  ].join("\n");
  const analysis = analyse(file);
  const find = (line: number, text: string): Position => ({
    line: line - 1,
    character: (file.split("\n")[line - 1] ?? "").indexOf(text) + 1,
  });
  const definitionAt = (line: number, text: string) => {
    const found = definition(analysis, find(line, text));
    return found && place(found.range);
  };

  it("goes to the nearest definition above", () => {
    assert.equal(definitionAt(10, "HOME_DIR"), "9:4-12");
    assert.equal(definitionAt(6, "HOME_DIR"), "4:4-12");
    assert.equal(definitionAt(2, "VERSION"), "1:4-11");
    assert.equal(definitionAt(8, "base"), "2:19-23");
    assert.equal(definitionAt(7, "0"), "2:19-23");
    assert.equal(definitionAt(8, "echo"), undefined);
  });

  it("finds and highlights all places of a name", () => {
    const places = references(analysis, find(8, "VERSION"), true).map(({ range }) => place(range));
    assert.deepEqual(places, ["1:4-11", "2:8-15", "3:4-11", "8:49-56"]);
    assert.equal(highlights(analysis, find(2, "base")).length, 5);
  });

  it("renames them together, but not the number of a stage", () => {
    const edit = rename(analysis, find(2, "base"), "deps");
    assert.ok("changes" in edit);
    const renamed = applyEdits(file, edit.changes?.[analysis.uri] ?? []);
    assert.equal(renamed, file.replaceAll("base", "deps"));
    assert.ok("refused" in (prepareRename(analysis, find(7, "0")) ?? {}));
    assert.equal(prepareRename(analysis, find(1, "RG")), undefined);
    assert.ok("refused" in rename(analysis, find(2, "base"), "final"));
    assert.ok("refused" in rename(analysis, find(9, "HOME"), "a-b"));
  });

  it("outlines stages and folds them", () => {
    assert.deepEqual(
      symbols(analysis).map(({ name, children }) => `${name} ${children?.length ?? ""}`.trim()),
      ["ARG VERSION=1", "base 2", "final 5"],
    );
    const folded = folding(analyse("# a\n# b\nFROM x\nRUN a \\\n b\nRUN <<E\nx\nE\n")).map(
      ({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ""}`,
    );
    assert.deepEqual(folded, ["0-1 comment", "2-7", "3-4", "5-7"]);
  });

  it("links base images, not stages", () => {
    assert.equal(links(analyse("FROM node:24 AS a\nFROM a\n")).length, 1);
  });

  it("helps with the signature", () => {
    const { analysis: asked, position } = at("FROM a\nSHELL [ <|>");
    assert.ok(signatureHelp(asked, position, english));
  });
});

describe("formatting", () => {
  const options = { tabSize: 4, insertSpaces: true };
  const format = (text: string) => applyEdits(text, formatting(analyse(text), options));

  it("indents continuations", () => {
    assert.equal(format("FROM a\nRUN a \\\n&& b\n"), "FROM a\nRUN a \\\n    && b\n");
  });

  it("leaves the inside of a string and of a heredoc as it is, and still formats the rest", () => {
    const text = "  FROM a\nRUN echo 'x \\\n y'\nRUN <<E\n  deep\nE\n";
    assert.equal(format(text), text.replace("  FROM", "FROM"));
  });
});

before(() => prepareLint());

describe("diagnostics", () => {
  const shown = (text: string) =>
    diagnostics(analyse(text), english).map(({ code, range }) => `${code} ${place(range)}`);

  it("stand at the words", () => {
    assert.deepEqual(shown("FROM a:1\nMAINTAINER me\nEXPOSE abc\nRUN a \\\n\n  b\n"), [
      "image/maintainer 2:0-13",
      "syntax/port 3:7-10",
      "syntax/empty-continuation 4:6-7",
    ]);
    assert.deepEqual(shown("FROM a:1 b\n"), ["syntax/from 1:9-10"]);
  });

  it("come with their fixes", () => {
    const text = "FROM a:1\nrun b\nRUN c\nRUN d\n";
    const analysis = analyse(text);
    const first = diagnostics(analysis, english).find(({ code }) => code === "syntax/keyword-casing");
    assert.ok(first);
    const actions = codeActions(analysis, { range: first.range, diagnostics: [first] }, english);
    assert.equal(applyEdits(text, editsOf(actions[0])), "FROM a:1\nRUN b\nRUN c\nRUN d\n");
  });

  it("can be ignored above the instruction, also in hadolint's words", () => {
    const cmd = "CMD node a.js\n";
    assert.equal(shown(`FROM a:1\n${cmd}`).length, 1);
    assert.deepEqual(shown(`FROM a:1\n# drydock ignore=run/shell-form-cmd\n${cmd}`), []);
    assert.deepEqual(shown(`FROM a:1\n# hadolint ignore=DL3025\n${cmd}`), []);
    assert.deepEqual(
      shown(`FROM a:1\n# hadolint ignore=DL3006\n${cmd}`).map((one) => one.split(" ")[0]),
      ["ignore/unused", "run/shell-form-cmd"],
    );
  });

  it("have fixes that keep the file's line ends", () => {
    const text = "FROM node # one\r\nCOPY . /app\r\nRUN npm ci\r\n";
    assert.equal(
      fixText(text),
      "# one\r\nFROM node\r\nWORKDIR /app\r\nCOPY package*.json ./\r\nRUN --mount=type=cache,target=/root/.npm npm ci\r\nCOPY . .\r\n",
    );
  });

  it("are fixed all at once where that is safe", () => {
    const text = "FROM node # one\n// two\nCMD ['a', 'b']\n";
    const analysis = analyse(text);
    const range = { start: { line: 0, character: 0 }, end: { line: 3, character: 0 } };
    const [action] = codeActions(analysis, { range, diagnostics: [], only: [fixAllKind] }, english);
    const fixed = applyEdits(text, editsOf(action));
    assert.equal(fixed, '# one\nFROM node\n# two\nCMD ["a", "b"]\n');
  });
});

describe("speed", () => {
  const stage =
    'FROM node:24 AS s%\nWORKDIR /app\nENV A=1 B=$A\nCOPY package*.json ./\nRUN npm ci \\\n    && echo "$A"\nCOPY . .\nEXPOSE 80\nCMD ["node", "a.js"]\n\n';
  const stages = (count: number) =>
    Array.from({ length: count }, (_, index) => stage.replace("%", `${index}`)).join("");
  const long = stages(100);
  /** CPU time, and the best of many: other work on the machine must not fail the test. How many ms is told by the bench.
   *  Ten times the length takes up to 25 times as much where it makes more garbage, and 100 times where work grows with its square. */
  const best = (work: () => unknown) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 30; round += 1) {
      const start = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(start);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  };

  it("grows with the length of a file that it has never seen, and is a fraction of that after a key", () => {
    const first = best(() => diagnostics(analyse(long), english));
    const tenth = best(() => diagnostics(analyse(stages(10)), english));
    assert.ok(first < 60 * tenth, `${first} ms for 1,000 lines, ${tenth} for 100`);
    const linter = new Linter(rules);
    let previous = analyse(long);
    let keys = 0;
    const key = best(() => {
      keys += 1;
      const text = long.replace("echo ", `echo ${"x".repeat(keys)}`);
      const document = { uri: "file:///Dockerfile", version: keys, getText: () => text };
      previous = new Analysis(document, { input: {}, linter, previous: previous.dockerfile });
      diagnostics(previous, english);
    });
    assert.ok(key < first / 5, `${key} ms after a key, ${first} at first`);
  });

  it("colours a long RUN and many stages in a time that grows with their length", () => {
    const run = (lines: number) => `FROM a\nARG V=1\nRUN a $V \\\n${"  && echo $V \\\n".repeat(lines)}  && b\n`;
    for (const make of [(size: number) => run(3 * size), stages]) {
      const colour = (size: number) => best(() => semanticTokens(analyse(make(size))));
      const [short, whole] = [colour(10), colour(100)];
      assert.ok(whole < 60 * short, `${whole} ms for ten times what takes ${short}`);
    }
  });
});
