// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts have variables
import assert from "node:assert/strict";
import { isPrepared, parses, prepareShell } from "../../../server/shell/grammar.ts";
import { scriptIn, scriptsOf, show, textOf } from "./read.ts";

/** A script and its commands, as `show` writes them. */
const table: readonly (readonly [string, ...(readonly string[])])[] = [
  ["echo a", "[echo a]"],
  ["a && b || c; d & e | f |& g", "[a] &&", "&& [b] ||", "|| [c] ;", "; [d] &", "& [e] |", "| [f] |&", "|& [g]"],
  ["echo 'a b' \"c d\" e\\ f", "[echo a b c d e f]"],
  ['echo "a  $x" ${y:-z} *.c', "[echo a  $x~ ${y:-z}~ *.c~]"],
  ["echo ~/x {a,b} '*' \"?\" \\$x", "[echo ~/x~ {a,b}~ * ? $x]"],
  ["echo $(date -u) `id`", "[echo $(date -u)~ `id`~]", "( substitution:[date -u] )", "( substitution:[id] )"],
  ["A=1 B='x y' make all", "[make all] A=1 B=x y"],
  ["A=1", ...[]],
  ["export A=1 B && unset C", "[export A=1 B] &&", "&& [unset C]"],
  ["sudo -E -u root apt-get update", "[apt-get update] wrapper:sudo"],
  ["env -u X A=1 B=2 node x", "[node x] wrapper:env A=1 B=2"],
  ["time nohup exec nice -n 5 make", "[make] wrapper:time wrapper:nohup wrapper:exec wrapper:nice"],
  ["timeout -k 1 5 wget x", "[wget x] wrapper:timeout"],
  ["gosu me sh x.sh", "[sh x.sh] wrapper:gosu"],
  ["find . | xargs -n 1 rm -f", "[find .] |", "| [rm -f] wrapper:xargs"],
  ["command -v git", "[command -v git]"],
  ["exec > log", "[exec] redirect:>log"],
  ["$TOOL install", "[$TOOL~ install]"],
  ["echo a > x b 2>&1 >>y", "[echo a b] redirect:>x redirect:2>&1 redirect:>>y"],
  [">&2 echo hi &> log", "[echo hi] redirect:>&2 redirect:&>log"],
  ["cat <<< word", "[cat] redirect:<<<word"],
  ["diff <(a) <(b)", "[diff <(a)~ <(b)~]", "( substitution:[a] )", "( substitution:[b] )"],
  ["( cd x && y ) > log && z", "( subshell:[cd x] &&", "&& subshell:[y] )", "&& [z]"],
  ["{ a; b; }", "{ [a] ;", "; [b] ;"],
  ["f() { a; b & }; f", "{ function:[a] ;", "; function:[b] &", "; [f]"],
  [
    "if ! a; then b; elif c; then d; else e; fi; f",
    "! condition:[a] ;",
    "then branch:[b] ;",
    "elif condition:[c] ;",
    "then branch:[d] ;",
    "else branch:[e] ;",
    "; [f]",
  ],
  ["while a; do b; done", "while condition:[a] ;", "do loop:[b] ;"],
  ["for i in 1 2; do echo $i; done | tee x", "do loop:[echo $i~] ;", "| [tee x]"],
  ["case $x in a|b) foo ;; *) bar; baz;; esac", ") branch:[foo] ;;", ") branch:[bar] ;", "; branch:[baz] ;;"],
  ["[ -f x ] && [[ $a == b ]] && ((i++)) && c", "&& [c]"],
  ["a=(1 2); echo ${a[@]} $((1 + 2))", "; [echo ${a[@]}~ $((1 + 2))~]"],
  ["/usr/bin/apt-get update", "[/usr/bin/apt-get update]"],
  [
    'bash -exc "apt-get install $X && y" && z',
    "[bash -exc apt-get install $X && y~] &&",
    "substitution:[apt-get install $X~] && nested",
    "&& substitution:[y] nested",
    "&& [z]",
  ],
  ["su - me -c 'npm i'", "[su - me -c npm i]", "substitution:[npm i] nested"],
  ["eval 'a; b'", "[eval a; b]", "substitution:[a] ; nested", "; substitution:[b] nested"],
];

describe("commands of a script", () => {
  before(() => prepareShell());

  for (const [line, ...expected] of table) {
    it(`of \`${line}\``, () => {
      const script = scriptIn(`RUN ${line}\n`);
      assert.deepEqual(show(script), expected);
      assert.equal(script.complete, true);
    });
  }

  it("have a name without folder, and none when it is not constant", () => {
    assert.equal(scriptIn("RUN /usr/bin/apt-get update\n").commands[0]?.name, "apt-get");
    assert.equal(scriptIn("RUN $TOOL update\n").commands[0]?.name, "");
  });

  it("are simple when there is one, plain when it needs no shell", () => {
    const of = (line: string) => {
      const { simple, plain } = scriptIn(`CMD ${line}\n`);
      return plain ? "plain" : simple ? "simple" : "neither";
    };
    for (const line of ["node x.js", "/bin/node 'a b'"]) assert.equal(of(line), "plain", line);
    for (const line of ["node $x", "node *.js", "exec node x", "A=1 node", "node > log", "cd /x", "node &"]) {
      assert.notEqual(of(line), "plain", line);
    }
    for (const line of ["node $x", "echo $(date | tail -1)"]) assert.notEqual(of(line), "plain", line);
    assert.equal(of("node $x"), "simple");
    assert.equal(of("a && b"), "neither");
    assert.equal(of("node x # comment"), "simple");
  });

  it("form pipelines", () => {
    const { pipelines, text } = scriptIn("RUN a && b | c | d > x; (e) | f\n");
    const shown = pipelines.map(({ commands, start, end }) => [text.slice(start, end), ...commands.map((c) => c.name)]);
    assert.deepEqual(shown, [
      ["b | c | d > x", "b", "c", "d"],
      ["(e) | f", "f"],
    ]);
  });

  it("run with the options that stand before everything else", () => {
    const options = (text: string, shell?: readonly string[]) => [...scriptIn(text, shell).options].sort().join(" ");
    assert.equal(options("RUN set -euxo pipefail; a\n"), "errexit nounset pipefail xtrace");
    assert.equal(options("RUN set -e && set -o pipefail && a\n"), "errexit pipefail");
    assert.equal(options("RUN a; set -e\n"), "");
    assert.equal(options("RUN a\n", ["/bin/bash", "-eo", "pipefail", "-c"]), "errexit pipefail");
    assert.equal(options('RUN ["bash", "-ec", "a"]\n'), "errexit");
    assert.equal(options("RUN <<EOF\n#!/bin/bash -e\na\nEOF\n"), "errexit");
  });

  it("do not come from what is no shell", () => {
    for (const line of ['apt-get install "x', "foo ) bar; baz"]) {
      const script = scriptIn(`RUN ${line}\n`);
      assert.equal(script.complete, false, line);
      assert.deepEqual(show(script), [], line);
    }
    // What stands before the mistake was read for certain.
    assert.deepEqual(show(scriptIn("RUN apt-get update && \n")), ["[apt-get update] &&"]);
  });

  it("are read once for the same text", () => {
    const text = "FROM x\nRUN (echo once-and-never-again)\n";
    const first = scriptsOf(text);
    const { count } = parses;
    const second = scriptsOf(`\n\n${text}`);
    assert.equal(parses.count, count);
    assert.equal(first[0]?.commands[0]?.range.start.line, 1);
    assert.equal(second[0]?.commands[0]?.range.start.line, 3);
  });
});

describe("what runs a script", () => {
  before(() => prepareShell("bash", "powershell"));

  const dialect = (text: string, shell?: readonly string[]) => scriptIn(text, shell).dialect;

  it("is SHELL's program", () => {
    assert.equal(dialect("RUN a\n"), "sh");
    assert.equal(dialect("RUN a\n", ["/bin/bash", "-c"]), "bash");
    assert.equal(dialect("RUN a\n", ["/usr/bin/env", "-S", "dash", "-c"]), "sh");
    assert.equal(dialect("RUN a\n", ["pwsh", "-Command"]), "powershell");
    assert.equal(dialect("RUN a\n", ["cmd", "/S", "/C"]), "cmd");
    assert.equal(dialect("RUN a\n", ["/usr/bin/fish", "-c"]), "unknown");
  });

  it("is the #! line of a heredoc, or the program that reads it", () => {
    assert.equal(dialect("RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n"), "unknown");
    assert.deepEqual(show(scriptIn("RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n")), []);
    assert.deepEqual(show(scriptIn("RUN python3 <<EOF\nprint(1)\nEOF\n")), ["[python3] redirect:<<EOF"]);
    assert.deepEqual(show(scriptIn("RUN <<EOF bash -e\napt-get x\nEOF\n")), [
      "[bash -e] redirect:<<EOF",
      "substitution:[apt-get x] nested",
    ]);
  });

  it("is what a shell reads from its input, whatever options and arguments it has", () => {
    const isRead = (line: string) => show(scriptIn(`RUN ${line}\napt-get x\nEOF\n`)).some((one) => /apt-get/.test(one));
    const read = [
      "<<EOF bash -s -- a b",
      "sh -s a <<EOF",
      "dash -es -- -v <<EOF",
      "<<EOF bash -euo pipefail",
      "ash - <<EOF",
    ];
    assert.deepEqual(
      read.filter((line) => !isRead(line)),
      [],
    );
    const other = ["<<EOF bash install.sh -s", "sh -- a <<EOF", "bash -c 'cat' -s <<EOF", "<<EOF python3 -s -- a"];
    assert.deepEqual(other.filter(isRead), []);
  });

  it("is nothing for other instructions and for HEALTHCHECK NONE", () => {
    assert.deepEqual(show(scriptIn("COPY a b\n")), []);
    assert.deepEqual(show(scriptIn("HEALTHCHECK NONE\n")), []);
    assert.deepEqual(show(scriptIn("HEALTHCHECK --interval=5s CMD curl x || exit 1\n")), [
      "[curl x] ||",
      "|| [exit 1]",
    ]);
  });

  it("is no shell in exec form, whose words are what they are", () => {
    const script = scriptIn('CMD ["gosu", "me", "node", "$x *"]\n');
    assert.equal(script.dialect, "exec");
    assert.deepEqual(show(script), ["[node $x *] wrapper:gosu"]);
  });

  it("is the grammar of PowerShell", () => {
    assert.ok(isPrepared("powershell"));
    const shell = ["powershell", "-Command"];
    assert.deepEqual(
      show(scriptIn("RUN Invoke-WebRequest -Uri https://x -OutFile 'a b' ; Get-Item y | Out-Null\n", shell)),
      ["[Invoke-WebRequest -Uri https://x -OutFile a b] ;", "; [Get-Item y] |", "| [Out-Null]"],
    );
    const words = ["[Start-Process x.exe -ArgumentList /i $env:Y~ -Wait]"];
    assert.deepEqual(show(scriptIn("RUN Start-Process x.exe -ArgumentList '/i', $env:Y -Wait\n", shell)), words);
    assert.deepEqual(show(scriptIn("RUN choco install -y git --version=2\n", shell)), []);
  });

  it("is cmd on Windows without SHELL", () => {
    const [script] = scriptsOf('# escape=`\nFROM x\nRUN mkdir "a b" && copy x ^& %Y% | more & del z\n').slice(0);
    assert.equal(script?.dialect, "cmd");
    assert.deepEqual(script && show(script), ["[mkdir a b] &&", "&& [copy x & %Y%~] |", "| [more] &", "& [del z]"]);
  });
});

describe("places of words", () => {
  before(() => prepareShell("bash", "powershell"));

  const files: Readonly<Record<string, string>> = {
    continuations: "FROM x\nRUN set -eux; \\\n  # a comment\n  apt-get \\\n  update && ec\\\nho 'é😀' $x\n",
    heredoc: "FROM x\nRUN <<-EOF\n\tset -ex\n\t\tsudo apt-get update\n\techo 'a b'\n\tEOF\n",
    "several heredocs": "FROM x\nRUN cat <<A <<-B > /f && bash <<C\n1\nA\n\t2\n\tB\napt-get $x\nC\n",
    JSON: 'FROM x\nRUN ["sh", "-c", "echo \\"a b\\" \\u0041 && \\\n ls\\tx"]\n',
    exec: 'FROM x\nCMD ["a", \\\n "b c", "\\u0041"]\n',
    nested: 'FROM x\nRUN sh -c "apt-get \\"a b\\" $X && foo" && bash -c \'x y\'\n',
    "carriage returns": "FROM x\r\nRUN a \\\r\n  b && \\\r\n  c\r\n",
    ONBUILD: "FROM x\nONBUILD RUN a \\\n b && c\n",
    HEALTHCHECK: "FROM x\nHEALTHCHECK --interval=5s \\\n CMD curl x \\\n || exit 1\n",
  };
  for (const [name, file] of Object.entries(files)) {
    it(`are those of the file: ${name}`, () => {
      const seen: string[] = [];
      for (const script of scriptsOf(file)) {
        for (const command of script.commands) {
          for (const word of command.words) {
            const written = textOf(file, word.range).replace(/\\\r?\n(?:\s*#[^\n]*\n)*/g, "");
            seen.push(written);
            if (!/^"/.test(written) && name !== "JSON") assert.equal(written, word.raw);
          }
        }
      }
      assert.ok(seen.length > 0);
      if (name === "JSON")
        assert.deepEqual(seen, ["echo", '\\"a b\\"', "\\u0041", "ls"].concat("x").slice(0, seen.length));
    });
  }

  it("of a comment that swallows the rest of a continued line are known", () => {
    const file = "FROM x\nRUN a # why && \\\n  b\n";
    const [script] = scriptsOf(file);
    assert.deepEqual(script && show(script), ["[a]"]);
    const [comment] = script?.comments ?? [];
    assert.ok(script && comment);
    assert.deepEqual(script.rangeOf(comment.start, comment.end), {
      start: { line: 1, character: 6 },
      end: { line: 2, character: 3 },
    });
  });

  it("of a wrapper reach to the word after it", () => {
    const script = scriptIn("RUN sudo -E apt-get update\n");
    const [wrapper] = script.commands[0]?.wrappers ?? [];
    assert.equal(wrapper && script.text.slice(wrapper.start, wrapper.end), "sudo -E ");
  });
});
