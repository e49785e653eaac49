// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { DocumentHighlightKind } from "vscode-languageserver";
import { formatMessage } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import { Analysis } from "../../server/analysis.ts";
import { definition } from "../../server/features/definition.ts";
import { highlights } from "../../server/features/highlights.ts";
import { references } from "../../server/features/references.ts";
import { prepareRename, rename } from "../../server/features/rename.ts";
import { applyEdits } from "../../server/lint/fixes.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { readCursor } from "../support/marks.ts";

const uri = "file:///Dockerfile";

function at(marked: string) {
  const { text, position } = readCursor(marked);
  return { text, position, analysis: new Analysis({ uri, version: 1, getText: () => text }) };
}

/** `line:start-end`, lines from 1. */
const place = ({ start, end }: Range) => `${start.line + 1}:${start.character}-${end.character}`;

function definitionOf(marked: string): string | undefined {
  const { analysis, position } = at(marked);
  const found = definition(analysis, position);
  return found && place(found.range);
}

function placesOf(marked: string): string[] {
  const { analysis, position } = at(marked);
  return references(analysis, position, true).map(({ range }) => place(range));
}

/** The renamed text, or why it is refused. */
function renamed(marked: string, newName: string): string {
  const { text, analysis, position } = at(marked);
  const result = rename(analysis, position, newName);
  return "refused" in result ? formatMessage(result.refused) : applyEdits(text, result.changes?.[uri] ?? []);
}

describe("stages", () => {
  before(() => prepareLint());

  it("are found from FROM, COPY --from and RUN --mount=from=, whatever the order of flags and the case", () => {
    const file =
      "FROM a AS Base\nFROM base\nCOPY --chown=1 --from=BASE --link x y\nRUN --mount=target=/x,from=base,type=bind --network=none ls\n";
    for (const [text, marked] of [
      ["FROM base", "FROM b<|>ase"],
      ["=BASE", "=BA<|>SE"],
      ["from=base,", "from=base<|>,"],
    ] as const) {
      assert.equal(definitionOf(file.replace(text, marked)), "1:10-14");
    }
    assert.deepEqual(placesOf(file.replace("Base", "<|>Base")), ["1:10-14", "2:5-9", "3:22-26", "4:27-31"]);
  });

  it("are found by number, and keep the number when they are renamed", () => {
    assert.equal(definitionOf("FROM a AS b\nFROM c\nCOPY --from=<|>0 x y\n"), "1:10-11");
    assert.equal(definitionOf("FROM a\nFROM c\nCOPY --from=0<|> x y\n"), "1:0-6");
    assert.equal(
      renamed("FROM a AS b<|>\nFROM b\nCOPY --from=0 x y\n", "d"),
      "FROM a AS d\nFROM d\nCOPY --from=0 x y\n",
    );
    assert.match(renamed("FROM a AS b\nFROM c\nCOPY --from=<|>0 x y\n", "d"), /number/);
    // Mounts count no stages: 0 is an image there.
    assert.equal(definitionOf("FROM a\nFROM c\nRUN --mount=from=<|>0,target=/x ls\n"), undefined);
  });

  it("are found behind ONBUILD and in quoted flags", () => {
    assert.equal(definitionOf("FROM a AS b\nFROM c\nONBUILD COPY --from=b<|> x y\n"), "1:10-11");
    assert.equal(
      renamed('FROM a AS b<|>\nFROM c\nCOPY --from="b" x y\n', "d"),
      'FROM a AS d\nFROM c\nCOPY --from="d" x y\n',
    );
  });

  it("of one name: FROM takes the nearest above, --from the last", () => {
    const file = "FROM a AS b\nFROM b\nFROM c AS b\nCOPY --from=b x y\n";
    assert.equal(definitionOf(file.replace("FROM b", "FROM <|>b")), "1:10-11");
    assert.equal(definitionOf(file.replace("=b", "=<|>b")), "3:10-11");
    assert.deepEqual(placesOf(file.replace("AS b", "AS <|>b")), ["1:10-11", "2:5-6"]);
  });

  it("are no images of the same name", () => {
    assert.equal(definitionOf("FROM no<|>de\nFROM a AS node\n"), undefined);
    assert.deepEqual(placesOf("FROM node AS node<|>\n"), ["1:13-17"]);
  });

  it("cannot have a name that is taken, reserved or wrong", () => {
    const file = "FROM a AS one<|>\nFROM b AS two\nFROM node\nCOPY --from=nginx x y\n";
    assert.match(renamed(file, "TWO"), /already a stage TWO/);
    assert.match(renamed(file, "node"), /image in line 3/);
    assert.match(renamed(file, "nginx"), /image in line 4/);
    assert.match(renamed(file, "scratch"), /builder/);
    for (const name of ["0 bad name", "0", "", "a b", "ä"]) assert.match(renamed(file, name), /starts with a letter/);
    assert.equal(renamed(file, "a"), file.replace("one<|>", "a"));
  });

  it("are not renamed while a variable in FROM holds their name", () => {
    const file = "ARG BASE=dev\nFROM a AS dev<|>\nFROM ${BASE}\n";
    assert.match(renamed(file, "other"), /line 3 .* variable/);
  });
});

describe("variables", () => {
  before(() => prepareLint());

  it("are one from the global ARG through redeclared ARGs, in all instructions that put them in", () => {
    const file = [
      "ARG V<|>=1",
      "FROM a:$V AS x",
      "ARG V",
      "ENV W=${V:-2}",
      "LABEL l=$V",
      "ADD https://x/$V /d",
      "WORKDIR /$V",
      "USER ${V}",
      "EXPOSE $V",
      'VOLUME ["/$V"]',
      "STOPSIGNAL $V",
      "ONBUILD RUN echo $V",
      "HEALTHCHECK CMD curl $V",
      "ENTRYPOINT x ${V##*/}",
      'CMD ["sh", "-c", "x $V"]',
      "COPY <<E /f",
      "v=$V",
      "E",
      "FROM b",
      "ARG V=3",
      "RUN --mount=type=cache,target=/$V <<E",
      'echo "$V" $((V + 1)) # $V',
      "E",
      "",
    ].join("\n");
    const expected = file.replace("<|>", "").replace(/\bV\b/g, "NEW").replace("# $NEW", "# $V");
    assert.equal(renamed(file, "NEW"), expected);
  });

  it("come from the stage that FROM names", () => {
    const file = "FROM a AS x\nENV P=1\nFROM x AS y\nFROM y\nRUN echo $P\n";
    assert.equal(definitionOf(file.replace("$P", "$<|>P")), "2:4-5");
    assert.equal(definitionOf("ARG B=x\nFROM a AS x\nENV P=1\nFROM $B\nRUN echo $P<|>\n"), "3:4-5");
    assert.equal(definitionOf("FROM a AS x\nENV P=1\nFROM b\nRUN echo $P<|>\n"), undefined);
  });

  it("of sibling stages are different ones", () => {
    const file = "FROM a AS x\nFROM x AS y\nENV P=1\nRUN echo $P\nFROM x AS z\nENV P=2\nRUN echo $P\n";
    assert.deepEqual(placesOf(file.replace("P=1", "P<|>=1")), ["3:4-5", "4:10-11"]);
  });

  it("are defined by the nearest definition above that is seen from there", () => {
    assert.equal(definitionOf("FROM a\nENV P=1\nENV P=2\nRUN $P<|>\nENV P=3\n"), "3:4-5");
    assert.equal(definitionOf("FROM a\nENV P=1\nENV P=$P<|>:2\n"), "2:4-5");
    assert.equal(definitionOf("ARG V=1\nFROM a\nARG V<|>\n"), "1:4-5");
    assert.equal(definitionOf("ARG V=1\nFROM a\nARG V=2\nFROM b:$V<|>\n"), "1:4-5");
    assert.equal(definitionOf("ARG A=1 B=$A<|>\nFROM a\n"), "1:4-5");
  });

  it("of a script's own are not those of the file", () => {
    const own = [
      "RUN V=1 && echo $V",
      "RUN V=1; export V; echo ${V}",
      "RUN for V in a b; do echo $V; done",
      "RUN make && V=$(cat v) && echo $V",
      "RUN read V && echo $V",
      "RUN echo '$V' \\$V \"$(echo '$V')\"",
      "RUN V=1 make",
      "RUN <<E\ncat <<'I'\n$V\nI\nE",
      "RUN <<E python3\nprint($V)\nE".replace("<<E python3", "<<'E' python3"),
      'RUN ["echo", "$V"]',
      "RUN sh -c 'V=1; echo $V' && echo unset V && publish -c '$V'",
      "RUN V=1 && unset V; export W=1 && unset W",
      'RUN printf -v V "%s" x && echo $V',
      "RUN V=1; [[ -v V ]] && echo env -u V",
      "RUN make -v V && docker run -v V x && env make -u V && env -C V make",
    ];
    for (const run of own) assert.deepEqual(placesOf(`FROM a\nARG V<|>\n${run}\n`), ["2:4-5"], run);
  });

  it("that a script may have changed keep their name in all of it", () => {
    for (const run of [
      "RUN V=${V:-1} && echo $V",
      "RUN test -n $V || V=1; echo $V",
      "RUN if x; then V=1; fi; echo $V",
      "RUN V+=1; echo $V",
      "RUN unset V; echo ${V:-none}",
      "RUN unset V && make",
      "RUN export V && make",
      "RUN readonly V; echo $V",
      "RUN env -u V make",
      "RUN /usr/bin/env -i A=1 --unset=V -uV --unset V make",
      "RUN [[ -v V ]] && make",
      "RUN if [ -v V ] || ! test -v V; then make $V; fi",
      'RUN [[ -n a && ! -v "V" ]]; echo',
      "RUN test -n $V || printf -v V x; echo $V",
      "RUN printf -v V %s $V && echo $V",
      "RUN (declare -x V); sh -c 'exec $V' && bash -euo pipefail -c 'echo \"$V\"'",
    ]) {
      assert.equal(
        renamed(`FROM a\nARG V<|>\n${run}\n`, "NEW"),
        `FROM a\nARG NEW\n${run.replaceAll("V", "NEW")}\n`,
        run,
      );
    }
  });

  it("are read as the shell in effect writes them", () => {
    const powershell = 'FROM a\nSHELL ["pwsh", "-c"]\nENV V<|>=1\nRUN echo $env:V ${env:V} $V\n';
    assert.deepEqual(placesOf(powershell), ["3:4-5", "4:14-15", "4:22-23"]);
    const cmd = "# escape=`\nFROM a\nENV V<|>=1\nRUN echo %V% $V\n";
    assert.deepEqual(placesOf(cmd), ["3:4-5", "4:10-11"]);
  });

  it("are read through continuations and comments inside them", () => {
    assert.deepEqual(placesOf("FROM a\nARG V<|>\nRUN a \\\n  # $V\n  && b $V \\\n  && c\n"), ["2:4-5", "5:8-9"]);
  });

  it("cannot have a name that is taken, predefined or wrong", () => {
    const file = "FROM a\nARG V<|>=1\nENV W=2\nRUN U=1; echo $V $X\nFROM b\nENV OTHER=1\nFROM c\nARG A\n";
    for (const name of ["W", "X", "U", "A"]) assert.match(renamed(file, name), /already a variable/);
    for (const name of ["PATH", "TARGETARCH", "HTTP_PROXY"]) assert.match(renamed(file, name), /builder or the shell/);
    for (const name of ["a-b", "1", "", "a b"]) assert.match(renamed(file, name), /letters, digits/);
    assert.equal(renamed(file, "OTHER"), file.replace("V<|>", "OTHER").replace("$V", "$OTHER"));
  });

  it("that are predefined or not declared keep their name, and it is said why", () => {
    const why = (marked: string) => {
      const { analysis, position } = at(marked);
      const answer = prepareRename(analysis, position);
      return answer && ("refused" in answer ? formatMessage(answer.refused) : place(answer));
    };
    assert.match(why("FROM --platform=$BUILD<|>PLATFORM a\n") ?? "", /BUILDPLATFORM has a meaning/);
    assert.match(why("FROM a\nENV PA<|>TH=/x:$PATH\n") ?? "", /PATH has a meaning/);
    assert.equal(why("FROM a\nENV PO<|>RT=/x\n"), "2:4-8");
    assert.equal(why("FROM a\nEXPOSE ${PO<|>RT:-1}\nENV PORT=1\n"), "2:9-13");
    assert.equal(why("FROM a\nRUN echo $NOBO<|>DY\n"), undefined);
    assert.equal(why("FR<|>OM a\n"), undefined);
  });

  it("are highlighted as read or written", () => {
    const { analysis, position } = at("FROM a\nARG V<|>\nRUN V=${V:-1} && echo $V\n");
    const kinds = highlights(analysis, position).map(({ kind }) => kind);
    const { Write, Read } = DocumentHighlightKind;
    assert.deepEqual(kinds, [Write, Write, Read, Read]);
    const tested = at("FROM a\nARG V<|>\nRUN [[ -v V ]] && env -u V make\n");
    assert.deepEqual(
      highlights(tested.analysis, tested.position).map(({ kind }) => kind),
      [Write, Read, Write],
    );
  });
});

describe("heredocs", () => {
  const file = 'FROM a\nRUN cat <<A >x && cat <<-"B"\none\nA\n\ttwo\n\tB\n';

  it("have names that are found, highlighted and renamed at both ends", () => {
    assert.equal(definitionOf(file.replace("\nA\n", "\n<|>A\n")), "2:10-11");
    assert.deepEqual(placesOf(file.replace('"B"', '"<|>B"')), ["2:26-27", "6:1-2"]);
    assert.equal(
      renamed(file.replace('"B"', '"<|>B"'), "END"),
      file.replace('"B"', '"END"').replace("\tB\n", "\tEND\n"),
    );
    const { analysis, position } = at(file.replace("<<A", "<<<|>A"));
    assert.equal(highlights(analysis, position).length, 2);
    assert.deepEqual(prepareRename(analysis, position), {
      start: { line: 1, character: 10 },
      end: { line: 1, character: 11 },
    });
  });

  it("cannot have the name of a line in them or of their neighbour", () => {
    assert.match(renamed(file.replace("<<A", "<<A<|>"), "one"), /called one/);
    assert.match(renamed(file.replace("<<A", "<<A<|>"), "B"), /called B/);
    assert.match(renamed(file.replace("<<A", "<<A<|>"), "a b"), /heredoc's name/);
  });
});
