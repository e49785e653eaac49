import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatMessage } from "../../../engine/base/message.ts";
import { mergeConfig, severityOf } from "../../../server/lint/config.ts";
import { readHadolintEnvironment } from "../../../server/lint/config-environment.ts";
import { readDrydockConfig, readHadolintConfig } from "../../../server/lint/config-file.ts";
import { findConfigFiles, homeHadolintFile, readConfigFile } from "../../../server/lint/config-find.ts";
import type { ConfigProblem } from "../../../server/lint/config-yaml.ts";
import { defaultLintConfig } from "../../../server/lint/finding.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

const rules = [
  { id: "run/shell-form-cmd", sameAs: ["hadolint:DL3025", "buildkit:JSONArgsRecommended"] },
  { id: "base/tag", sameAs: ["hadolint:DL3006"] },
];

const said = (problems: readonly ConfigProblem[]) =>
  problems.map(
    ({ message, range }) => `${range.start.line + 1}:${range.start.character + 1} ${formatMessage(message)}`,
  );

const drydock = (text: string) => readDrydockConfig("/app/drydock.yaml", text, rules);
const hadolint = (text: string) => readHadolintConfig("/app/.hadolint.yaml", text, rules);

describe("drydock.yaml", () => {
  it("chooses the preset, single rules and their options", () => {
    const { layer, problems } = drydock(
      "lint:\n  preset: strict\n  rules:\n    run/shell-form-cmd: off\n    DL3006: error\n  trustedRegistries: [ghcr.io]\n" +
        "  labelSchema:\n    version: semver\n  strictLabels: true\n  ignoreComments: false\n  threshold: none\n  context: ..\n",
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(layer, {
      preset: "strict",
      severities: { "run/shell-form-cmd": "off", DL3006: "error" },
      honourIgnores: false,
      threshold: "none",
      context: "/",
      options: { trustedRegistries: ["ghcr.io"], labelSchema: { version: "semver" }, strictLabels: true },
    });
    assert.deepEqual(drydock(""), { layer: { options: {} }, problems: [] });
    assert.deepEqual(drydock("lint:\n").problems, []);
  });

  it("says at the right place what it does not understand, and takes the rest", () => {
    const { layer, problems } = drydock(
      "lnt: 1\nlint:\n  presett: strict\n  preset: severe\n  rules:\n    run/shel-form-cmd: error\n    base/tag: loud\n  strictLabels: perhaps\n  trustedRegistries:\n    - [a]\n    - b\n",
    );
    assert.deepEqual(said(problems), [
      "1:1 There is no setting lnt. Did you mean lint?",
      "3:3 There is no setting presett. Did you mean preset?",
      "4:11 Use one of: recommended, strict, learner",
      "6:5 There is no rule run/shel-form-cmd. Did you mean run/shell-form-cmd?",
      "7:15 Use one of: off, error, warning, info, hint",
      "8:17 Use true or false",
      "10:7 One word or text belongs here",
    ]);
    assert.deepEqual(layer.options, { trustedRegistries: ["b"] });
  });

  it("is never silently empty", () => {
    const broken = drydock("lint:\n  preset: 'strict\n");
    assert.equal(broken.problems[0]?.severity, "error");
    assert.match(said(broken.problems)[0] ?? "", /^\d+:\d+ This is not YAML: /);
    assert.deepEqual(said(drydock("- a\n").problems), ["1:1 Names with values belong here, as in name: value"]);
    assert.equal(drydock("a: &a [*b]\n").problems.length, 1);
  });
});

describe(".hadolint.yaml", () => {
  it("means what it means to hadolint", () => {
    const { layer, problems } = hadolint(
      "ignored:\n  - DL3025\n  - SC2086\n  - DL3005\noverride:\n  error: [DL3006]\n  style: [DL3025]\ntrustedRegistries: docker.io\n" +
        "label-schema:\n  author: text\nstrict-labels: true\nfailure-threshold: style\nformat: tty\nno-fail: true\nno-color: true\ndisable-ignore-pragma: true\n",
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(layer, {
      severities: { DL3006: "error", DL3025: "off", SC2086: "off", DL3005: "off" },
      options: { trustedRegistries: ["docker.io"], labelSchema: { author: "text" }, strictLabels: true },
      threshold: "info",
      format: "tty",
      noFail: true,
      honourIgnores: false,
    });
    assert.deepEqual(said(hadolint("ignored: [DL33]\nlabel-schema:\n  a: txt\n").problems), [
      "1:11 There is no rule DL33",
      "3:6 Use one of: text, url, rfc3339, semver, hash, spdx, email",
    ]);
  });

  it("may be given by hadolint's variables", () => {
    const { layer, problems } = readHadolintEnvironment(
      {
        HADOLINT_IGNORE: "DL3025,SC2086",
        HADOLINT_OVERRIDE_ERROR: "DL3006",
        HADOLINT_NOFAIL: "1",
        HADOLINT_REQUIRE_LABELS: "author:text,url:url",
        HADOLINT_FAILURE_THRESHOLD: "error",
      },
      rules,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(layer, {
      severities: { DL3006: "error", DL3025: "off", SC2086: "off" },
      options: { labelSchema: { author: "text", url: "url" } },
      noFail: true,
      threshold: "error",
    });
    assert.deepEqual(readHadolintEnvironment({}, rules), { layer: { options: {}, severities: {} }, problems: [] });
  });
});

describe("configuration", () => {
  it("is merged: a later layer wins under whatever name", () => {
    const merged = mergeConfig(
      [
        { severities: { DL3025: "off", DL3006: "off", SC2086: "off" }, options: { trustedRegistries: ["a"] } },
        { severities: { "run/shell-form-cmd": "error", "shellcheck/SC2086": "info" }, preset: "strict" },
        { severities: { JSONArgsRecommended: "info" }, options: { strictLabels: true } },
      ],
      rules,
    );
    assert.deepEqual(merged, {
      preset: "strict",
      honourIgnores: true,
      severities: { "run/shell-form-cmd": "info", "base/tag": "off", "shellcheck/SC2086": "info" },
      options: { trustedRegistries: ["a"], strictLabels: true },
    });
  });

  it("decides a severity by choice, report, preset, rule, in this order", () => {
    const rule = { id: "a/b", sameAs: ["hadolint:DL1"], severity: "info", presets: { strict: "warning" } } as const;
    const strict = { ...defaultLintConfig, preset: "strict" } as const;
    assert.equal(severityOf(rule, defaultLintConfig), "info");
    assert.equal(severityOf(rule, strict), "warning");
    assert.equal(severityOf(rule, strict, "hint"), "hint");
    assert.equal(severityOf(rule, { ...strict, severities: { DL1: "error" } }, "hint"), "error");
    assert.equal(severityOf(rule, { ...strict, severities: { DL1: "error", "a/b": "off" } }), "off");
    assert.equal(severityOf({ ...rule, severity: "off" }, defaultLintConfig, "error"), "off");
  });
});

describe("configuration files", () => {
  const folder = scratchFolder();

  it("are looked for upwards, to the root of the repository", () => {
    writeFiles(folder(), {
      "drydock.yaml": "",
      "repo/.git": null,
      "repo/.hadolint.yml": "",
      "repo/app/deep/x": "",
      "repo/app/.drydock.yaml": "",
    });
    const repo = path.join(folder(), "repo");
    assert.deepEqual(findConfigFiles(path.join(repo, "app/deep")), {
      hadolint: path.join(repo, ".hadolint.yml"),
      drydock: path.join(repo, "app/.drydock.yaml"),
    });
    assert.deepEqual(findConfigFiles(repo), { hadolint: path.join(repo, ".hadolint.yml") });
    assert.deepEqual(findConfigFiles(path.join(repo, "app"), path.join(repo, "app")), {
      drydock: path.join(repo, "app/.drydock.yaml"),
    });
  });

  it("are found in a home when a person has some", () => {
    const home = folder();
    const environment = { HOME: home };
    assert.equal(homeHadolintFile(environment), undefined);
    writeFiles(home, { ".hadolint.yaml": "" });
    assert.equal(homeHadolintFile(environment), path.join(home, ".hadolint.yaml"));
    writeFiles(home, { ".config/hadolint.yaml": "" });
    assert.equal(homeHadolintFile(environment), path.join(home, ".config/hadolint.yaml"));
  });

  it("are read again only when they have changed, and never stop anybody", () => {
    const file = path.join(folder(), "drydock.yaml");
    writeFileSync(file, "lint: {preset: strict}\n");
    const first = readConfigFile(file, "drydock", rules);
    assert.equal(first.layer.preset, "strict");
    assert.equal(readConfigFile(file, "drydock", rules), first);
    writeFileSync(file, "lint: {preset: learner}\n");
    assert.equal(readConfigFile(file, "drydock", rules).layer.preset, "learner");
    const odd = path.join(folder(), "odd.yaml");
    assert.match(said(readConfigFile(odd, "drydock", rules).problems)[0] ?? "", /does not exist/);
    mkdirSync(odd);
    assert.equal(readConfigFile(odd, "drydock", rules).problems.length, 1);
    writeFileSync(path.join(folder(), "big.yaml"), "#".repeat(300_000));
    assert.match(
      said(readConfigFile(path.join(folder(), "big.yaml"), "drydock", rules).problems)[0] ?? "",
      /too large/,
    );
  });
});
