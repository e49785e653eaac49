import assert from "node:assert/strict";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { runRules } from "../../../server/lint/runner.ts";
import { rules } from "../../../server/rules/rules.ts";
import { readMarks } from "../../support/marks.ts";

for (const rule of rules) {
  describe(`rule ${rule.id}`, () => {
    for (const { bad, good, files } of rule.examples) {
      const { text, ranges } = readMarks(bad);
      const check = (source: string) => runRules(parse(source), [rule], { files });

      it(`reports the marks of ${JSON.stringify(text)}`, () => {
        const own = check(text).filter((finding) => finding.rule === rule.id);
        assert.deepEqual(
          own.map(({ range }) => range),
          ranges,
        );
      });

      it(good === undefined ? "offers no fix for it" : "and its fix makes it good", () => {
        const fixes = check(text).flatMap(({ fix }) => fix?.edits ?? []);
        if (good === undefined) assert.deepEqual(fixes, []);
        else {
          assert.equal(applyEdits(text, fixes), good);
          assert.deepEqual(check(good), []);
        }
      });
    }

    for (const text of rule.fine ?? []) {
      it(`has nothing to say about ${JSON.stringify(text)}`, () => {
        const own = runRules(parse(text), [rule]).filter((finding) => finding.rule === rule.id);
        assert.deepEqual(own, []);
      });
    }
  });
}

describe("the list of rules", () => {
  it("has no id twice, and every rule shows itself at work", () => {
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    for (const rule of rules)
      assert.ok(
        rule.examples.some(({ good }) => good !== undefined),
        rule.id,
      );
  });

  it("notices a rule that reports nothing", () => {
    const [first] = rules;
    const silent = { ...first, *check() {} } as (typeof rules)[number];
    assert.deepEqual(
      runRules(parse("// base\nFROM node\n"), [silent]).filter(({ rule }) => rule === silent.id),
      [],
    );
    assert.notDeepEqual(
      runRules(parse("// base\nFROM node\n"), rules).filter(({ rule }) => rule === silent.id),
      [],
    );
  });
});
