// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts have variables
import assert from "node:assert/strict";
import { parseTree, prepareShell } from "../../../server/shell/grammar.ts";
import { scriptsOf } from "./read.ts";

/** Always the same numbers, so that a failure comes again. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const pieces =
  "a apt-get -y $x ${x} $(b) ` ' \" \\ \\\n \\\n#c\n # && || | & ; ( ) { } < > >> << <<EOF EOF\n <<< if then fi for do done case esac in [ [[ ]] * ~ é😀 $' $(( )) = A=1 sudo sh -c bash set -e eval <<-X \t X\n \r\n %y% ^ @".split(
    " ",
  );

describe("text that is no shell", () => {
  before(() => prepareShell("bash", "powershell"));

  it("never throws, and every place lies in the file", () => {
    const random = numbers(7);
    const next = (below: number) => Math.floor((random.next().value as number) * below);
    const shells = [undefined, ["pwsh"], ["cmd"], ["bash"]];
    const starts = [
      "RUN ",
      "RUN <<EOF\n",
      'RUN ["sh", "-c", "',
      "CMD ",
      "HEALTHCHECK CMD ",
      "ONBUILD RUN ",
      "RUN <<-X bash\n",
    ];
    for (let round = 0; round < 1200; round += 1) {
      const body = Array.from(
        { length: 1 + next(14) },
        () => pieces[next(pieces.length)] + (next(3) > 0 ? " " : ""),
      ).join("");
      const start = starts[next(starts.length)] ?? "";
      const end = start.startsWith("RUN [") ? '"]' : start.includes("<<") ? "\nEOF\n" : "\n";
      const text = `FROM x\n${start}${body}${end}`;
      const lines = text.split("\n");
      for (const script of scriptsOf(text, shells[next(shells.length)])) {
        for (const { commands } of [script, ...script.pipelines]) {
          for (const command of commands) {
            assert.ok(command.wholeStart <= command.start && command.end <= command.wholeEnd, JSON.stringify(text));
            const words = [...command.words, ...command.redirects.flatMap(({ target }) => target ?? [])];
            for (const { range } of [command, ...words]) {
              const ends = [range.start, range.end];
              const inFile = ends.every(
                ({ line, character }) =>
                  character >= 0 && character <= (lines[line] ?? "").length && line < lines.length,
              );
              assert.ok(inFile, `${JSON.stringify(text)} ${JSON.stringify(range)}`);
            }
          }
        }
      }
    }
  });

  it("costs bounded time, however it is nested", () => {
    for (const piece of ["(", "$(", "`", '"$(', "${", "<(", "{ ", "if a; then ", "f() { ", "[", "a | ", "<<A "]) {
      const text = `FROM x\nRUN ${piece.repeat(6_000 / piece.length)}\n`;
      const start = process.cpuUsage();
      for (const script of scriptsOf(text)) assert.ok(script.commands.length <= 6_000);
      assert.ok(process.cpuUsage(start).user < 6e6, piece);
    }
  });

  it("is read to the end when it is only long", () => {
    const [script] = scriptsOf(
      `FROM x\nRUN ${Array.from({ length: 3000 }, (_, at) => `echo ${at}`).join(" && \\\n  ")}\n`,
    );
    assert.equal(script?.commands.length, 3000);
    assert.equal(script.commands.at(-1)?.range.start.line, 3000);
  });
});

describe("the memory of the grammar", () => {
  before(() => prepareShell());

  it("is given back after each script", () => {
    const script =
      'set -e; apt-get update && apt-get install -y curl | tee x; for i in a b; do echo $(date) "$i"; done';
    const parse = (times: number) => {
      for (let at = 0; at < times; at += 1) parseTree("bash", script);
    };
    parse(500);
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    parse(10_000);
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    // Without `delete()` it is 15 MB.
    assert.ok(after - before < 8e6, `${(after - before) / 1e6} MB more`);
  });
});
