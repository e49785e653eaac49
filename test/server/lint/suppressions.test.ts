import assert from "node:assert/strict";
import { parse } from "../../../engine/analysis.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { defaultLintConfig, type LintConfig } from "../../../server/lint/finding.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import type { Rule } from "../../../server/lint/rule.ts";
import { runRules } from "../../../server/lint/runner.ts";
import { type Ignorable, shellComment, suppressionsOf } from "../../../server/lint/suppressions.ts";

const rules: readonly Ignorable[] = [
  { id: "run/shell-form-cmd", sameAs: ["hadolint:DL3025", "buildkit:JSONArgsRecommended"] },
  { id: "base/tag", sameAs: ["hadolint:DL3006"] },
  { id: "image/maintainer", sameAs: ["hadolint:DL4000", "buildkit:MaintainerDeprecated", "dockerfile-utils:45"] },
];

/** The lines (from 1) on which a finding of the rule would be silent. */
function silent(lines: readonly string[], id = "run/shell-form-cmd"): readonly number[] {
  const suppressions = suppressionsOf(parse(lines.join("\n")), rules);
  const sameAs = rules.find((rule) => rule.id === id)?.sameAs ?? [];
  return lines.flatMap((_, line) => (suppressions.silences(id, sameAs, line) ? [line + 1] : []));
}

const asking = { isOn: () => true, hasShellCheck: true, severity: "hint" } as const;

/** What is said of comments that silence nothing; `reported` are the findings that there are. */
function unused(
  text: string,
  reported: readonly [id: string, line: number][] = [],
  other: Partial<typeof asking> = {},
) {
  const suppressions = suppressionsOf(parse(text), rules);
  for (const [id, line] of reported) {
    suppressions.silences(id, rules.find((rule) => rule.id === id)?.sameAs ?? [], line - 1);
  }
  return suppressions.unused({ ...asking, ...other });
}

const words = (findings: ReturnType<typeof unused>) => findings.map(({ message }) => formatMessage(message));

describe("ignore comments", () => {
  it("are known in the words of every linter", () => {
    const above = (comment: string) => silent(["FROM a", comment, "CMD x", "CMD y"]);
    for (const comment of [
      "# drydock ignore=run/shell-form-cmd",
      "# drydock ignore=base/tag, run/shell-form-cmd it is meant so",
      "#drydock ignore = hadolint:DL3025",
      "# drydock ignore=all",
      "# hadolint ignore=DL3025",
      "# hadolint ignore=DL3006,DL3025 # the entry point is a shell",
      "# check=skip=JSONArgsRecommended // the entry point is a shell",
      "# check=skip=StageNameCasing,JSONArgsRecommended",
      "# check=skip=all",
    ]) {
      assert.deepEqual(above(comment), [2, 3], comment);
    }
    for (const comment of [
      "# drydock ignore=base/tag run/shell-form-cmd",
      "# hadolint ignore=DL3006",
      "# check=skip=MaintainerDeprecated",
      "# dockerfile-utils: ignore",
      "# to hadolint ignore=DL3025",
    ]) {
      assert.deepEqual(above(comment), [], comment);
    }
    const maintainer = ["FROM a", "# dockerfile-utils: ignore", "MAINTAINER x"];
    assert.deepEqual(silent(maintainer, "image/maintainer"), [2, 3]);
    assert.deepEqual(silent(["# check=skip=JSONArgsRecommended;error=true", "FROM a", "CMD x"]), [1, 2, 3]);
  });

  it("stand in the comments right above an instruction, and mean all its lines", () => {
    assert.deepEqual(
      silent(["FROM a", "# drydock ignore=all", "# more words", "RUN a \\", "  b", "RUN c"]),
      [2, 3, 4, 5],
    );
    assert.deepEqual(silent(["FROM a", "# drydock ignore=all", "", "RUN a"]), []);
    assert.deepEqual(silent(["FROM a", "# drydock ignore=all"]), []);
  });

  it("mean one line when they stand inside an instruction", () => {
    assert.deepEqual(silent(["FROM a", "RUN a \\", "  # drydock ignore=all", "  b \\", "  c"]), [4]);
  });

  it("may mean a stage or the whole file", () => {
    const stages = ["FROM a", "CMD x", "# hadolint stage ignore=DL3025", "FROM b", "CMD x", "FROM c", "CMD x"];
    assert.deepEqual(silent(stages), [3, 4, 5]);
    assert.deepEqual(silent(["FROM a", "# drydock stage ignore=run/shell-form-cmd", "CMD x", "FROM b"]), [1, 2, 3]);
    for (const scope of ["drydock file", "drydock global", "hadolint global"]) {
      assert.deepEqual(silent(["FROM a", "CMD x", `# ${scope} ignore=DL3025`]), [1, 2, 3], scope);
    }
  });

  it("are found without looking at every instruction for every finding", () => {
    const lines = [
      "FROM a",
      ...Array.from({ length: 20_000 }, (_, index) => (index % 2 ? "CMD x" : "# drydock ignore=all")),
    ];
    const started = process.cpuUsage().user;
    assert.equal(silent(lines).length, 20_000);
    assert.ok(process.cpuUsage().user - started < 3_000_000);
  });
});

describe("ignore comments of no use", () => {
  const text = "FROM a\n# drydock ignore=base/tag,run/shell-form-cmd why\nCMD x\n";

  it("are reported code by code, with a fix", () => {
    const found = unused(text, [["run/shell-form-cmd", 3]]);
    assert.deepEqual(words(found), ["base/tag is not reported here: there is nothing to ignore"]);
    assert.deepEqual(found[0]?.range, { start: { line: 1, character: 17 }, end: { line: 1, character: 25 } });
    assert.equal(
      applyEdits(text, found[0]?.fix?.edits ?? []),
      "FROM a\n# drydock ignore=run/shell-form-cmd why\nCMD x\n",
    );
    const [second] = unused(text, [["base/tag", 3]]);
    assert.equal(applyEdits(text, second?.fix?.edits ?? []), "FROM a\n# drydock ignore=base/tag why\nCMD x\n");
    const both = unused(text);
    assert.equal(both.length, 2);
    for (const { fix } of both) assert.equal(applyEdits(text, fix?.edits ?? []), "FROM a\nCMD x\n");
    assert.deepEqual(
      unused(text, [
        ["base/tag", 3],
        ["run/shell-form-cmd", 3],
      ]),
      [],
    );
  });

  it("say what was meant by a name that is none", () => {
    assert.deepEqual(words(unused("FROM a\n# drydock ignore=run/shel-form-cmd\nCMD x")), [
      "There is no rule run/shel-form-cmd. Did you mean run/shell-form-cmd?",
    ]);
    const [odd] = unused("FROM a\n# hadolint ignore=DL3025,dl3006\nCMD x", [["run/shell-form-cmd", 3]]);
    assert.match(formatMessage(odd?.message ?? { template: "" }), /Did you mean DL3006/);
    assert.match(odd?.why?.template ?? "", /whole list/);
    assert.deepEqual(words(unused("FROM a\n# check=skip=jsonArgsRecommended\nCMD x")), [
      "There is no rule jsonArgsRecommended. Did you mean JSONArgsRecommended?",
    ]);
    const typo = "FROM a\n# check=skip=jsonArgsRecommended\nCMD x";
    const [finding] = unused(typo);
    assert.equal(applyEdits(typo, finding?.fix?.edits ?? []), "FROM a\n# check=skip=JSONArgsRecommended\nCMD x");
    assert.equal(applyEdits(typo, finding?.alternatives?.[0]?.edits ?? []), "FROM a\nCMD x");
  });

  it("keep what else a directive says", () => {
    const left = (line: string) => {
      const file = `${line}\nFROM a\n`;
      return applyEdits(file, unused(file)[0]?.fix?.edits ?? []);
    };
    assert.equal(left("# check=skip=MaintainerDeprecated"), "FROM a\n");
    assert.equal(left("# check=skip=MaintainerDeprecated;error=true"), "# check=error=true\nFROM a\n");
    assert.equal(left("# check=error=true;skip=MaintainerDeprecated"), "# check=error=true\nFROM a\n");
  });

  it("are left alone where the rule is off, or ShellCheck did not run", () => {
    const isOff = { isOn: () => false } as unknown as Partial<typeof asking>;
    assert.deepEqual(unused(text, [], isOff), []);
    for (const name of ["SC2086", "shellcheck/SC2086", "shellcheck:SC2086"]) {
      const shell = `FROM a\n# drydock ignore=${name}\nRUN a $b\n`;
      assert.deepEqual(words(unused(shell)), [`${name} is not reported here: there is nothing to ignore`]);
      assert.deepEqual(unused(shell, [], { hasShellCheck: false } as unknown as Partial<typeof asking>), []);
    }
  });
});

describe("shell comments", () => {
  it("hold for the file when they stand before everything, else for the rest of a stage", () => {
    const lines = ["# hadolint shell=bash", "FROM a", "RUN x", "# hadolint shell=pwsh", "RUN y", "FROM b", "RUN z"];
    const dockerfile = parse(lines.join("\n"));
    assert.deepEqual(
      [2, 4, 6].map((line) => shellComment(dockerfile, line)),
      ["bash", "pwsh", "bash"],
    );
    assert.equal(shellComment(parse("FROM a\nRUN x"), 1), undefined);
  });
});

describe("the check directive", () => {
  const maintainer = "FROM a\nMAINTAINER me\n";
  const rule: Rule = {
    id: "image/maintainer",
    severity: "warning",
    summary: { template: "a" },
    why: { template: "b" },
    sameAs: ["buildkit:MaintainerDeprecated"],
    fix: "none",
    examples: [],
    keywords: ["MAINTAINER"],
    *instruction({ instruction }) {
      yield { range: instruction.range, severity: "info" };
    },
  };
  const severities = (text: string, over: Partial<Rule> = {}, config: LintConfig = defaultLintConfig) =>
    runRules(parse(text), [{ ...rule, ...over }], { config }).flatMap((one) =>
      one.rule === rule.id ? one.severity : [],
    );

  it("makes errors of BuildKit's checks, and turns on those that are off", () => {
    assert.deepEqual(severities(maintainer), ["info"]);
    assert.deepEqual(severities(`# check=error=true\n${maintainer}`), ["error"]);
    assert.deepEqual(severities(maintainer, { severity: "off" }), []);
    for (const asked of ["all", "MaintainerDeprecated"]) {
      assert.deepEqual(severities(`# check=experimental=${asked}\n${maintainer}`, { severity: "off" }), ["warning"]);
    }
    assert.deepEqual(severities(`# check=skip=all;error=true\n${maintainer}`), []);
    const chosen: LintConfig = { ...defaultLintConfig, severities: { MaintainerDeprecated: "hint" } };
    assert.deepEqual(severities(`# check=error=true\n${maintainer}`, {}, chosen), ["hint"]);
  });
});
