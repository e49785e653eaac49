import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Checker, type CheckJob } from "../../client/cli/lint/check.ts";
import { findFiles } from "../../client/cli/lint/files.ts";
import { type FormatName, formatNames, makeFormat } from "../../client/cli/lint/formats/formats.ts";
import type { FileResult } from "../../client/cli/lint/result.ts";
import { explain, listRules } from "../../client/cli/lint/rules.ts";
import { replaceFile } from "../../client/cli/lint/write-file.ts";
import { formatMessage } from "../../engine/base/message.ts";
import type { Finding } from "../../server/lint/finding.ts";
import { fixAll } from "../../server/lint/fix-all.ts";
import { rules } from "../../server/rules/rules.ts";
import { writeFiles } from "../support/files.ts";
import { scratchFolder } from "../support/scratch.ts";

const job: CheckJob = { layer: {}, environment: {}, fix: "none", shellCheck: false };

const finding = (over: Partial<Finding> = {}): Finding => ({
  rule: "a/b",
  severity: "warning",
  message: { template: 'Two, "words" <&> 100%' },
  why: { template: "Because" },
  range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } },
  sameAs: ["hadolint:DL1"],
  ...over,
});

const result = (file: string, ...findings: readonly Finding[]): FileResult => ({
  ...{ file, findings, fails: false, fixed: 0, problems: [] },
});

function printed(name: FormatName, ...results: readonly FileResult[]): string {
  const format = makeFormat(name, false);
  return [format.start?.(), ...results.map((one) => format.file(one)), format.end?.()].join("");
}

describe("drydock lint finds", () => {
  const folder = scratchFolder();

  it("files as named, the Dockerfiles of folders, and what a pattern matches", () => {
    writeFiles(folder(), {
      "a/Dockerfile": "",
      "a/Dockerfile.dev": "",
      "a/Dockerfile.dockerignore": "",
      "a/web.Dockerfile": "",
      "a/x.dockerfile": "",
      "a/.devcontainer/Containerfile": "",
      "a/node_modules/b/Dockerfile": "",
      "a/.git/Dockerfile": "",
      "a/README.md": "",
      "b/other": "",
      "c/other": "",
      "b/[x]/Dockerfile": "",
    });
    const below = (names: readonly string[]) => {
      const { files, errors } = findFiles(names.map((name) => path.join(folder(), name)));
      const said = errors.map((error) => formatMessage(error).replaceAll(folder(), ""));
      return [...files.map((file) => path.relative(folder(), file)), ...said];
    };
    const inA = [
      "a/.devcontainer/Containerfile",
      "a/Dockerfile",
      "a/Dockerfile.dev",
      "a/web.Dockerfile",
      "a/x.dockerfile",
    ];
    assert.deepEqual(below(["a"]), inA);
    assert.deepEqual(below(["b/other", "a/Dockerfile", "a/*.dev", "a"]).slice(0, 3), [
      "b/other",
      "a/Dockerfile",
      "a/Dockerfile.dev",
    ]);
    assert.deepEqual(below(["b/[x]"]), ["b/[x]/Dockerfile"]);
    assert.deepEqual(below(["nothing", "no*thing", "c"]), [
      "/nothing does not exist",
      "no file matches /no*thing",
      "there is no Dockerfile in /c",
    ]);
    assert.deepEqual(findFiles(["-"]).files, ["-"]);
  });
});

describe("drydock lint checks", () => {
  const folder = scratchFolder();
  const text = "FROM node:24 # one\nCMD node a.js\n";

  it("with the configuration beside the file, and says when it fails", async () => {
    writeFiles(folder(), {
      ".git": null,
      Dockerfile: text,
      "drydock.yaml": "lint: {rules: {run/shell-form-cmd: off}}\n",
    });
    const file = path.join(folder(), "Dockerfile");
    const found = await new Checker(job).file(file);
    assert.deepEqual([found.findings.map(({ rule }) => rule), found.fails], [["syntax/inline-comment"], true]);
    const lax = await new Checker({ ...job, layer: { threshold: "none" } }).file(file);
    assert.deepEqual([lax.findings.length, lax.fails], [1, false]);
    const nothing = await new Checker(job).file(path.join(folder(), "nothing"));
    assert.match(formatMessage(nothing.error ?? { template: "" }), /nothing does not exist$/);
  });

  it("and fixes what is safe, or everything, without losing a file's mode or a link", async () => {
    const file = path.join(folder(), "Dockerfile");
    writeFiles(folder(), { ".git": null, Dockerfile: text });
    chmodSync(file, 0o640);
    const link = path.join(folder(), "link");
    symlinkSync("Dockerfile", link);
    const safe = await new Checker({ ...job, fix: "safe" }).file(link);
    assert.equal(safe.fixed, 1);
    assert.equal(readFileSync(file, "utf8"), "# one\nFROM node:24\nCMD node a.js\n");
    assert.deepEqual([statSync(file).mode & 0o777, lstatSync(link).isSymbolicLink()], [0o640, true]);
    const all = await new Checker({ ...job, fix: "all" }).file(file);
    assert.match(readFileSync(file, "utf8"), /CMD \["node", "a.js"\]\n$/);
    assert.deepEqual(
      all.findings.filter(({ fix }) => fix),
      [],
    );
    assert.deepEqual(readdirSync(folder()).sort(), [".git", "Dockerfile", "link"]);
  });

  it("makes no cache mount that a clean-up of the same round would empty", async () => {
    writeFiles(folder(), {
      "yarn/Dockerfile": "FROM node:24\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN yarn install\n",
      "pip/Dockerfile":
        "FROM python:3.14\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n",
      "go/Dockerfile": "FROM golang:1.27\nWORKDIR /app\nCOPY go.mod go.sum ./\nRUN go mod download\n",
    });
    const last = async (name: string) => {
      const file = path.join(folder(), name, "Dockerfile");
      await new Checker({ ...job, fix: "all" }).file(file);
      return readFileSync(file, "utf8").trimEnd().split("\n").at(-1);
    };
    assert.equal(await last("yarn"), "RUN yarn install && yarn cache clean");
    assert.equal(await last("pip"), "RUN pip install --no-cache-dir -r requirements.txt");
    assert.match((await last("go")) ?? "", /^RUN --mount=type=cache,target=\/go\/pkg\/mod .*go mod download$/);
  });

  it("scripts with ShellCheck, when there is one", async () => {
    const program = path.join(folder(), "shellcheck");
    const comment = { line: 2, endLine: 2, column: 6, endColumn: 8, level: "info", code: 2086, message: "Quote it." };
    writeFileSync(program, `#!/bin/sh\ncat >/dev/null\necho '${JSON.stringify({ comments: [comment] })}'\nexit 1\n`);
    chmodSync(program, 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${folder()}${path.delimiter}${before}`;
    try {
      const checker = new Checker({ ...job, shellCheck: true });
      const codes = async (dockerfile: string) =>
        (await checker.text(dockerfile, undefined)).findings.map(({ rule }) => rule);
      assert.deepEqual(await codes("FROM a:1\nRUN echo $a\n"), ["shellcheck/SC2086"]);
      assert.deepEqual(await codes("FROM a:1\n# hadolint ignore=SC2086\nRUN echo $a\n"), []);
      assert.deepEqual(await codes("FROM a:1\n# hadolint ignore=SC2016\nRUN echo $a\n"), [
        "ignore/unused",
        "shellcheck/SC2086",
      ]);
    } finally {
      process.env.PATH = before;
    }
  });

  it("text without a name, and text that would stand somewhere", async () => {
    writeFiles(folder(), { ".git": null, ".hadolint.yaml": "ignored: [DL3025]\n" });
    const codes = async (name?: string) => (await new Checker(job).text(text, name)).findings.map(({ rule }) => rule);
    assert.deepEqual(await codes(), ["syntax/inline-comment", "run/shell-form-cmd"]);
    assert.deepEqual(await codes(path.join(folder(), "Dockerfile")), ["syntax/inline-comment"]);
  });
});

describe("fixing all", () => {
  const edit = (newText: string) => ({
    title: { template: "" },
    kind: "safe" as const,
    edits: [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }, newText }],
  });

  it("ends when two fixes undo each other", async () => {
    const check = async (text: string) => [finding({ fix: edit(text.startsWith("a") ? "b" : "a") })];
    assert.deepEqual(await fixAll("a\n", check, () => true), { text: "b\n", fixes: 1, files: [] });
  });

  it("makes one of two that touch, and the other one later", async () => {
    const check = async (text: string) =>
      text.startsWith("c")
        ? []
        : [finding({ fix: edit(text.startsWith("a") ? "b" : "c") }), finding({ fix: edit("x") })];
    assert.equal((await fixAll("a", check, () => true)).text, "c");
  });
});

describe("a file that is replaced", () => {
  const folder = scratchFolder();

  it("is whole, and nothing is left behind when it cannot be", () => {
    const file = path.join(folder(), "new");
    replaceFile(file, "one");
    assert.equal(readFileSync(file, "utf8"), "one");
    assert.throws(() => replaceFile(path.join(folder(), "no/folder"), "x"));
    assert.equal(existsSync(path.join(folder(), "no")), false);
  });
});

describe("drydock lint prints", () => {
  const results = [
    result("a b/Dockerfile", finding()),
    result("clean", ...[]),
    result("c", finding({ severity: "hint" })),
  ];

  it("JSON with hadolint's fields", () => {
    assert.deepEqual(JSON.parse(printed("json", ...results))[0], {
      ...{
        file: "a b/Dockerfile",
        line: 1,
        column: 6,
        level: "warning",
        code: "a/b",
        message: 'Two, "words" <&> 100%',
      },
      ...{ endLine: 1, endColumn: 9, sameAs: ["hadolint:DL1"], fixable: false },
    });
    assert.equal(printed("json", result("clean")), "[]\n");
  });

  it("lines for people, editors and GitHub", () => {
    assert.equal(printed("tty", ...results).split("\n")[0], 'a b/Dockerfile:1:6 warning Two, "words" <&> 100% (a/b)');
    assert.equal(
      printed("gnu", ...results).split("\n")[0],
      'a b/Dockerfile:1.6-1.9: warning: Two, "words" <&> 100% [a/b]',
    );
    assert.equal(
      printed("github", ...results).split("\n")[0],
      '::warning file=a b/Dockerfile,line=1,endLine=1,col=6,endColumn=9,title=a/b::Two, "words" <&> 100%25%0ABecause',
    );
  });

  it("lines that the problem matcher for GitHub Actions reads", () => {
    const file = JSON.parse(readFileSync("syntaxes/github-problem-matcher.json", "utf8"));
    const [pattern] = file.problemMatcher[0].pattern;
    const match = new RegExp(pattern.regexp).exec(printed("gnu", ...results).split("\n")[0] ?? "");
    const fields = ["file", "line", "column", "severity", "message", "code"].map((name) => match?.[pattern[name]]);
    assert.deepEqual(fields, ["a b/Dockerfile", "1", "6", "warning", 'Two, "words" <&> 100%', "a/b"]);
  });

  it("XML that escapes what it must", () => {
    for (const name of ["checkstyle", "junit"] as const) {
      const xml = printed(name, result("a&b\u0007", finding()));
      assert.match(xml, /message="Two, &quot;words&quot; &lt;&amp;&gt; 100%"/);
      assert.match(xml, /name="a&amp;b\uFFFD"/);
    }
    assert.match(printed("junit", result("clean")), /<testsuite name="clean" tests="1" failures="0" errors="0">/);
  });

  it("Code Climate's issues, with fingerprints that stay when lines move", () => {
    const moved = finding({ range: { start: { line: 9, character: 0 }, end: { line: 9, character: 1 } } });
    const issues = (text: string) => JSON.parse(text) as { fingerprint: string; severity: string }[];
    const [one, two] = issues(printed("gitlab", result("x", finding(), finding())));
    const [later] = issues(printed("gitlab", result("x", moved)));
    assert.equal(one?.fingerprint, later?.fingerprint);
    assert.notEqual(one?.fingerprint, two?.fingerprint);
    assert.equal(one?.severity, "major");
    assert.deepEqual(JSON.parse(printed("gitlab")), []);
    const documents = printed("codeclimate", ...results).split("\0\n");
    assert.deepEqual(
      documents.map((text) => text && JSON.parse(text).type),
      ["issue", "issue", ""],
    );
  });

  it("SARIF 2.1.0 with its rules and fixes", () => {
    const { start, end } = finding().range;
    const fix = { title: { template: "Do" }, kind: "safe" as const, edits: [{ range: { start, end }, newText: "x" }] };
    const log = JSON.parse(printed("sarif", result("a b/c", finding({ rule: rules[0]?.id ?? "", fix }), finding())));
    const [run] = log.runs;
    assert.deepEqual([log.version, run.columnKind, run.results.length], ["2.1.0", "utf16CodeUnits", 2]);
    const region = { startLine: 1, startColumn: 6, endLine: 1, endColumn: 9 };
    assert.deepEqual(run.results[0].locations[0].physicalLocation, { artifactLocation: { uri: "a%20b/c" }, region });
    assert.deepEqual(run.results[0].fixes[0].artifactChanges[0].replacements, [
      { deletedRegion: region, insertedContent: { text: "x" } },
    ]);
    for (const one of run.results) assert.equal(run.tool.driver.rules[one.ruleIndex].id, one.ruleId);
    assert.deepEqual(JSON.parse(printed("sarif")).runs[0].results, []);
  });

  it("something for every format, also when there is nothing to say", () => {
    for (const name of formatNames) assert.doesNotThrow(() => printed(name, result("clean")));
  });
});

describe("drydock lint explains", () => {
  it("rules by every name they have", () => {
    assert.match(explain("run/shell-form-cmd"), /^# run\/shell-form-cmd\n/);
    assert.equal(explain("DL3025"), explain("run/shell-form-cmd"));
    assert.throws(() => explain("nothing/such"), /There is no rule nothing\/such/);
  });

  it("which rules there are and how serious they would be", () => {
    assert.match(
      listRules({ severities: { DL3025: "error" } }, "tty"),
      /^error +run\/shell-form-cmd +hadolint:DL3025/m,
    );
    assert.equal(JSON.parse(listRules({}, "json")).length, rules.length);
  });
});
