// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { readMarks } from "../../support/marks.ts";

/** Each file has exactly the marked problems, in order. */
const refused: readonly [name: string, text: string, codes: readonly string[]][] = [
  ["an empty file", "", ["syntax/empty-file"]],
  ["comments only", "# hi\n#^^^\n", ["syntax/empty-file"]],
  ["no FROM", "ARG A=1\n#^^^^^^\n", ["syntax/no-stage"]],
  ["an unknown instruction", "FROM a\nCOPPY a b\n#^^^^\n", ["syntax/unknown-instruction"]],
  ["an instruction before FROM", "RUN a\n#^^\nFROM a\n", ["syntax/before-from"]],
  ["a directive twice", "# escape=`\n# escape=`\n#^^^^^^^^^\nFROM a\n", ["syntax/duplicate-directive"]],
  ["an escape that is none", "# escape=x\n#        ^\nFROM a\n", ["syntax/bad-escape"]],
  ["an unknown flag", "FROM a\nCOPY --form=b a b\n#    ^^^^^^^^\n", ["syntax/unknown-flag"]],
  ["a flag on an instruction without flags", "FROM a\nENV --x A=1\n#   ^^^\n", ["syntax/unknown-flag"]],
  ["a flag twice", "FROM a\nCOPY --link --link a b\n#           ^^^^^^\n", ["syntax/duplicate-flag"]],
  ["a flag without value", "FROM a\nCOPY --from a b\n#    ^^^^^^\n", ["syntax/flag-value"]],
  ["a switch that is no truth", "FROM a\nCOPY --link=maybe a b\n#           ^^^^^\n", ["syntax/flag-value"]],
  ["FROM without image", "FROM\n#^^^\n", ["syntax/missing-arguments"]],
  ["FROM with two words", "FROM a b\n#      ^\n", ["syntax/from"]],
  ["FROM with an unfinished AS", "FROM a AS\n#      ^^\n", ["syntax/from"]],
  ["FROM with too many words", "FROM a AS b c\n#           ^\n", ["syntax/from"]],
  ["a stage name with a digit first", "FROM a AS 1b\n#         ^^\n", ["syntax/stage-name"]],
  ["ENV without value", "FROM a\nENV A\n#   ^\n", ["syntax/missing-value"]],
  [
    "ENV with a word without =",
    "FROM a\nENV A=1 # x\n#       ^\n#         ^\n",
    ["syntax/missing-equals", "syntax/missing-equals"],
  ],
  ["ENV with an unquoted blank in a default", "FROM a\nENV A=${B:-a b}\n#            ^^\n", ["syntax/missing-equals"]],
  ["LABEL without name", "FROM a\nLABEL =x\n#     ^^\n", ["syntax/blank-name"]],
  ["COPY without destination", "FROM a\nCOPY a\n#    ^\n", ["syntax/missing-destination"]],
  ["COPY onto a heredoc", "FROM a\nCOPY a <<E\n#      ^^^\nE\n", ["syntax/heredoc-destination"]],
  ["JSON with a number", 'FROM a\nCMD ["a", 1]\n#         ^\n', ["syntax/json-strings"]],
  ["SHELL without JSON", "FROM a\nSHELL sh -c\n#     ^^^^^\n", ["syntax/shell-json"]],
  ["a heredoc without end", "FROM a\nRUN <<EOF\n#   ^^^^^\n", ["syntax/unterminated-heredoc"]],
  ["ONBUILD with FROM", "FROM a\nONBUILD FROM b\n#       ^^^^\n", ["syntax/bad-trigger"]],
  ["ONBUILD with ONBUILD", "FROM a\nONBUILD ONBUILD RUN b\n#       ^^^^^^^\n", ["syntax/bad-trigger"]],
  ["a mistake in a trigger", "FROM a\nONBUILD COPY a\n#            ^\n", ["syntax/missing-destination"]],
  ["HEALTHCHECK of no kind", "FROM a\nHEALTHCHECK curl x\n#           ^^^^\n", ["syntax/healthcheck"]],
  ["HEALTHCHECK CMD alone", "FROM a\nHEALTHCHECK CMD\n#           ^^^\n", ["syntax/healthcheck"]],
  ["HEALTHCHECK NONE and more", "FROM a\nHEALTHCHECK NONE x\n#                ^\n", ["syntax/healthcheck"]],
  [
    "a duration without unit",
    "FROM a\nHEALTHCHECK --interval=1 CMD x\n#                      ^\n",
    ["syntax/duration"],
  ],
  ["a volume without path", 'FROM a\nVOLUME [""]\n#       ^^\n', ["syntax/blank-volume"]],
];

const accepted = [
  "FROM a\nRUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y true\n",
  "FROM a\nCOPY --exclude=a --exclude=b --parents --link=FALSE x y\n",
  "FROM a\nENV KEY some words\nLABEL a=b c\\ d=e 'f'=\"g h\"\n",
  "FROM a\nHEALTHCHECK --interval=1m30s --timeout=0 --retries=0 CMD true\nHEALTHCHECK NONE\n",
  'ARG A\nFROM a AS b-_.1\nVOLUME /a ["/b"]\nSTOPSIGNAL 9\nMAINTAINER me and you\n',
  'FROM a\nSHELL ["cmd", "/S"]\nONBUILD RUN x\nENTRYPOINT []\nCMD []\nARG B=1 C\n',
  "FROM a\nADD --checksum=sha256:0 --unpack=false --keep-git-dir x y\n",
];

describe("syntax problems", () => {
  for (const [name, marked, codes] of refused) {
    it(`place ${name}`, () => {
      const { text, ranges } = readMarks(marked);
      const { problems } = parse(text);
      assert.deepEqual(
        problems.map(({ code }) => code),
        codes,
      );
      if (ranges.length > 0)
        assert.deepEqual(
          problems.map(({ range }) => range),
          ranges,
        );
      for (const { message, fatal } of problems) {
        assert.ok(fatal);
        assert.doesNotMatch(formatMessage(message), /\{\w+\}/);
      }
    });
  }

  it("are not found in files that the builder takes", () => {
    for (const text of accepted) assert.deepEqual(parse(text).problems, [], text);
  });

  it("name what was meant", () => {
    const [typo] = parse("FORM a\n").problems;
    assert.equal(formatMessage(typo?.message ?? { template: "" }), 'Unknown instruction "FORM". Did you mean FROM?');
  });
});
