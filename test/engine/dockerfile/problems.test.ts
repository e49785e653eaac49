// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { isImageName } from "../../../engine/dockerfile/check-values.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { problemCodes } from "../../../engine/dockerfile/problem-codes.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
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
  ["a trigger that cannot be split", "FROM a\nONBUILD ENV A\n#           ^\n", ["syntax/missing-value"]],
  ["FROM with the name and no AS", "FROM a build\n#      ^^^^^\n", ["syntax/from"]],
  ["FROM with a comment behind it", "FROM a # the base\n#      ^^^^^^^^^^\n", ["syntax/from"]],
  ["VOLUME of nothing", "FROM a\nVOLUME []\n#      ^^\n", ["syntax/blank-volume"]],
  ["a network that is none", "FROM a\nRUN --network=bridge x\n#             ^^^^^^\n", ["syntax/flag-value"]],
  ["a security mode that is none", "FROM a\nRUN --security=none x\n#              ^^^^\n", ["syntax/flag-value"]],
  ["negative retries", "FROM a\nHEALTHCHECK --retries=-1 CMD x\n#                     ^^\n", ["syntax/retries"]],
  ["a mount from a variable", "FROM a\nRUN --mount=from=$B,target=/x y\n#                ^^\n", ["syntax/mount"]],
  [
    "a mount whose quotes do not fit",
    "FROM a\nRUN --mount=target='a\"b' y\n#           ^^^^^^^^^^^\n",
    ["syntax/mount"],
  ],
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

/** The builder reads the file and fails when it carries the instruction out. */
const refusedLater: typeof refused = [
  ["a mistake in a trigger", "FROM a\nONBUILD COPY a\n#            ^\n", ["syntax/missing-destination"]],
  ["a quote that is not closed", 'FROM a\nENV A="x y\n#     ^^^^\n', ["syntax/variable"]],
  ["an operator of the shell", "FROM a\nWORKDIR /${A^^}/b\n#        ^^^^^^\n", ["syntax/variable"]],
  ["a brace that is not closed", "FROM a${B\n#     ^^^\n", ["syntax/variable"]],
  ["a mistake in a body", "FROM a\nCOPY <<E /x\na ${} b\n# ^^^\nE\n", ["syntax/variable"]],
  ["a port that is too high", "FROM a\nEXPOSE 80 70000 53/udp\n#         ^^^^^\n", ["syntax/port"]],
  ["a port that is a word", "FROM a\nEXPOSE http\n#      ^^^^\n", ["syntax/port"]],
  ["a signal that is none", "FROM a\nSTOPSIGNAL SIGNOPE\n#          ^^^^^^^\n", ["syntax/signal"]],
  ["an image in capitals", "FROM Node:24\n#    ^^^^^^^\n", ["syntax/image-name"]],
  ["an image in braces", "FROM {my-image}\n#    ^^^^^^^^^^\n", ["syntax/image-name"]],
  ["a tag that is none", "FROM node:-1\n#    ^^^^^^^\n", ["syntax/image-name"]],
  [
    "a key that no mount has",
    "FROM a\nRUN --mount=type=cache,tagret=/x y\n#                      ^^^^^^\n",
    ["syntax/mount"],
  ],
  [
    "a type that no mount has",
    "FROM a\nRUN --mount=type=cahce,target=/x y\n#                ^^^^^\n",
    ["syntax/mount"],
  ],
  ["a key without value", "FROM a\nRUN --mount=target y\n#           ^^^^^^\n", ["syntax/mount"]],
  ["a comma too many", "FROM a\nRUN --mount=target=/x, y\n#                    ^\n", ["syntax/mount"]],
  [
    "a key of another type",
    "FROM a\nRUN --mount=type=bind,sharing=locked y\n#                     ^^^^^^^\n",
    ["syntax/mount"],
  ],
  ["a key before its type", "FROM a\nRUN --mount=size=1g,type=tmpfs,target=/x y\n#           ^^^^\n", ["syntax/mount"]],
  ["a secret without a name", "FROM a\nRUN --mount=type=secret y\n#           ^^^^^^^^^^^\n", ["syntax/mount"]],
];

const accepted = [
  `FROM a AS Build\nFROM BUILD\nFROM localhost:5000/a/b:1@sha256:${"0".repeat(64)}\nFROM ghcr.io/a\nFROM $X\n`,
  "FROM a\nCOPY a b .\nCOPY <<'E' /x\n${ \"\nE\nRUN echo ${x^^} \"\n",
  "FROM a\nEXPOSE 80 3000-3005/TCP 127.0.0.1:80:81 $P ${Q:-1}/udp\nSTOPSIGNAL rtmin+3\n",
  "FROM a\nRUN --mount=type=secret,id=x,required,env=X --mount=TYPE=Cache,Target=/x,uid=$U,ro=true --network=none x\n",
  "FROM a\nRUN --mount=type=tmpfs,target=/x,size=1.5G --mount=type=$T,size=1 --mount='\"target=/a,b\"' x\n",
  "FROM a\nRUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y true\n",
  "FROM a\nCOPY --exclude=a --exclude=b --parents --link=FALSE x y\n",
  "FROM a\nENV KEY some words\nLABEL a=b c\\ d=e 'f'=\"g h\"\n",
  "FROM a\nHEALTHCHECK --interval=1m30s --timeout=0 --retries=0 CMD true\nHEALTHCHECK NONE\n",
  'ARG A\nFROM a AS b-_.1\nVOLUME /a ["/b"]\nSTOPSIGNAL 9\nMAINTAINER me and you\n',
  'FROM a\nSHELL ["cmd", "/S"]\nONBUILD RUN x\nENTRYPOINT []\nCMD []\nARG B=1 C\n',
  "FROM a\nADD --checksum=sha256:0 --unpack=false --keep-git-dir x y\n",
];

describe("syntax problems", () => {
  for (const [name, marked, codes] of [...refused, ...refusedLater]) {
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
      for (const { code, message, fatal } of problems) {
        assert.equal(
          fatal,
          refused.some(([one]) => one === name),
        );
        assert.ok(Object.hasOwn(problemCodes, code));
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

  it("know the names of images as the registry client does", () => {
    const names =
      "a A a/b a/B a.b/c A.b/c a:1/c localhost/c Host/c a:1 a: a:-x a@sha256:1 a__b a___b a--b a-.b [::1]:5/c /a a/ a//b";
    for (const name of names.split(" ")) assert.equal(isImageName(name), tryParseReference(name) !== undefined, name);
  });

  it("have a code with a summary and names in other linters", () => {
    for (const [code, { summary, why, sameAs }] of Object.entries(problemCodes)) {
      assert.match(code, /^syntax\/[a-z-]+$/);
      assert.notEqual(summary.template, "");
      assert.match(why.template, /\.$/);
      for (const name of sameAs) assert.match(name, /^(?:hadolint:DL\d{4}|dockerfile-utils:\d+)$/);
    }
  });
});
