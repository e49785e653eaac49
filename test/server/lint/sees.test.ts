import assert from "node:assert/strict";
import { parse, reparse } from "../../../engine/analysis.ts";
import { defaultLintConfig, type Finding, type LintConfig } from "../../../server/lint/finding.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import type { Example, Rule } from "../../../server/lint/rule.ts";
import { runRules } from "../../../server/lint/runner.ts";
import { rules } from "../../../server/rules/rules.ts";
import { randomNumbers } from "../../support/edits.ts";
import { readMarks } from "../../support/marks.ts";
import { memoryProject } from "../../support/memory-project.ts";

type Text = { readonly text: string } & Pick<Example, "files" | "options">;

const textsOf = ({ examples, fine = [] }: Rule): readonly Text[] => [
  ...examples.map((example) => ({ ...example, text: readMarks(example.bad).text })),
  ...fine.map((one) => (typeof one === "string" ? { text: one } : one)),
];

const texts = rules.flatMap(textsOf);
const words = [...new Set(texts.flatMap(({ text }) => text.match(/\S+/g) ?? []))];

/** All rules are on, whatever the preset says. */
const severities = Object.fromEntries(rules.flatMap(({ id, severity }) => (severity === "off" ? [[id, "hint"]] : [])));

/** How many edits a text goes through; more of them with DRYDOCK_FUZZ. */
const steps = process.env.DRYDOCK_FUZZ ? 12 : 2;

type Random = (below: number) => number;

/** Another word somewhere, so that lines stay where they are. */
function reworded(text: string, random: Random): string {
  const all = [...text.matchAll(/\S+/g)];
  const { 0: word = "", index = 0 } = all[random(all.length)] ?? {};
  const other = words[random(words.length)] ?? "";
  const instead = random(3) === 0 ? word.slice(0, -1) : random(2) === 0 ? `${word} ${other}` : other;
  return text.slice(0, index) + instead + text.slice(index + word.length);
}

/** With the number of all edits that fixes make, which must be of this version too. */
const plain = (findings: readonly Finding[]) => JSON.parse(JSON.stringify(findings)) as unknown;

describe("a rule that says what it sees", () => {
  before(() => prepareLint("powershell"));

  it("says the same after other words as of a new file, for all rules' examples", () => {
    const random = randomNumbers(11);
    for (const { text, files, options = {} } of texts) {
      // Another one below, whose stages may be built on those above.
      const other = texts[random(texts.length)]?.text ?? "";
      const config = { ...defaultLintConfig, options, severities } as LintConfig;
      const input = { config, project: memoryProject(files) };
      const linter = new Linter(rules, (id, error) => assert.fail(`${id}: ${String(error)}`));
      let file = parse(`${text.endsWith("\n") ? text : `${text}\n`}${other}`);
      linter.check(file, input);
      for (let step = 0; step < steps; step += 1) {
        const before = file.text;
        file = reparse(file, reworded(before, random));
        const now = plain(linter.check(file, input));
        const expected = plain(runRules(parse(file.text), rules, input, (id) => assert.fail(id)));
        assert.deepEqual(now, expected, `${JSON.stringify(before)} became ${JSON.stringify(file.text)}`);
      }
    }
  }).timeout(120_000);
});
