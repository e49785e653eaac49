// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { Analysis } from "../../server/analysis.ts";
import { semanticTokens, work } from "../../server/features/semantic-tokens.ts";
import { tokenModifiers, tokenTypes } from "../../server/features/tokens/token.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { Linter } from "../../server/lint/linter.ts";
import { rules } from "../../server/rules/rules.ts";
import { dockerfiles } from "../support/dockerfiles.ts";
import { edited, randomNumbers } from "../support/edits.ts";

const analyse = (text: string) => new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });

describe("semantic tokens", () => {
  before(() => prepareLint("powershell"));

  /** `type text`, with `!` behind the type of a declaration and `~` behind that of what is deprecated. */
  const read = (text: string, from?: number, to?: number) => {
    const within =
      from === undefined ? undefined : { start: { line: from, character: 0 }, end: { line: to ?? from, character: 0 } };
    const { data } = semanticTokens(analyse(text), within);
    const lines = text.split("\n");
    const found: string[] = [];
    let line = 0;
    let start = 0;
    for (let index = 0; index < data.length; index += 5) {
      const [down = 0, across = 0, length = 0, type = 0, modifiers = 0] = data.slice(index, index + 5);
      line += down;
      start = down > 0 ? across : start + across;
      const signs = tokenModifiers.map((_, bit) => ((modifiers >> bit) & 1 ? "!~"[bit] : "")).join("");
      found.push(`${tokenTypes[type]}${signs} ${lines[line]?.slice(start, start + length)}`);
    }
    return found;
  };
  /** Of the second line. */
  const inside = (instruction: string) => {
    const all = read(`FROM a\n${instruction}`);
    return all.slice(all.indexOf("namespace a") + 1);
  };

  it("tell stages, images, variables and flags apart", () => {
    const text =
      "# escape=`\nARG V=1\nFROM --platform=x node:$V AS b\nFROM b\n# c\nCOPY --from=b x y\nHEALTHCHECK NONE\n";
    assert.deepEqual(read(text), [
      "macro # escape=`",
      "keyword ARG",
      "variable! V",
      "operator =",
      "keyword FROM",
      "property platform",
      "namespace node",
      "variable V",
      "keyword AS",
      "class! b",
      "keyword FROM",
      "class b",
      "comment # c",
      "keyword COPY",
      "property from",
      "class b",
      "keyword HEALTHCHECK",
      "keyword NONE",
    ]);
  });

  it("show the parts of an image", () => {
    assert.deepEqual(read("FROM r.io:5000/a/b:1@sha256:0").slice(1), [
      "namespace r.io:5000/a/b",
      "enumMember 1",
      "enumMember sha256:0",
    ]);
  });

  it("read the commands of RUN, over continuations and comments", () => {
    assert.deepEqual(inside('RUN A=1 sudo -E x --flag=v -y "q $A" \\\n  # note\n  && y > z 2>&1 | w 5; fin'), [
      "keyword RUN",
      "variable A",
      "operator =",
      "function sudo",
      "parameter -E",
      "function x",
      "parameter --flag",
      "parameter -y",
      'string "q $',
      "variable A",
      'string "',
      "comment # note",
      "operator &&",
      "function y",
      "operator >",
      "operator 2>&1",
      "operator |",
      "function w",
      "number 5",
      "operator ;",
      "function fin",
    ]);
  });

  it("read ifs, loops and substitutions", () => {
    assert.deepEqual(inside('RUN for i in a; do x "$(y -z)"; done # end'), [
      "keyword RUN",
      "keyword for",
      "keyword in",
      "operator ;",
      "keyword do",
      "function x",
      'string "$(',
      "function y",
      "parameter -z",
      'string )"',
      "operator ;",
      "keyword done",
      "comment # end",
    ]);
  });

  it("read the script of a heredoc, and leave a text that a command reads", () => {
    assert.deepEqual(inside("RUN <<EOF\nif x; then\n  y -a '$b'\nfi\nEOF"), [
      "keyword RUN",
      "keyword if",
      "function x",
      "operator ;",
      "keyword then",
      "function y",
      "parameter -a",
      "string '$b'",
      "keyword fi",
    ]);
    assert.ok(!inside("RUN cat <<EOF > f\nif x; then\nEOF").some((one) => one.includes("if")));
    assert.deepEqual(inside("COPY <<EOF /a\n$A ${B}\nEOF"), ["keyword COPY", "variable A", "variable B"]);
    assert.deepEqual(inside("COPY <<'EOF' /a\n$A\nEOF"), ["keyword COPY"]);
  });

  it("read JSON, also a script in it", () => {
    assert.deepEqual(inside('CMD ["a", "b"]'), ["keyword CMD", 'string "a"', 'string "b"']);
    assert.deepEqual(inside('CMD ["sh", "-c", "x -y"]'), [
      "keyword CMD",
      'string "sh"',
      'string "-c"',
      "function x",
      "parameter -y",
    ]);
  });

  it("read names, ports, signals, mounts and durations", () => {
    assert.deepEqual(inside("ENV A=1 B=\"$A x\"\nLABEL a.b='c'\nEXPOSE 80/tcp $A\nSTOPSIGNAL SIGTERM"), [
      "keyword ENV",
      "variable! A",
      "operator =",
      "variable! B",
      "operator =",
      'string "$',
      "variable A",
      'string  x"',
      "keyword LABEL",
      "property a.b",
      "operator =",
      "string 'c'",
      "keyword EXPOSE",
      "number 80",
      "variable A",
      "keyword STOPSIGNAL",
      "enumMember SIGTERM",
    ]);
    assert.deepEqual(inside("RUN --mount=type=cache,target=/x y\nHEALTHCHECK --interval=5s CMD z"), [
      "keyword RUN",
      "property mount",
      "parameter type",
      "parameter target",
      "function y",
      "keyword HEALTHCHECK",
      "property interval",
      "number 5s",
      "keyword CMD",
      "function z",
    ]);
  });

  it("say that MAINTAINER is deprecated, and look behind ONBUILD", () => {
    assert.deepEqual(inside("MAINTAINER me\nONBUILD RUN x -y"), [
      "keyword~ MAINTAINER",
      "string me",
      "keyword ONBUILD",
      "keyword RUN",
      "function x",
      "parameter -y",
    ]);
  });

  it("of a string over lines are one a line, without the continuation and the comment between", () => {
    assert.deepEqual(inside("RUN x 'a \\\n# c\n b'"), [
      "keyword RUN",
      "function x",
      "string 'a ",
      "comment # c",
      "string  b'",
    ]);
  });

  it("are worked out for one instruction after a key, wherever it moves the others", () => {
    const stage = (at: number) => `FROM a AS s${at}\nRUN x -y \\\n  "$z"\nCOPY --from=s${at} b${at} c\n`;
    const before = Array.from({ length: 200 }, (_, at) => stage(at)).join("");
    const linter = new Linter(rules);
    const first = new Analysis({ uri: "file:///a", version: 1, getText: () => before }, { linter });
    semanticTokens(first);
    const text = before.replace("COPY --from=s7 b7", "\nCOPY --from=s7 new");
    const next = new Analysis(
      { uri: "file:///a", version: 2, getText: () => text },
      { linter, previous: first.dockerfile },
    );
    const known = { ...work };
    const { data } = semanticTokens(next);
    assert.equal(work.instructions - known.instructions, 1);
    assert.equal(work.stages - known.stages, 1);
    assert.deepEqual(data, semanticTokens(analyse(text)).data);
  });

  it("of a range are those of its lines", () => {
    const text = "FROM a\nRUN x \\\n  -y \\\n  -z\nUSER b\n";
    assert.deepEqual(read(text, 2, 2), ["parameter -y"]);
    assert.deepEqual(read(text, 3, 4), ["parameter -z", "keyword USER"]);
  });

  it("stay in order, apart and inside their lines on any text", () => {
    const random = randomNumbers(5);
    const texts = [
      ...Object.values(dockerfiles),
      "x =$\\\ny",
      "\\\\\nn",
      "FROM a AS \\\nb\nFROM b",
      "ENV a=$a\\\na b=${a}",
    ];
    for (let round = 0; round < 60; round += 1) {
      let text = texts[round % texts.length] ?? "";
      for (let step = 0; step < 5; step += 1) {
        const lines = text.split("\n");
        const { data } = semanticTokens(analyse(text));
        let line = 0;
        let start = 0;
        let end = 0;
        for (let index = 0; index < data.length; index += 5) {
          const [down = 0, across = 0, length = 0] = data.slice(index, index + 3);
          line += down;
          start = down > 0 ? across : start + across;
          assert.ok(down >= 0 && length > 0 && (down > 0 || start >= end), JSON.stringify(text));
          end = start + length;
          assert.ok(end <= (lines[line] ?? "").length, JSON.stringify(text));
        }
        text = edited(text, random, texts);
      }
    }
  }).timeout(60_000);
});
