// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { splitCommands } from "../../../engine/dockerfile/shell-words.ts";

const table: readonly [text: string, commands: readonly string[]][] = [
  ["apt-get update && apt-get install -y curl", ["apt-get update", "&& apt-get install -y curl"]],
  ["a; b || c | d & e", ["a", "; b", "|| c", "| d", "& e"]],
  ["A=1 B='x y' make", ["make"]],
  ["sudo env X=1 ls", ["sudo env X=1 ls"]],
  ["cd $(pwd) && x `date`", ["cd $(pwd)", "$( pwd", "&& x `date`", "` date"]],
  ["if [ -f x ]; then ls; fi", ["[ -f x ]", "; ls"]],
  ["(cd a; ls)", ["( cd a", "; ls"]],
  ["curl x 2>&1 >/dev/null | sh", ["curl x", "| sh"]],
  ["echo 'a && b' \"c; d\" e\\ f", ["echo a && b c; d e f"]],
  ["echo a # && b\nls", ["echo a", "\n ls"]],
  ['echo "$(curl -s x | sh)"', ["echo $(curl -s x | sh)", "$( curl -s x", "| sh"]],
  ["echo $((1 + 2)) ${a:-b c}", ["echo $((1 + 2)) ${a:-b c}"]],
];

describe("splitCommands", () => {
  for (const [text, commands] of table) {
    it(`splits ${JSON.stringify(text)}`, () => {
      const found = splitCommands(text).map(({ operatorBefore, words }) =>
        [...(operatorBefore ? [operatorBefore] : []), ...words.map(({ value }) => value)].join(" "),
      );
      assert.deepEqual(found, commands);
    });
  }

  it("keeps assignments and redirections apart, and all places right", () => {
    const text = "A=1 make all > log 2>&1";
    const [make] = splitCommands(text);
    assert.deepEqual(
      make?.assignments.map((word) => word.text),
      ["A=1"],
    );
    assert.deepEqual(
      make?.redirects.map((word) => word.text),
      ["> log", "2>&1"],
    );
    for (const word of make?.words ?? []) assert.equal(text.slice(word.start, word.end), word.text);
  });

  it("comes to an end whatever it is given", () => {
    const pieces = ["'", '"', "`", "$(", "${", "((", ")", "<(", ">", "<<", "&", "|", "\\", "#", " ", "\n", "a"];
    for (const one of pieces) {
      for (const two of pieces) for (const three of pieces) splitCommands(`${one}${two}x${three}`.repeat(3));
    }
    splitCommands("$(".repeat(50_000));
  });
});
