import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { defaultLintConfig, type Finding } from "../../../server/lint/finding.ts";
import { applyEdits, comparePositions } from "../../../server/lint/fixes.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import type { Example, Fix, Rule, TextEdit } from "../../../server/lint/rule.ts";
import { runRules } from "../../../server/lint/runner.ts";
import type { FileView } from "../../../server/lint/views.ts";
import { rules } from "../../../server/rules/rules.ts";
import { readMarks } from "../../support/marks.ts";
import { memoryProject } from "../../support/memory-project.ts";

type Surroundings = Pick<Example, "files" | "options">;

/** What `rule` says of a text, also when the preset leaves it off. */
function check(rule: Rule, text: string, { files, options = {} }: Surroundings = {}): readonly Finding[] {
  const severity = rule.severity === "off" ? "warning" : rule.severity;
  const config = { ...defaultLintConfig, options, severities: { [rule.id]: severity } };
  const fail = (id: string, error: unknown) =>
    assert.fail(`${id} threw ${error instanceof Error ? error.stack : error}`);
  const all = runRules(parse(text), [rule], { config, project: memoryProject(files) }, fail);
  return all.filter((finding) => finding.rule === rule.id);
}

/** The files after the fixes; each file once. */
function filesAfter(files: Example["files"], fixes: readonly Fix[]): Record<string, string> {
  const after: Record<string, string> = { ...files };
  for (const { name, append, text } of fixes.flatMap((fix) => fix.files ?? [])) {
    const before = append ? (after[name] ?? "") : "";
    after[name] = before === "" || before.endsWith("\n") ? before + text : `${before}\n${text}`;
  }
  return after;
}

function assertFits({ edits, files }: Fix, text: string): void {
  for (const { name, text: added } of files ?? []) assert.ok(added.endsWith("\n"), `${name} ends with its last line`);
  const lines = text.split("\n");
  const sorted = [...edits].sort((a, b) => comparePositions(a.range.start, b.range.start));
  sorted.forEach(({ range: { start, end } }: TextEdit, at) => {
    assert.ok(comparePositions(start, end) <= 0, "an edit ends before it starts");
    // A whole line ends at the start of the next one, also of the last line.
    for (const { line, character } of [start, end]) {
      assert.ok(
        line < lines.length ? character <= (lines[line] ?? "").length : line === lines.length && character === 0,
      );
    }
    const next = sorted[at + 1];
    assert.ok(!next || comparePositions(end, next.range.start) <= 0, "two edits of a fix overlap");
  });
}

for (const rule of rules) {
  describe(`rule ${rule.id}`, () => {
    before(() => prepareLint("powershell"));

    for (const example of rule.examples) {
      const { bad, good } = example;
      const { text, ranges } = readMarks(bad);

      it(`reports the marks of ${JSON.stringify(text)}`, () => {
        const own = check(rule, text, example);
        assert.deepEqual(
          own.map(({ range }) => range),
          ranges,
        );
        assert.ok(own.length > 0, "an example without a report shows nothing");
        for (const { fix, alternatives = [] } of own) {
          for (const one of fix ? [fix, ...alternatives] : alternatives) assertFits(one, text);
        }
      });

      it(good === undefined ? "offers no fix for it" : "and its fix makes it good", () => {
        const fixes = check(rule, text, example).flatMap(({ fix }) => fix ?? []);
        const edits = fixes.flatMap((fix) => fix.edits);
        if (good === undefined && !example.filesAfter) return assert.deepEqual(fixes, []);
        assert.equal(applyEdits(text, edits), good ?? text);
        const files = filesAfter(example.files, fixes);
        if (example.filesAfter) assert.deepEqual(files, { ...example.files, ...example.filesAfter });
        else assert.deepEqual(files, { ...example.files }, "the fix makes files: name them in filesAfter");
        assert.deepEqual(check(rule, good ?? text, { ...example, ...(example.files && { files }) }), []);
      });
    }

    for (const fine of rule.fine ?? []) {
      const { text, ...around } = typeof fine === "string" ? { text: fine } : fine;
      it(`has nothing to say about ${JSON.stringify(text)}`, () => assert.deepEqual(check(rule, text, around), []));
    }
  });
}

describe("the work of a rule", () => {
  before(() => prepareLint("powershell"));

  /** All its examples again and again, with so many instructions. */
  const repeated = ({ examples }: Rule, instructions: number) => {
    const all = examples.map(({ bad }) => readMarks(bad).text).join("\n");
    const times = Math.ceil(instructions / Math.max(1, parse(all).instructions.length));
    return parse(`${all}\n`.repeat(times));
  };
  const cpuMs = (rule: Rule, instructions: number) => {
    const file = repeated(rule, instructions);
    const config = { ...defaultLintConfig, severities: { [rule.id]: "info" as const } };
    const used = [1, 2].map(() => {
      const before = process.cpuUsage();
      runRules(file, [rule], { config });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return Math.min(...used);
  };
  /**
   * Sixteen times the instructions cost a square rule 256 times the work; this is far from both, and a machine that is busy
   * with other things has three tries.
   */
  const isLinear = (rule: Rule) => [1, 2, 3].some(() => cpuMs(rule, 2400) <= 60 * cpuMs(rule, 150) + 100);

  it("grows with the file and not with its square", () => {
    for (const rule of rules) assert.ok(isLinear(rule), rule.id);
  }).timeout(300_000);

  it("is noticed when it does", () => {
    const [first] = rules;
    const file = (view: FileView) => {
      const all = view.only("FROM", "RUN");
      const pairs = all.flatMap((one) => all.filter((other) => one.keyword.repeat(20).includes(`${other.keyword}!`)));
      return pairs.map(({ instruction: { range } }) => ({ range }));
    };
    assert.ok(!isLinear({ ...(first as Rule), examples: [{ bad: "FROM a\nRUN b\n" }], file }));
  }).timeout(300_000);
});

describe("the list of rules", () => {
  const folder = path.resolve("server/rules");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => /^[^/]+\/(?!index\.ts$|_)[^/]+\.ts$/.test(file))
    .map((file) => file.replace(/\.ts$/, ""));

  it("has every file below rules/, by the name of its rule, and none twice", () => {
    assert.deepEqual(rules.map(({ id }) => id).sort(), files.sort());
  });

  it("has rules that look at something, say what they are and show themselves at work", () => {
    for (const rule of rules) {
      const { id, fix, examples } = rule;
      assert.ok(rule.instruction ?? rule.stage ?? rule.file, `${id} has no check`);
      assert.ok(examples.length > 0, `${id} has no example`);
      const isFixed = examples.some(({ good, filesAfter: made }) => good !== undefined || made);
      assert.equal(isFixed, fix !== "none", `${id} says fix: ${fix}; its examples show otherwise`);
      assert.ok(!rule.keywords || rule.instruction, `${id} has keywords and no check of instructions`);
      for (const twin of rule.sameAs) assert.match(twin, /^(?:hadolint|buildkit|dockerfile-utils|shellcheck):\w+$/, id);
    }
  });

  it("notices a rule that reports nothing", () => {
    for (const rule of rules.filter(({ id }) => id !== "ignore/unused")) {
      const silent: Rule = { ...rule, instruction: () => [], stage: () => [], file: () => [] };
      const example = rule.examples[0] as Example;
      assert.deepEqual(check(silent, readMarks(example.bad).text, example), [], rule.id);
    }
  });
});
