// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Dockerfile, Instruction } from "../../../engine/dockerfile/model.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { readMarks } from "../../support/marks.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

describe("parse", () => {
  describe("lines", () => {
    it("joins continuations and leaves out comments and blank lines between them", () => {
      const [, run] = parse("FROM a\nRUN one \\\n  # note\n\n  two \\  \nthree\n").instructions;
      assert.equal(run?.rest.text, "one   two three");
    });

    it("places every word of a joined line where it stands", () => {
      const { text, ranges } = readMarks("FROM a\nRUN one \\\n#   ^^^\n  tw\\\n# ^^\no three\n# ^^^^^\n");
      const [, run] = parse(text).instructions;
      const [one, two, three] = run?.words ?? [];
      assert.deepEqual([one?.range, three?.range], [ranges[0], ranges[2]]);
      assert.equal(two?.text, "two");
      assert.deepEqual(two?.range, { start: ranges[1]?.start, end: { line: 3, character: 1 } });
    });

    it("does not continue behind a doubled escape, and does behind a lone one", () => {
      assert.deepEqual(keywords("FROM a\nRUN echo a\\\\\nRUN b\n"), ["FROM", "RUN", "RUN"]);
      assert.deepEqual(keywords("\\\nFROM a\n"), ["FROM"]);
    });

    it("reads CRLF and a byte order mark, which keeps its column", () => {
      const file = parse("\uFEFFFROM a\r\nRUN x \\\r\n  y\r\n");
      assert.deepEqual(file.problems, []);
      assert.equal(file.instructions[1]?.rest.text, "x   y");
      assert.deepEqual(file.instructions[0]?.keywordWord.range.start, { line: 0, character: 1 });
    });

    it("keeps comments with their places, also those inside instructions", () => {
      const { text, ranges } = readMarks("# top\n#^^^^\nFROM a\nRUN b \\\n  # in\n# ^^^^\n  c\n");
      const file = parse(text);
      assert.deepEqual(
        file.comments.map(({ range }) => range),
        ranges,
      );
      assert.deepEqual(
        file.comments.map((comment) => comment.text),
        ["# top", "# in"],
      );
    });
  });

  describe("directives", () => {
    it("are read at the top only, in any case, with their values", () => {
      const file = parse("# Syntax = docker/dockerfile:1\n# escape=`\nFROM a\n# check=skip=all\n");
      assert.deepEqual(
        file.directives.map(({ name, value }) => [name, value]),
        [
          ["syntax", "docker/dockerfile:1"],
          ["escape", "`"],
        ],
      );
      assert.equal(file.escape, "`");
      assert.equal(file.comments.length, 1);
    });

    it("end at the first line that is anything else", () => {
      for (const first of ["# foo=bar", "# words", "", "FROM a"])
        assert.equal(parse(`${first}\n# escape=\`\nFROM a\n`).escape, "\\");
    });

    it("change the character that continues lines", () => {
      assert.equal(parse("# escape=`\nFROM a\nRUN dir c:\\\nRUN x `\n y\n").instructions[2]?.rest.text, "x  y");
    });
  });

  describe("instructions", () => {
    it("give flags, then arguments, each with its place", () => {
      const { text, ranges } = readMarks(
        [
          "FROM a",
          'COPY --from=build --chown="7":8 --link a /b',
          "#    ^^^^^^^^^^^^",
          "#      ^^^^",
          "#           ^^^^^",
          "#                                      ^",
        ].join("\n"),
      );
      const [, copy] = parse(text).instructions;
      assert.deepEqual(
        copy?.flags.map(({ name, value }) => [name, value]),
        [
          ["from", "build"],
          ["chown", "7:8"],
          ["link", undefined],
        ],
      );
      const [from] = copy?.flags ?? [];
      assert.deepEqual([from?.range, from?.nameRange, from?.valueRange, copy?.words[0]?.range], ranges);
    });

    it("end their flags at `--`", () => {
      const [, run] = parse("FROM a\nRUN --network=none -- --not-a-flag\n").instructions;
      assert.deepEqual([run?.flags.length, run?.rest.text], [1, "--not-a-flag"]);
    });

    it("are grouped into stages with names, and arguments before them", () => {
      const file = parse("ARG V=1\nFROM a:$V AS Build\nRUN x\nfrom b\n");
      assert.deepEqual(
        file.globalArgs.map(({ rest }) => rest.text),
        ["V=1"],
      );
      assert.deepEqual(
        file.stages.map(({ index, name, instructions }) => [index, name?.text, instructions.length]),
        [
          [0, "Build", 1],
          [1, undefined, 0],
        ],
      );
    });

    it("hold a JSON form only when it is one", () => {
      const json = (line: string) => parse(`FROM a\n${line}\n`).instructions[1]?.json?.map(({ value }) => value);
      assert.deepEqual(json('CMD ["a", "b\\n"]'), ["a", "b\n"]);
      assert.deepEqual(json("CMD []"), []);
      assert.deepEqual(json('HEALTHCHECK --retries=1 CMD ["x"]'), ["x"]);
      for (const line of ["CMD ['a']", 'CMD ["a"] extra', 'CMD ["a",]', 'LABEL ["a"]=b'])
        assert.equal(json(line), undefined);
    });

    it("place the elements of JSON over several lines", () => {
      const { text, ranges } = readMarks('FROM a\nCMD [ "one", \\\n#     ^^^^^\n "t]o" ]\n#^^^^^\n');
      const [, cmd] = parse(text).instructions;
      const [one, two] = cmd?.json ?? [];
      assert.deepEqual(one?.range, ranges[0]);
      assert.deepEqual(two?.range, { start: { line: 2, character: 1 }, end: ranges[1]?.end });
    });

    it("nest once in ONBUILD", () => {
      const [, onbuild] = parse("FROM a\nONBUILD COPY --link a /b\n").instructions;
      assert.deepEqual([onbuild?.trigger?.keyword, onbuild?.trigger?.flags.length], ["COPY", 1]);
      assert.deepEqual(onbuild?.trigger?.keywordWord.range.start, { line: 1, character: 8 });
    });
  });

  describe("heredocs", () => {
    const bodies = (text: string) =>
      parse(`FROM a\n${text}`).instructions[1]?.heredocs.map(({ delimiter, content }) => [delimiter, content]);

    it("take the lines below as they are", () => {
      assert.deepEqual(bodies("RUN <<EOF\n# a\n\n b \\\nEOF\n"), [["EOF", "# a\n\n b \\\n"]]);
    });

    it("may have blanks behind <<, quotes, tabs to strip, numbers, and company", () => {
      assert.deepEqual(bodies("RUN cat << EOF > /x\nhi\nEOF\n"), [["EOF", "hi\n"]]);
      assert.deepEqual(bodies('RUN <<"E O"\nx\nE O\n'), [["E O", "x\n"]]);
      assert.deepEqual(bodies("RUN 3<<EOF sh\nx\nEOF\n"), [["EOF", "x\n"]]);
      assert.deepEqual(bodies("RUN <<-A cat && <<B cat\n\tx\n\tA\n\tB\nB\n"), [
        ["A", "x\n"],
        ["B", "\tB\n"],
      ]);
    });

    it("expand unless the delimiter is in quotes; a backslash is no quote", () => {
      const expand = (word: string) => parse(`FROM a\nCOPY <<${word} /x\nF\n`).instructions[1]?.heredocs[0]?.expand;
      assert.deepEqual(["F", "'F'", '"F"', "\\F"].map(expand), [true, false, false, true]);
    });

    it("are not what only looks like one", () => {
      for (const line of [
        'RUN echo "a <<EOF b"',
        "RUN cat <<<word",
        "RUN echo $((1<<3))",
        'RUN ["a", "<<EOF"]',
        "CMD <<EOF",
      ]) {
        assert.deepEqual(keywords(`FROM a\n${line}\nRUN next\n`), ["FROM", line.split(" ")[0], "RUN"], line);
      }
    });

    it("give their places", () => {
      const { text, ranges } = readMarks("FROM a\nRUN cat <<-EOF\n#       ^^^^^^\n\tx\nEOF\n");
      const [, run] = parse(text).instructions;
      const [heredoc] = run?.heredocs ?? [];
      assert.deepEqual(heredoc?.range, ranges[0]);
      assert.deepEqual(heredoc?.contentRange, { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } });
      assert.deepEqual(run?.range.end, { line: 3, character: 3 });
    });

    it("without an end stop before the next instruction and are a problem", () => {
      const file = parse("FROM a\nRUN <<EOF\nmake\nCOPY a b\n");
      assert.deepEqual(keywordsOf(file), ["FROM", "RUN", "COPY"]);
      assert.deepEqual(
        file.problems.map(({ code }) => code),
        ["syntax/unterminated-heredoc"],
      );
    });

    it("belong to the trigger of ONBUILD", () => {
      const [, onbuild] = parse("FROM a\nONBUILD RUN <<EOF\nx\nEOF\n").instructions;
      assert.deepEqual([onbuild?.heredocs.length, onbuild?.trigger?.heredocs[0]?.content], [0, "x\n"]);
    });
  });

  describe("time", () => {
    it("grows with the length of the file, not with its square", () => {
      const shapes = [
        "RUN a \\\n b\n",
        "RUN <<X\n",
        "COPY --from=b a b /c\n",
        "# c\n",
        "RUN a \\\n\n# c\n",
        "ONBUILD ",
      ];
      for (const shape of shapes) {
        const before = ownCpuMs();
        parse(`FROM a\n${shape.repeat(10_000)}`);
        // A quadratic parser needs minutes here; the limit leaves room for a slow machine.
        assert.ok(ownCpuMs() - before < 3000, JSON.stringify(shape));
      }
    });
  });
});

function keywords(text: string): string[] {
  return keywordsOf(parse(text));
}

function keywordsOf({ instructions }: Dockerfile): string[] {
  return instructions.map(({ keyword }: Instruction) => keyword);
}
