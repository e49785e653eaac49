// Random edits of the fixtures, of all rules' examples and of files that DRYDOCK_FUZZ_FILES names (a folder): whatever the text,
// nothing throws or hangs, places lie in the file, and what a fix promises is so. DRYDOCK_FUZZ says how many texts.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "../../../engine/analysis.ts";
import { formatMessage, type Message } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { Analysis } from "../../../server/analysis.ts";
import { codeActions } from "../../../server/features/code-actions.ts";
import { defaultLintConfig, type Finding, type LintConfig } from "../../../server/lint/finding.ts";
import { fixAll } from "../../../server/lint/fix-all.ts";
import { applyEdits, comparePositions } from "../../../server/lint/fixes.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import type { TextEdit } from "../../../server/lint/rule.ts";
import { rules } from "../../../server/rules/rules.ts";
import { editsOf } from "../../support/code-actions.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";
import { readMarks } from "../../support/marks.ts";

const count = Number(process.env.DRYDOCK_FUZZ ?? 1500);
const seed = Number(process.env.DRYDOCK_FUZZ_SEED ?? 11);
/** Far more than anything takes, also on a busy machine: it is the time of the processor. */
const slowestMs = 3000;

const english = (message: Message) => formatMessage(message);
/** Everything on: what the preset leaves off is tried, too. */
const all: LintConfig = {
  ...defaultLintConfig,
  severities: Object.fromEntries(rules.map(({ id, severity }) => [id, severity === "off" ? "hint" : severity])),
  options: { trustedRegistries: ["docker.io"], labelSchema: { version: "semver" }, strictLabels: true },
};

function texts(): readonly string[] {
  const folder = process.env.DRYDOCK_FUZZ_FILES;
  const files = folder === undefined ? [] : readdirSync(folder).map((name) => path.join(folder, name));
  return [
    ...Object.values(dockerfiles),
    ...rules.flatMap(({ examples }) => examples.map(({ bad }) => readMarks(bad).text)),
    ...files.map((file) => readFileSync(file, "utf8")),
  ];
}

function check(text: string): readonly Finding[] {
  const linter = new Linter(rules, (rule, error) => {
    throw new Error(`${rule} throws`, { cause: error });
  });
  return linter.check(parse(text), { config: all });
}

/** What is wrong with a place, in words. */
function misplaced(lines: readonly string[], { start, end }: Range): string | undefined {
  if (comparePositions(start, end) > 0) return "ends before it starts";
  const isInside = ({ line, character }: Range["start"]) =>
    line < lines.length ? character <= (lines[line] ?? "").length : line === lines.length && character === 0;
  return isInside(start) && isInside(end) ? undefined : "lies outside the file";
}

function misfit(lines: readonly string[], edits: readonly TextEdit[]): string | undefined {
  const sorted = [...edits].sort((a, b) => comparePositions(a.range.start, b.range.start));
  for (const [at, { range }] of sorted.entries()) {
    const wrong = misplaced(lines, range);
    if (wrong) return wrong;
    const next = sorted[at + 1];
    if (next && comparePositions(range.end, next.range.start) > 0) return "overlaps another edit";
  }
  return undefined;
}

/** How often the same is said of the same words. */
function countOf(text: string, findings: readonly Finding[], { rule, message }: Finding, words: string): number {
  const { textOf } = wordsOf(text);
  const said = findings.filter((one) => one.rule === rule && english(one.message) === english(message));
  return said.filter(({ range }) => textOf(range) === words).length;
}

function wordsOf(text: string) {
  const analysis = new Analysis({ uri: "untitled:a", version: 1, getText: () => text });
  return { textOf: (range: Range) => analysis.textOf(range) };
}

describe("any text at all", function () {
  this.timeout(count * slowestMs);
  before(() => prepareLint("powershell"));

  it(`is checked and fixed (${count} texts)`, async () => {
    const random = randomNumbers(seed);
    const sources = texts();
    const wrong = new Map<string, string>();
    const note = (kind: string, rule: string, text: string) => {
      const known = wrong.get(`${rule}: ${kind}`);
      if (known === undefined || text.length < known.length) wrong.set(`${rule}: ${kind}`, text);
    };
    const isFixable = ({ fix }: Finding) => fix !== undefined && !fix.files?.length;

    for (let round = 0; round < count; round += 1) {
      let text = sources[random(sources.length)] ?? "";
      for (let edits = random(4); edits > 0; edits -= 1) text = edited(text, random, sources);
      const began = process.cpuUsage();
      try {
        const findings = check(text);
        const lines = text.split("\n");
        for (const { rule, range, fix, alternatives = [], related = [] } of findings) {
          for (const place of [range, ...related.map((one) => one.range)]) {
            const kind = misplaced(lines, place);
            if (kind) note(kind, rule, text);
          }
          for (const one of fix ? [fix, ...alternatives] : alternatives) {
            const kind = misfit(lines, one.edits);
            if (kind) note(`fix ${kind}`, rule, text);
          }
        }

        const fixable = findings.filter(isFixable);
        const chosen = fixable[random(fixable.length)];
        if (chosen?.fix) {
          const fixed = applyEdits(text, chosen.fix.edits);
          const words = wordsOf(text).textOf(chosen.range);
          // In a file that the builder refuses, or where the same is said of the same words twice, another one may come up.
          const isAlone = !findings.some(({ fatal }) => fatal) && countOf(text, findings, chosen, words) === 1;
          if (isAlone && countOf(fixed, check(fixed), chosen, words) > 0)
            note("is still there when it is fixed", chosen.rule, text);
        }

        const asked = findings[random(findings.length)];
        if (asked) {
          const analysis = new Analysis(
            { uri: "untitled:a", version: 1, getText: () => text },
            { input: { config: all } },
          );
          const question = { range: asked.range, diagnostics: [], only: ["quickfix", "source.fixAll"] };
          for (const action of codeActions(analysis, question, english)) {
            const kind = misfit(lines, editsOf(action));
            if (kind) note(`quick fix ${kind}`, asked.rule, text);
          }
        }

        const isSafe = (finding: Finding) => isFixable(finding) && finding.fix?.kind === "safe";
        const once = await fixAll(text, async (now) => check(now), isSafe);
        if (once.text !== text) {
          const left = check(once.text).find(isSafe);
          if (left) note("goes on after everything safe was fixed", left.rule, text);
        }
      } catch (error) {
        const { message, cause } = error as Error;
        note(`${message} (${cause instanceof Error ? cause.message : ""})`, "crash", text);
      }
      const { user, system } = process.cpuUsage(began);
      if (user + system > slowestMs * 1000) note(`takes ${(user + system) / 1000} ms`, "time", text);
    }
    assert.deepEqual(Object.fromEntries(wrong), {});
  });
});
