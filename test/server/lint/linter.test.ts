// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Dockerfile } from "../../../engine/analysis.ts";
import { parse, reparse } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { defaultLintConfig, type Finding, type LintConfig } from "../../../server/lint/finding.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { defineRule, type Report, type Rule } from "../../../server/lint/rule.ts";
import { runRules } from "../../../server/lint/runner.ts";
import type { InstructionView, StageView } from "../../../server/lint/views.ts";
import { rules } from "../../../server/rules/rules.ts";
import { parses } from "../../../server/shell/grammar.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";

const plant = (id: string, checks: Partial<Rule>): Rule =>
  defineRule({
    id,
    severity: "warning",
    summary: msg("planted"),
    why: msg("planted"),
    sameAs: [],
    fix: "suggestion",
    examples: [],
    ...checks,
  });

const said = (value: unknown) => msg("{value}", { value: JSON.stringify(value) });

/** Says everything that an InstructionView shows. */
const everything = ({ instruction, script, shell, installs, mounts, keyword }: InstructionView): Report => ({
  range: instruction.range,
  message: said([
    keyword,
    script.dialect,
    script.commands.map(({ text, range }) => [text, range.start.character]),
    shell,
  ]),
  fix: { title: said([installs.length, mounts]), edits: [{ range: instruction.keywordWord.range, newText: "X" }] },
  related: script.commands.map(({ range }) => ({ range, message: msg("planted") })),
});

/** Says everything that a StageView shows. */
const wholeStage = (view: StageView): Report => {
  const { stage, index, isLast, isBase, isSource, parent, base, instructions } = view;
  const seen = instructions.map(({ instruction }) => [
    [...view.variablesAt(instruction).values()].map(({ name, kind, value }) => [name, kind, value]),
    view.workdirAt(instruction),
  ]);
  const commands = view.commands("npm", "apt-get").map(({ command }) => command.text);
  return {
    range: stage.from.range,
    message: said([index, isLast, isBase, isSource, parent?.name, parent?.base, base, seen, commands, view.name]),
    related: [...instructions, ...(parent?.instructions ?? [])].map(({ instruction }) => ({
      range: instruction.range,
      message: msg("planted"),
    })),
  };
};

const nosy: readonly Rule[] = [
  plant("planted/instruction", { instruction: (view) => [everything(view)] }),
  plant("planted/run", { keywords: ["RUN"], instruction: ({ instruction: { range } }) => [{ range, covers: range }] }),
  plant("planted/stage", { stage: (view) => [wholeStage(view)] }),
  plant("planted/file", {
    file: (view) =>
      view.only("COPY").map(({ instruction: { range } }) => ({ range, message: said(view.globals.size) })),
  }),
];

const longFile = (count: number) => {
  const lines = Array.from({ length: count - 1 }, (_, at) =>
    at % 3 === 0 ? `RUN apt-get update && echo ${at}` : at % 3 === 1 ? `ENV A${at}=$A${at - 3}x` : `COPY a${at} /b/`,
  );
  return `FROM node AS one\n${lines.join("\n")}\n`;
};

/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 20);

const plain = (findings: readonly Finding[]) => JSON.parse(JSON.stringify(findings)) as unknown;

describe("the linter", () => {
  before(() => prepareLint("powershell"));

  it("does after one key in 1,000 instructions the work of one", () => {
    const linter = new Linter(nosy);
    const first = parse(longFile(1000));
    linter.check(first);
    assert.deepEqual({ ...linter.work }, { instructions: 1000, stages: 1, scripts: 1000, rules: 1335 });
    const { count } = parses;
    const text = first.text.replace("echo 600", "(echo 600)");
    linter.check(reparse(first, text));
    assert.deepEqual({ ...linter.work }, { instructions: 1, stages: 1, scripts: 1, rules: 4 });
    assert.equal(parses.count - count, 1);
  });

  it("asks after a key only the rules that see what was changed", () => {
    const linter = new Linter(rules);
    const stages = Array.from(
      { length: 50 },
      (_, at) =>
        `FROM node:24 AS s${at}\nENV A=${at}\nWORKDIR /w\nCOPY package.json ./\nRUN apt-get update && apt-get install -y curl\nRUN npm ci\nCOPY . .\nRUN npm run build && echo built${at}\nEXPOSE 80\nCMD node server.js\n`,
    );
    let file = parse(stages.join(""));
    linter.check(file);
    const edits = [
      ["built7", "built7x", 40],
      ["A=7", "A=7x", 46],
      ["/w\n", "/wx\n", 32],
      ["EXPOSE 80", "EXPOSE 81", 22],
    ] as const;
    for (const [from, to, most] of edits) {
      file = reparse(file, file.text.replace(from, to));
      linter.check(file);
      assert.ok(linter.work.rules <= most, `${linter.work.rules} rules are asked about ${to}`);
      assert.deepEqual([linter.work.instructions, linter.work.stages], [1, 1]);
    }
  });

  it("reads nothing again when lines move", () => {
    const linter = new Linter(nosy);
    const first = parse(longFile(1000));
    linter.check(first);
    const { count } = parses;
    const moved = reparse(first, `# above\n\n${first.text}`);
    const findings = linter.check(moved);
    assert.deepEqual([linter.work.instructions, linter.work.stages, parses.count - count], [0, 0, 0]);
    assert.deepEqual(plain(findings), plain(runRules(parse(moved.text), nosy)));
  });

  it("leaves the other stages alone", () => {
    const linter = new Linter(nosy);
    const stages = Array.from({ length: 20 }, (_, at) => `FROM node AS s${at}\nRUN npm ci\nWORKDIR /w${at}\n`);
    const first = parse(stages.join(""));
    linter.check(first);
    linter.check(reparse(first, first.text.replace("/w7", "/w7x")));
    assert.equal(linter.work.stages, 1);
  });

  it("gives the same objects for what did not change", () => {
    const linter = new Linter(nosy);
    const first = parse(longFile(100));
    const before = new Set(linter.check(first));
    const after = linter.check(reparse(first, first.text.replace("echo 60", "echo 61")));
    const instructions = after.filter(({ rule }) => rule !== "planted/stage" && rule !== "planted/file");
    assert.equal(instructions.filter((finding) => !before.has(finding)).length, 2);
  });

  it("knows when a stage is used by another one, or SHELL, ARG and parents change", () => {
    const text =
      "ARG V=1\nFROM a:$V AS base\nENV A=b\nWORKDIR w\nFROM base AS next\nARG V\nRUN npm ci $A\nFROM next\nCOPY --from=x a b\n";
    const edits = [
      ["--from=x", "--from=base"],
      ["V=1", "V=2"],
      ["A=b", "A=c"],
      ["WORKDIR w", "WORKDIR /w"],
      ["ENV A=c", 'ENV A=c\nSHELL ["bash", "-c"]'],
      ["FROM next", "FROM base"],
      ["FROM a:$V", "FROM a:${V}-x"],
      ["RUN npm", "\n\nRUN npm"],
    ] as const;
    const linter = new Linter(nosy);
    let file = parse(text);
    linter.check(file);
    for (const [from, to] of edits) {
      file = reparse(file, file.text.replace(from, to));
      assert.deepEqual(plain(linter.check(file)), plain(runRules(parse(file.text), nosy)), to);
    }
  });

  it("says after any edits what it would say of the file alone", () => {
    const random = randomNumbers(20_261_121);
    const all = [...rules, ...nosy];
    const start =
      'ARG V=1\nFROM node:$V AS a\nRUN --mount=type=cache,target=/x npm ci && \\\n  # why\n  apt-get update\nCOPY . .\nSHELL ["bash", "-c"]\nRUN <<E\nnpm ci\nE\nONBUILD RUN npm ci\nFROM a AS b\n# drydock ignore=run/shell-form-cmd\nCMD node a.js\nENV A=1 B=$A\nFROM node\nCOPY --from=a /x /y\nCMD [\'a\']\n';
    const texts = [start, ...Object.values(dockerfiles)];
    for (let round = 0; round < rounds; round += 1) {
      const linter = new Linter(all, (id, error) => assert.fail(`${id}: ${String(error)}`));
      let file: Dockerfile = parse(texts[round % texts.length] ?? start);
      for (let step = 0; step < 25; step += 1) {
        const text = edited(file.text, random, texts);
        file = reparse(file, text);
        assert.deepEqual(plain(linter.check(file)), plain(runRules(parse(text), all)), JSON.stringify(text));
      }
    }
  }).timeout(60_000);

  it("goes on without a rule that throws, and tells whose mistake it is", () => {
    const told: string[] = [];
    const broken = plant("planted/broken", {
      *instruction({ instruction: { range } }) {
        yield { range };
        throw new Error("oops");
      },
    });
    const findings = runRules(parse("FROM a\n"), [broken, ...nosy], {}, (id, error) =>
      told.push(`${id} ${String(error)}`),
    );
    assert.deepEqual(told, ["planted/broken Error: oops"]);
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      ["planted/instruction", "planted/stage"],
    );
  });

  it("asks rules for their keywords only", () => {
    const asked: string[] = [];
    const instruction = ({ keyword, onbuild }: InstructionView) => {
      asked.push(onbuild ? `ONBUILD ${keyword}` : keyword);
      return [];
    };
    runRules(parse("ARG A\nFROM a\nRUN b\nONBUILD RUN c\nCOPY d e\n"), [
      plant("p/a", { keywords: ["RUN"], instruction }),
    ]);
    assert.deepEqual(asked, ["RUN", "ONBUILD RUN"]);
  });

  it("follows presets, and a person's choice by any name", () => {
    const rule: Rule = {
      ...plant("p/a", { file: () => [{ range: parse("FROM a").instructions[0]?.range as Report["range"] }] }),
      severity: "off",
      presets: { strict: "info" },
      sameAs: ["hadolint:DL1"],
      learn: msg("more"),
    };
    const check = (config: Partial<LintConfig>) =>
      runRules(parse("FROM a\n"), [rule], { config: { ...defaultLintConfig, ...config } }).map(
        ({ severity }) => severity,
      );
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ preset: "learner" }), []);
    assert.deepEqual(check({ preset: "strict" }), ["info"]);
    assert.deepEqual(check({ severities: { DL1: "error" } }), ["error"]);
    assert.deepEqual(check({ preset: "strict", severities: { "p/a": "off" } }), []);
  });

  it("shows a problem of the parser once, in the rule's words where it covers it", () => {
    const text = "FROM a\nFROMM b\n";
    assert.equal(runRules(parse(text), []).length, 1);
    const covering = plant("p/a", {
      keywords: ["FROMM"],
      instruction: ({ instruction: { range } }) => [{ range, covers: range }],
    });
    assert.deepEqual(
      runRules(parse(text), [covering]).map(({ rule }) => rule),
      ["p/a"],
    );
  });
});
