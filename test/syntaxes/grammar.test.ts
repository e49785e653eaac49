import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createOnigScanner, createOnigString, loadWASM } from "vscode-oniguruma";
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from "vscode-textmate";
import { type TokenType, tokenTypes } from "../../server/features/tokens/token.ts";

/** Stands for VS Code's own grammar of a language: enough to see where it is at work. */
const standIn = (language: string) =>
  JSON.stringify({ scopeName: `source.${language}`, patterns: [{ match: "\\w+", name: `word.${language}` }] });

async function load(language: "dockerfile" | "dockerignore"): Promise<IGrammar> {
  const wasm = createRequire(`${process.cwd()}/package.json`).resolve("vscode-oniguruma/release/onig.wasm");
  await loadWASM(readFileSync(wasm));
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async (name) =>
      name !== `source.${language}`
        ? parseRawGrammar(standIn(name.slice("source.".length)), "other.json")
        : parseRawGrammar(readFileSync(`syntaxes/${language}.tmLanguage.json`, "utf8"), `${language}.json`),
  });
  const grammar = await registry.loadGrammar(`source.${language}`);
  assert.ok(grammar);
  return grammar;
}

describe("the grammar", () => {
  let grammar: IGrammar;
  before(async () => {
    grammar = await load("dockerfile");
  });

  /** One line a token that has a scope of its own: its text and its innermost scope without the language. */
  const scopes = (text: string): string[] => {
    const found: string[] = [];
    let state = INITIAL;
    for (const line of text.split("\n")) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      for (const { startIndex, endIndex, scopes: all } of tokens) {
        const piece = line.slice(startIndex, endIndex);
        const own = all.findLast((scope) => !/^(?:source|meta\.instruction|meta\.structure)\./.test(scope));
        if (own && piece.trim()) found.push(`${piece.trim()} → ${own.replace(/\.dockerfile$/, "")}`);
      }
    }
    return found;
  };

  const keyword = (word: string) => `${word} → keyword.other.special-method`;

  it("knows directives at the top only", () => {
    assert.deepEqual(scopes("# escape=`\n# a comment\n# escape=x\nFROM a"), [
      "# → punctuation.definition.directive",
      "escape → keyword.control.directive",
      "= → keyword.operator.assignment",
      "` → string.unquoted.directive",
      "# → punctuation.definition.comment",
      "a comment → comment.line.number-sign",
      "# → punctuation.definition.comment",
      "escape=x → comment.line.number-sign",
      keyword("FROM"),
      "a → entity.name.type.image",
    ]);
  });

  it("tells image, tag, AS and the stage's name apart", () => {
    assert.deepEqual(scopes("from --platform=$P example.com:5000/a/node:24 as build"), [
      keyword("from"),
      "-- → punctuation.definition.parameter",
      "platform → entity.other.attribute-name.flag",
      "= → keyword.operator.assignment",
      "$ → punctuation.definition.variable",
      "P → variable.other",
      "example.com:5000/a/node → entity.name.type.image",
      ": → punctuation.separator.tag",
      "24 → constant.other.tag",
      "as → keyword.control.as",
      "build → entity.name.class.stage",
    ]);
  });

  it("goes on over continuations with comments and empty lines between, and stops after the last", () => {
    assert.deepEqual(scopes('RUN a "x" \\\n# note\n\n  && b\nCMD c'), [
      keyword("RUN"),
      '" → punctuation.definition.string.begin',
      "x → string.quoted.double",
      '" → punctuation.definition.string.end',
      "\\ → constant.character.escape.line-continuation",
      "# → punctuation.definition.comment",
      "note → comment.line.number-sign",
      "&& → keyword.operator.shell",
      keyword("CMD"),
    ]);
  });

  it("takes a heredoc of RUN as shell, and ends it at its word", () => {
    assert.deepEqual(scopes("RUN <<EOF\necho 'open\nEOF\nEXPOSE 80/udp"), [
      keyword("RUN"),
      "<< → keyword.operator.heredoc",
      "EOF → entity.name.tag.heredoc",
      "echo → word.shell",
      "' → meta.embedded.block.shell",
      "open → word.shell",
      "EOF → entity.name.tag.heredoc",
      keyword("EXPOSE"),
      "80 → constant.numeric.port",
      "/ → punctuation.separator",
      "udp → storage.type.protocol",
    ]);
  });

  it("takes a heredoc behind flags and behind a shell as shell too", () => {
    for (const head of ["--mount=type=ssh --network=none <<-EOF", "bash -e <<'EOF'", "/bin/sh <<EOF", "<<EOF"]) {
      const found = scopes(`RUN ${head}\nset -e\nFROM x\nEOF\nUSER u`);
      assert.ok(found.includes("set → word.shell") && found.includes("FROM → word.shell"), `${head} ${found}`);
      assert.ok(found.includes("EOF → entity.name.tag.heredoc"), head);
      assert.equal(found.at(-1), keyword("USER"), head);
    }
  });

  it("takes a heredoc for Python or Node as their language, by the command or by the first line", () => {
    for (const [head, language] of [
      ["python3 <<EOF\nimport os", "python"],
      ["--mount=type=ssh /usr/bin/python3.13 -u <<EOF\nimport os", "python"],
      ["<<EOF\n#!/usr/bin/env python3\nimport os", "python"],
      ["node <<EOF\nimport os", "js"],
      ["<<EOF\n#!/usr/bin/env node\nimport os", "js"],
    ]) {
      const found = scopes(`RUN ${head}\nEOF\nUSER u`);
      assert.ok(found.includes(`import → word.${language}`), `${head} ${found}`);
      assert.equal(found.at(-1), keyword("USER"), head);
    }
  });

  it("shows the keys of a mount", () => {
    const found = scopes("RUN --mount=type=cache,target=/x,ro a");
    for (const key of ["type", "target", "ro"]) assert.ok(found.includes(`${key} → variable.parameter.mount`), key);
    assert.ok(!found.includes("cache → variable.parameter.mount"));
  });

  it("takes a heredoc of COPY, and one that a command reads, as text", () => {
    assert.deepEqual(scopes("COPY <<a <<-'b' /x/\none $V\na\n\tb\nRUN cat <<E > f\nFROM x\nE\nUSER u"), [
      keyword("COPY"),
      "<< → keyword.operator.heredoc",
      "a → entity.name.tag.heredoc",
      "<<- → keyword.operator.heredoc",
      "b → entity.name.tag.heredoc",
      "one → string.unquoted.heredoc",
      "$ → punctuation.definition.variable",
      "V → variable.other",
      "a → string.unquoted.heredoc",
      "b → entity.name.tag.heredoc",
      keyword("RUN"),
      "<< → keyword.operator.heredoc",
      "E → entity.name.tag.heredoc",
      "> → keyword.operator.redirect.shell",
      "FROM x → string.unquoted.heredoc",
      "E → entity.name.tag.heredoc",
      keyword("USER"),
    ]);
  });

  it("reads JSON arrays, also over lines, and shows quotes that JSON does not know", () => {
    assert.deepEqual(scopes('CMD ["a", \\\n  "b\\"c"]\nENTRYPOINT ["x", \'y\']\nUSER z'), [
      keyword("CMD"),
      "[ → punctuation.definition.array.begin",
      '"a" → string.quoted.double.json',
      ", → punctuation.separator.array",
      "\\ → constant.character.escape.line-continuation",
      '"b\\"c" → string.quoted.double.json',
      "] → punctuation.definition.array.end",
      keyword("ENTRYPOINT"),
      "[ → punctuation.definition.array.begin",
      '"x" → string.quoted.double.json',
      ", → punctuation.separator.array",
      "'y' → invalid.illegal.single-quotes",
      "] → punctuation.definition.array.end",
      keyword("USER"),
    ]);
  });

  it("reads names and values of ENV and the parts of an expansion", () => {
    assert.deepEqual(scopes(`ENV A=1 B=\${C:-d}\nONBUILD ARG E`), [
      keyword("ENV"),
      "A → variable.other.constant",
      "= → keyword.operator.assignment",
      "B → variable.other.constant",
      "= → keyword.operator.assignment",
      "${ → punctuation.definition.variable",
      "C → variable.other",
      ":- → keyword.operator.expansion",
      "} → punctuation.definition.variable",
      keyword("ONBUILD"),
      keyword("ARG"),
      "E → variable.other.constant",
    ]);
  });

  it("does not let an open quote run into the next instruction", () => {
    const found = scopes("RUN echo \"open\nCMD b\nLABEL a='open\nUSER c\nENV a=${b\nUSER d");
    for (const word of ["CMD", "LABEL", "USER", "ENV"]) assert.ok(found.includes(keyword(word)), word);
    assert.equal(found.filter((line) => line === keyword("USER")).length, 2);
  });
});

describe("the grammar of .dockerignore", () => {
  it("shows comments at the start of a line, exceptions, wildcards and what is escaped", async () => {
    const grammar = await load("dockerignore");
    const scopes = (line: string) =>
      grammar.tokenizeLine(line, INITIAL).tokens.flatMap(({ startIndex, endIndex, scopes: [, own] }) => {
        return own ? [`${line.slice(startIndex, endIndex)} → ${own.replace(/\.dockerignore$/, "")}`] : [];
      });
    assert.deepEqual(scopes("# all"), ["# all → comment.line.number-sign"]);
    assert.deepEqual(scopes("a # b"), []);
    assert.deepEqual(scopes("!a/**/[xy]?\\*"), [
      "! → keyword.operator.negation",
      "/ → punctuation.separator.path",
      "** → keyword.operator.glob",
      "/ → punctuation.separator.path",
      "[xy] → string.regexp.character-class",
      "? → keyword.operator.glob",
      "\\* → constant.character.escape",
    ]);
  });
});

describe("colours of words by the server", () => {
  it("are such as every theme has: VS Code's own kinds, or scopes of the grammar", () => {
    // Those for which VS Code itself says which scopes stand for them in a theme that knows no kinds.
    const standard =
      "namespace type class enum interface struct typeParameter parameter variable property enumMember event function method macro label comment string keyword number regexp operator decorator".split(
        " ",
      );
    assert.deepEqual(
      tokenTypes.filter((type) => !standard.includes(type)),
      [],
    );
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
      contributes: { semanticTokenScopes: { language: string; scopes: Record<string, string[]> }[] };
    };
    const grammar = readFileSync("syntaxes/dockerfile.tmLanguage.json", "utf8");
    for (const { scopes } of contributes.semanticTokenScopes) {
      for (const [type, names] of Object.entries(scopes)) {
        assert.ok(tokenTypes.includes(type as TokenType), type);
        for (const name of names) assert.ok(grammar.includes(`"${name}"`), name);
      }
    }
  });
});

describe("the language configuration", () => {
  interface EnterRule {
    readonly beforeText: string;
    readonly afterText?: string;
    readonly previousLineText?: string;
    readonly action: { readonly indent: string; readonly appendText?: string };
  }

  const { onEnterRules, wordPattern, folding } = JSON.parse(
    readFileSync("syntaxes/dockerfile-language-configuration.json", "utf8"),
  ) as { onEnterRules: EnterRule[]; wordPattern: string; folding: { markers: { start: string; end: string } } };

  /** The first rule that fits, as the editor picks it. */
  const enter = (line: string, { after = "", above = "" } = {}) => {
    const fits = (pattern: string | undefined, text: string) => pattern === undefined || new RegExp(pattern).test(text);
    const rule = onEnterRules.find(
      ({ beforeText, afterText, previousLineText }) =>
        fits(beforeText, line) && fits(afterText, after) && fits(previousLineText, above),
    );
    return rule && [rule.action.indent, rule.action.appendText ?? ""].join(" ").trim();
  };

  it("indents behind a continuation and goes back behind the last line", () => {
    assert.equal(enter("RUN a \\"), "indent");
    assert.equal(enter("RUN a `"), "indent");
    assert.equal(enter("RUN echo `date`"), undefined);
    assert.equal(enter("    && b \\", { above: "RUN a \\" }), undefined);
    assert.equal(enter("    echo b \\", { above: "RUN a && \\" }), undefined);
    assert.equal(enter("    && c", { above: "  && b \\" }), "outdent");
    assert.equal(enter("    && c", { above: "  && b `" }), "outdent");
  });

  it("goes on with a comment that is cut in two, and not behind its end", () => {
    assert.equal(enter("# one", { after: "two" }), "none #");
    assert.equal(enter("# note \\"), "none");
  });

  it("knows words and regions", () => {
    assert.deepEqual("COPY a-b /c $D".match(new RegExp(wordPattern, "g")), ["COPY", "a-b", "c", "D"]);
    assert.match("# region tools", new RegExp(folding.markers.start));
    assert.match("#endregion", new RegExp(folding.markers.end));
  });
});
