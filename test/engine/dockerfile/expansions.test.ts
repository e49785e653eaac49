// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Range } from "../../../engine/base/ranges.ts";
import { expansionsIn, expansionsOf } from "../../../engine/dockerfile/expansions.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { readMarks } from "../../support/marks.ts";

/** What the builder puts in, as written. */
function expanded(line: string, head = "FROM a\n"): string[] {
  const file = parse(`${head}${line}`);
  return file.instructions
    .slice(-1)
    .flatMap((instruction) => expansionsOf(instruction, file.escape).map(({ range }) => textOf(file.text, range)));
}

function textOf(text: string, { start, end }: Range): string {
  const lines = text.split("\n");
  if (start.line === end.line) return (lines[start.line] ?? "").slice(start.character, end.character);
  return `${(lines[start.line] ?? "").slice(start.character)}|${(lines[end.line] ?? "").slice(0, end.character)}`;
}

describe("expansionsIn", () => {
  it("places variables and their names, also in defaults and over lines", () => {
    const { text, ranges } = readMarks(
      "FROM a\nUSER ${A:-$B}\\\n#    ^^^^^^^^\n#      ^\n#         ^^\n#          ^\n$C\n",
    );
    const [, user] = parse(text).instructions;
    const found = user ? expansionsIn(user.rest) : [];
    assert.deepEqual(
      found.map(({ name, operator }) => [name, operator]),
      [
        ["A", ":-"],
        ["B", ""],
        ["C", ""],
      ],
    );
    assert.deepEqual(
      found.slice(0, 2).flatMap(({ range, nameRange }) => [range, nameRange]),
      ranges,
    );
    assert.equal(found[2]?.range.start.line, 2);
  });
});

describe("expansionsOf", () => {
  const table: readonly [line: string, expanded: readonly string[]][] = [
    ["FROM --platform=$P a:${V} AS $n", ["$P", "${V}"]],
    ["ENV $A=$B C='$D' E=\"$F\"", ["$A", "$B", "$F"]],
    ["LABEL a$B=\\$C", ["$B"]],
    ["ENV A b $C", ["$C"]],
    ["ARG $A=$B C", ["$B"]],
    ["COPY --from=$A --chown=$B:$C --chmod=${D} --exclude=$E $F /$G", ["$B", "$C", "${D}", "$F", "$G"]],
    ['ADD --checksum=$A ["$B", "c\\n$D", "/$E"]', ["$A", "$B", '"c\\n$D"', "$E"]],
    ["WORKDIR /a/$B", ["$B"]],
    ["USER $A:$B", ["$A", "$B"]],
    ["EXPOSE $A 80/$B", ["$A", "$B"]],
    ['VOLUME ["/$A"]', ["$A"]],
    ["STOPSIGNAL $A", ["$A"]],
    ['RUN --mount=type=cache,from=$A,target=/$B,id="$C" --network=$D echo $E', ["$B", "$C"]],
    ["CMD $A", []],
    ['ENTRYPOINT ["$A"]', []],
    ["HEALTHCHECK CMD $A", []],
    ["MAINTAINER $A", []],
    ["ONBUILD COPY $A /b", ["$A"]],
    ["COPY <<E /$A\n$B '$C' \\$D\nE", ["$A", "$B", "$C"]],
    ["COPY <<'E' /$A\n$B\nE", ["$A"]],
    ["COPY <<-E /a\n\t\tx $B\n\tE", ["$B"]],
    ["RUN <<E\n$B\nE", []],
  ];
  for (const [line, found] of table) {
    it(`finds ${found.length === 0 ? "nothing" : found.join(" ")} in ${JSON.stringify(line)}`, () => {
      assert.deepEqual(expanded(line), found);
    });
  }

  it("uses the escape character of the file, but not in bodies", () => {
    assert.deepEqual(expanded("USER `$A\\$B", "# escape=`\nFROM a\n"), ["$B"]);
    assert.deepEqual(expanded("COPY <<E /a\n`$A\\$B\nE", "# escape=`\nFROM a\n"), ["$A"]);
  });
});
