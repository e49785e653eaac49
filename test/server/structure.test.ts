// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DocumentSymbol, SelectionRange } from "vscode-languageserver";
import type { Range } from "../../engine/base/ranges.ts";
import { Analysis } from "../../server/analysis.ts";
import { findDockerfiles, isDockerfileName } from "../../server/dockerfile-search.ts";
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from "../../server/features/call-hierarchy.ts";
import { folding } from "../../server/features/folding.ts";
import { linkedEditing } from "../../server/features/linked-editing.ts";
import { selectionRanges } from "../../server/features/selection-ranges.ts";
import { SymbolList, symbols, work } from "../../server/features/symbols.ts";
import { StageSearch } from "../../server/features/workspace-symbols.ts";
import { contains } from "../../server/lint/fixes.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { jsonOf } from "../../server/wire.ts";
import { dockerfiles } from "../support/dockerfiles.ts";
import { readCursor } from "../support/marks.ts";

const analyse = (text: string) => new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });

function at(marked: string) {
  const { text, position } = readCursor(marked);
  return { text, position, analysis: analyse(text) };
}

const place = ({ start, end }: Range) => `${start.line + 1}:${start.character}-${end.line + 1}:${end.character}`;

before(() => prepareLint());

describe("the outline", () => {
  const outline = (text: string) => {
    const lines: string[] = [];
    const add = (all: readonly DocumentSymbol[], indent: string) => {
      for (const { name, detail, children = [] } of all) {
        lines.push(`${indent}${name}${detail ? ` | ${detail}` : ""}`);
        add(children, `${indent}  `);
      }
    };
    add(symbols(analyse(text)), "");
    return lines;
  };

  it("is a tree of stages and steps", () => {
    assert.deepEqual(
      outline(
        "ARG V=1\nFROM node:$V AS build\nWORKDIR /app\nCOPY --link --chown=node . .\nENV A=1 B='2'\nRUN --mount=type=cache,target=/x <<EOF\n\nnpm ci\nEOF\nFROM scratch\nCMD [\"/x\"]\n",
      ),
      [
        "ARG V=1",
        "build | FROM node:$V",
        "  WORKDIR /app",
        "  COPY . . | --link --chown=node",
        "  ENV A=1 B='2'",
        "    A | 1",
        "    B | '2'",
        "  RUN <<EOF | npm ci",
        "scratch | FROM",
        '  CMD ["/x"]',
      ],
    );
  });

  it("is written anew for the stage of a key only", () => {
    const text = Array.from({ length: 50 }, (_, index) => `FROM a AS s${index}\nRUN x ${index}\n`).join("");
    const before = analyse(text);
    const written = (analysis: Analysis) => {
      const { stages } = work;
      jsonOf({ jsonrpc: "2.0", ...{ result: new SymbolList(analysis) } });
      return work.stages - stages;
    };
    assert.equal(written(before), 50);
    const document = { uri: "file:///Dockerfile", version: 2, getText: () => text.replace("RUN x 7", "RUN xy 7") };
    const after = new Analysis(document, { previous: before.dockerfile });
    assert.equal(written(after), 1);
    assert.deepEqual(new SymbolList(after).toJSON(), symbols(analyse(document.getText())));
  });

  it("has selections inside of ranges and children inside of parents, in all files", () => {
    const check = ({ name, range, selectionRange, children = [] }: DocumentSymbol) => {
      assert.notEqual(name, "");
      assert.ok(contains(range, selectionRange.start) && contains(range, selectionRange.end));
      for (const child of children) {
        assert.ok(contains(range, child.range.start) && contains(range, child.range.end));
        check(child);
      }
    };
    for (const text of [...Object.values(dockerfiles), "FROM a\nENV =1 B=2 C=3\n"]) {
      for (const symbol of symbols(analyse(text))) check(symbol);
    }
  });
});

describe("folding", () => {
  const folds = (text: string) =>
    folding(analyse(text)).map(({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ""}`);

  it("knows regions in comments, one in another", () => {
    assert.deepEqual(folds("# region a\nFROM x\n#region b\nRUN a\n# endregion\n# endregion\n# endregion\n"), [
      "0-5 region",
      "1-3",
      "2-4 region",
    ]);
  });

  it("keeps comments apart from the markers beside them", () => {
    assert.deepEqual(folds("# a\n# b\n# region\n# c\n# d\n# endregion\n"), [
      "0-1 comment",
      "2-5 region",
      "3-4 comment",
    ]);
    assert.deepEqual(folds("FROM a\nRUN a \\\n # b\n # c\n d\n"), ["0-4", "1-4", "2-3 comment"]);
  });

  it("has each heredoc of an instruction with several", () => {
    assert.deepEqual(folds("FROM a\nCOPY <<A <<B /x/\n1\n2\nA\n3\n4\nB\n"), ["0-7", "1-7", "2-4", "5-7"]);
  });
});

describe("selection", () => {
  const growing = (marked: string) => {
    const { text, analysis, position } = at(marked);
    const [one] = selectionRanges(analysis, [position]);
    const lines = text.split("\n");
    const found: string[] = [];
    for (let current: SelectionRange | undefined = one; current; current = current.parent) {
      const { start, end } = current.range;
      const isOne = start.line === end.line;
      found.push(isOne ? (lines[start.line] ?? "").slice(start.character, end.character) : place(current.range));
    }
    return found;
  };

  it("grows from a shell's word to the pipeline, the script, the instruction, the stage and the file", () => {
    assert.deepEqual(growing("# c\nFROM a\nRUN curl -f htt<|>ps://x/y | tar x && ls\nCMD a\n"), [
      "https",
      "https://x/y",
      "curl -f https://x/y",
      "curl -f https://x/y | tar x",
      "curl -f https://x/y | tar x && ls",
      "RUN curl -f https://x/y | tar x && ls",
      "2:0-4:5",
      "1:0-5:0",
    ]);
  });

  it("grows from a mount's value to its field, the flag and the instruction", () => {
    assert.deepEqual(growing("FROM a\nRUN --mount=type=ca<|>che,target=/x ls").slice(0, 5), [
      "cache",
      "type=cache",
      "type=cache,target=/x",
      "--mount=type=cache,target=/x",
      "RUN --mount=type=cache,target=/x ls",
    ]);
  });

  it("grows in JSON, pairs, heredocs, ONBUILD and comments", () => {
    assert.deepEqual(growing('FROM a\nCMD ["a b", "c<|>d"]').slice(0, 4), [
      "cd",
      '"cd"',
      '["a b", "cd"]',
      'CMD ["a b", "cd"]',
    ]);
    assert.deepEqual(growing("FROM a\nENV A=x<|>.y B=2").slice(0, 4), ["x", "x.y", "A=x.y", "A=x.y B=2"]);
    assert.deepEqual(growing("FROM a\nRUN <<E\nls -<|>l\nE\n").slice(0, 4), ["l", "-l", "ls -l", "3:0-4:0"]);
    assert.deepEqual(growing("FROM a\nONBUILD WORKDIR /a<|>b").slice(0, 4), [
      "ab",
      "/ab",
      "WORKDIR /ab",
      "ONBUILD WORKDIR /ab",
    ]);
    assert.deepEqual(growing("# on<|>e\n# two\nFROM a").slice(0, 3), ["one", "# one", "1:0-2:5"]);
  });

  it("always holds the cursor and grows, wherever it is asked", () => {
    for (const text of Object.values(dockerfiles)) {
      const analysis = analyse(text);
      const positions = text.split("\n").flatMap((line, at) => [
        { line: at, character: 0 },
        { line: at, character: line.length >> 1 },
      ]);
      selectionRanges(analysis, positions).forEach((one, index) => {
        for (let current: SelectionRange | undefined = one; current; current = current.parent) {
          assert.ok(contains(current.range, positions[index] ?? { line: 0, character: 0 }));
          const { parent } = current;
          if (parent)
            assert.ok(contains(parent.range, current.range.start) && contains(parent.range, current.range.end));
        }
      });
    }
  });
});

describe("the hierarchy of stages", () => {
  const file = [
    "FROM node AS deps",
    "FROM deps AS build",
    "COPY --from=nginx /a /b",
    "FROM scratch",
    "COPY --from=build /a /b",
    "RUN --mount=from=build,target=/x --mount=from=0,target=/y ls",
    "COPY --from=0 /a /b",
    "",
  ].join("\n");

  const calls = (marked: string) => {
    const { analysis, position } = at(marked);
    const [item] = prepareCallHierarchy(analysis, position);
    if (!item) return undefined;
    return {
      name: item.name,
      incoming: incomingCalls(analysis, item).map(({ from, fromRanges }) => `${from.name} ${fromRanges.map(place)}`),
      outgoing: outgoingCalls(analysis, item).map(({ to, fromRanges }) => `${to.name} ${fromRanges.map(place)}`),
    };
  };

  it("shows who uses a stage, and what it takes", () => {
    assert.deepEqual(calls(file.replace("AS build", "AS bui<|>ld")), {
      name: "build",
      incoming: ["scratch 5:12-5:17,6:17-6:22"],
      outgoing: ["deps 2:5-2:9", "nginx 3:12-3:17"],
    });
    assert.deepEqual(calls(file.replace("FROM scratch", "FR<|>OM scratch"))?.outgoing, [
      "build 5:12-5:17,6:17-6:22",
      "0 6:46-6:47",
      "deps 7:12-7:13",
    ]);
    assert.equal(calls(file.replace("--from=build", "--from=bu<|>ild"))?.name, "build");
    assert.deepEqual(calls(file.replace("nginx", "ngi<|>nx")), {
      name: "nginx",
      incoming: ["build 3:12-3:17"],
      outgoing: [],
    });
    assert.equal(calls(file.replace("RUN", "R<|>UN")), undefined);
  });

  it("sees stages through variables in FROM", () => {
    assert.deepEqual(calls("ARG B=one\nFROM a AS o<|>ne\nFROM ${B} AS two\n")?.incoming, ["two 3:5-3:9"]);
  });
});

describe("linked names", () => {
  const linked = (marked: string) => {
    const { analysis, position } = at(marked);
    return linkedEditing(analysis, position)?.ranges.map(place);
  };

  it("are those of a stage, everywhere", () => {
    const file = "FROM a AS b<|>\nFROM b\nRUN --mount=from=b,target=/x ls\nCOPY --from=0 x y\n";
    assert.deepEqual(linked(file), ["1:10-1:11", "2:5-2:6", "3:17-3:18"]);
  });

  it("have to be written alike, and to be more than one", () => {
    assert.equal(linked("FROM a AS b<|>\nFROM B\n"), undefined);
    assert.equal(linked("FROM a AS b<|>\n"), undefined);
    assert.equal(linked("FROM a\nARG V<|>\nRUN $V\n"), undefined);
  });
});

describe("stages of the workspace", () => {
  const root = mkdtempSync(path.join(tmpdir(), "drydock-stages-"));
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  after(() => rmSync(root, { recursive: true }));

  write("Dockerfile", "FROM node AS build\nFROM nginx\n");
  write("services/api/api.Dockerfile", "FROM go AS api-build\n");
  write("node_modules/x/Dockerfile", "FROM a AS build\n");
  write("Dockerfile.dockerignore", "FROM\n");
  write("README.md", "FROM\n");

  it("are found by some of their letters, in files beside and below", async () => {
    const search = new StageSearch();
    const ask = async (query: string) => {
      const found = await search.find(query, { folders: [root], analysisOf: () => undefined });
      return found.map(({ name, containerName }) => `${name} ${containerName}`);
    };
    assert.deepEqual(await ask(""), ["build Dockerfile", "nginx Dockerfile", "api-build services/api/api.Dockerfile"]);
    assert.deepEqual(await ask("BLD"), ["build Dockerfile", "api-build services/api/api.Dockerfile"]);
    assert.deepEqual(await ask("xyz"), []);
    assert.equal(search.reads, 2);
  });

  it("are read again when the file changes, and from the editor when it is open", async () => {
    const search = new StageSearch();
    const folders = [root];
    await search.find("", { folders, analysisOf: () => undefined });
    const file = path.join(root, "Dockerfile");
    writeFileSync(file, "FROM node AS other\n");
    utimesSync(file, statSync(file).atime, new Date(Date.now() + 5000));
    const [first] = await search.find("other", { folders, analysisOf: () => undefined });
    assert.equal(first?.name, "other");
    assert.equal(search.reads, 3);
    const uri = pathToFileURL(file).href;
    const open = (asked: string) => (asked === uri ? analyse("FROM a AS typed\n") : undefined);
    const found = await search.find("typed", { folders, analysisOf: open });
    assert.deepEqual(
      found.map(({ name, location }) => [name, location.uri]),
      [["typed", uri]],
    );
  });

  it("are looked for within limits, and not when nobody waits any more", async () => {
    assert.equal((await findDockerfiles([root], { files: 1 })).length, 1);
    assert.equal((await findDockerfiles([root], { folders: 1 })).length, 1);
    assert.deepEqual(await findDockerfiles([root], { isCancelled: () => true }), []);
    assert.deepEqual(await findDockerfiles([path.join(root, "nowhere")]), []);
    const token = { isCancellationRequested: true };
    assert.deepEqual(await new StageSearch().find("", { folders: [root], analysisOf: () => undefined, token }), []);
  });

  it("stand in files with the names that Dockerfiles have", () => {
    for (const name of ["Dockerfile", "Containerfile", "Dockerfile.dev", "Dockerfile-dev", "a.dockerfile"]) {
      assert.ok(isDockerfileName(name), name);
    }
    for (const name of ["Dockerfile.dockerignore", "Dockerfiles", "a.md"]) assert.ok(!isDockerfileName(name), name);
  });
});
