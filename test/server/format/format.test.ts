// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { parse, reparse } from "../../../engine/analysis.ts";
import { detectIndent } from "../../../server/format/detect.ts";
import { formatEdits, formatText, work } from "../../../server/format/format.ts";
import { defaultFormat, type FormatOptions, readFormatSettings } from "../../../server/format/options.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { scriptOf } from "../../../server/shell/script.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 150);
const texts = Object.values(dockerfiles);

function formatted(text: string, options: Partial<FormatOptions> = {}): string {
  return formatText(text, { ...defaultFormat, ...options });
}

function unchanged(text: string, options: Partial<FormatOptions> = {}): void {
  assert.equal(formatted(text, options), text);
}

describe("formatting", () => {
  it("puts instructions and comments at the margin, and what they go on with one level in", () => {
    assert.equal(
      formatted("  FROM a\n \t# why\nRUN a \\\n&& b \\\n  && c\n"),
      "FROM a\n# why\nRUN a \\\n    && b \\\n        && c\n",
    );
    assert.equal(formatted("FROM a\nRUN a \\\n\t&& b\n", { indentSize: 2 }), "FROM a\nRUN a \\\n  && b\n");
    assert.equal(formatted("FROM a\nRUN a \\\n  && b\n", { useTabs: true }), "FROM a\nRUN a \\\n\t&& b\n");
  });

  it("keeps the levels inside, also of ifs and loops", () => {
    assert.equal(
      formatted("RUN if a; then \\\n  b; \\\n  for x in y; do \\\n    c; \\\n  done; \\\nfi\n"),
      "RUN if a; then \\\n        b; \\\n        for x in y; do \\\n            c; \\\n        done; \\\n    fi\n",
    );
  });

  it("leaves operators where they are written, at the start or at the end of lines", () => {
    unchanged("RUN a && \\\n    b && \\\n    c\nRUN a \\\n    && b \\\n    || c\n");
  });

  it("keeps distances that are no levels", () => {
    assert.equal(formatted("RUN a \\\n b \\\n    c \\\n  d\n"), "RUN a \\\n    b \\\n       c \\\n     d\n");
  });

  it("indents comments with the lines around them, and leaves those at the margin", () => {
    assert.equal(
      formatted("RUN a \\\n  # in\n  b \\\n# out\n\n  c\n"),
      "RUN a \\\n    # in\n    b \\\n# out\n\n    c\n",
    );
  });

  it("does not touch the inside of quotes, words and expansions", () => {
    unchanged("RUN echo 'x \\\n y'\nRUN echo \"x \\\n  y\"\nRUN echo a\\\nb\nRUN echo ${a:-x \\\n y}\n");
    unchanged(
      'RUN echo "$(printf "a \\\n b")"\nRUN echo a\\ \\ \\\nb\nRUN echo "$(case x in a) echo "b \\\n c";; esac)"\n',
    );
    unchanged("ENV A some \\\n text\nMAINTAINER a \\\n b\nWORKDIR /a \\\n b\n");
    assert.equal(formatted("RUN a\\\n&& b\n"), "RUN a\\\n    && b\n");
    unchanged("RUN a &\\\n& b\n");
  });

  it("does not touch heredocs and their ends", () => {
    unchanged("RUN <<-E\n  deep  \n\t\tE\nCOPY <<A <<'B' /x/\n one \nA\n\ttwo\t\nB\n");
    unchanged("RUN <<E\nopen  \n\n");
    assert.equal(formatted("RUN a \\\n  <<E  \n b \nE\n"), "RUN a \\\n    <<E\n b \nE\n");
  });

  it("takes blanks at the ends of lines away, also behind a continuation, and ends the file with one line end", () => {
    assert.equal(formatted("FROM a  \n# c\t\n   \nRUN b \\  \n  c\t\n\n\n"), "FROM a\n# c\n\nRUN b \\\n    c\n");
    assert.equal(formatted("FROM a"), "FROM a\n");
    unchanged("");
    unchanged("RUN a \\ \n".replace(" \n", "\n"));
  });

  it("keeps the line ends of Windows, its escape character and a byte order mark", () => {
    assert.equal(
      formatted("\uFEFF# escape=`\r\nFROM a \r\nRUN dir C:\\ `\r\n/s `\r\n  && b"),
      "\uFEFF# escape=`\r\nFROM a\r\nRUN dir C:\\ `\r\n    /s `\r\n        && b\r\n",
    );
  });

  it("leaves the lines alone that a file ends in the middle of", () => {
    unchanged("FROM a\nRUN b \\\n    # && c\n");
  });

  it("writes keywords in capitals only when asked to", () => {
    const text = "from a as b\nonbuild run c\nhealthcheck cmd d\n";
    unchanged(text);
    assert.equal(formatted(text, { keywordCase: "upper" }), "FROM a AS b\nONBUILD RUN c\nHEALTHCHECK CMD d\n");
  });

  it("sets the number of empty lines between stages only when asked to", () => {
    const text = "ARG V\nFROM a\nRUN b\n# c\nFROM d\n\n \n# e\nFROM f\n\nFROM g\n";
    assert.equal(
      formatted(text, { blankLinesBetweenStages: 1 }),
      "ARG V\nFROM a\nRUN b\n# c\nFROM d\n\n# e\nFROM f\n\nFROM g\n",
    );
    assert.equal(formatted("FROM a\nFROM b\n", { blankLinesBetweenStages: 2 }), "FROM a\n\n\nFROM b\n");
  });

  it("sets blanks between words, flags and JSON strings only when asked to", () => {
    const text = 'COPY  --link   a  b\nCMD [ "a","b" , "c  d" ]\nENV  A  x  y\nRUN  echo  "a  b"\nENV A=1   B="2  3"\n';
    unchanged(text);
    assert.equal(
      formatted(text, { spacing: true }),
      'COPY --link a b\nCMD ["a", "b", "c  d"]\nENV A  x  y\nRUN echo  "a  b"\nENV A=1 B="2  3"\n',
    );
  });

  it("reads what somebody has set, and passes over what makes no sense", () => {
    assert.deepEqual(readFormatSettings({ indentSize: 2, keywordCase: "upper", blankLinesBetweenStages: 1 }), {
      indentSize: 2,
      keywordCase: "upper",
      blankLinesBetweenStages: 1,
      spacing: false,
    });
    assert.deepEqual(
      readFormatSettings({ indentSize: 0, keywordCase: 1, blankLinesBetweenStages: 0.5, spacing: "x" }),
      {
        keywordCase: "keep",
        spacing: false,
      },
    );
  });
});

describe("formatting of any text", () => {
  before(() => prepareLint());

  /** What the shell reads, word by word: an own opinion of what may not change. */
  const commands = (text: string) => {
    const model = parse(text);
    return model.instructions.map((instruction) => {
      const one = instruction.trigger ?? instruction;
      const shell = { words: ["/bin/sh", "-c"], isDefault: false };
      const script = scriptOf(one, { shell, escape: model.escape, text });
      // Behind a mistake the grammar guesses.
      if (!script.complete) return [];
      return script.commands.map(({ words, assignments }) => [
        // The grammar takes `$& $` as one word.
        words.map(({ text: word, quoted }) => (quoted ? word : word.replace(/ +/g, " "))),
        assignments.map(({ name, value }) => [name, value]),
      ]);
    });
  };
  const withoutBlanks = (text: string) => {
    const { instructions } = parse(text);
    return instructions.map(({ keyword, rest, heredocs }) => [
      keyword,
      rest.text.replace(/[\t ]/g, "").toUpperCase(),
      heredocs.map(({ content }) => content),
    ]);
  };

  it("changes blanks only, is the same when done twice, and every command keeps its words", () => {
    const random = randomNumbers(11);
    for (let round = 0; round < rounds; round += 1) {
      let text = texts[round % texts.length] ?? "";
      const options: FormatOptions = {
        indentSize: [2, 3, 4, 8][random(4)] ?? 4,
        useTabs: random(3) === 0,
        keywordCase: random(2) === 0 ? "keep" : "upper",
        spacing: random(2) === 0,
        ...(random(2) === 0 && { blankLinesBetweenStages: random(3) }),
      };
      for (let step = 0; step < 8; step += 1) {
        text = edited(text, random, texts);
        const once = formatText(text, options);
        const shown = JSON.stringify({ text, options });
        assert.equal(formatText(once, options), once, shown);
        const asWritten = formatText(text, { ...defaultFormat, ...detectIndent(text) });
        assert.equal(formatText(asWritten, { ...defaultFormat, ...detectIndent(asWritten) }), asWritten, shown);
        assert.deepEqual(withoutBlanks(once), withoutBlanks(text), shown);
        if (parse(text).escape === "\\") assert.deepEqual(commands(once), commands(text), shown);
      }
    }
  }).timeout(120_000);

  it("looks once at an instruction that is well written, and again when it or an option changes", () => {
    const text = `FROM a\n${"RUN a \\\n    && b\n".repeat(50)}`;
    const first = parse(text);
    const looks = (dockerfile: typeof first, options = defaultFormat) => {
      const { instructions } = work;
      const edits = formatEdits(dockerfile, options);
      return [edits.length, work.instructions - instructions];
    };
    assert.deepEqual(looks(first), [0, 51]);
    assert.deepEqual(looks(reparse(first, text.replace("&& b\n", "&& b \n"))), [1, 1]);
    assert.deepEqual(looks(first, { ...defaultFormat, indentSize: 2 }), [50, 51]);
    // FROM was fine for both.
    assert.deepEqual(looks(first), [0, 1]);
  });

  it("keeps its word on files that change", () => {
    const random = randomNumbers(3);
    for (let round = 0; round < rounds / 5; round += 1) {
      let dockerfile = parse(texts[round % texts.length] ?? "");
      for (let step = 0; step < 10; step += 1) {
        formatEdits(dockerfile, defaultFormat);
        dockerfile = reparse(dockerfile, edited(dockerfile.text, random, texts));
        const fresh = formatEdits(parse(dockerfile.text), defaultFormat);
        assert.deepEqual(formatEdits(dockerfile, defaultFormat), fresh, JSON.stringify(dockerfile.text));
      }
    }
  });

  it("costs as much a line in a long RUN as in a short one", () => {
    const long = `FROM a\nRUN a${' \\\n&& echo "$(b)" \\\n  --c'.repeat(5000)}\n`;
    const began = ownCpuMs();
    assert.ok(formatEdits(parse(long), defaultFormat).length >= 5000);
    assert.ok(ownCpuMs() - began < 2000);
  });
});
