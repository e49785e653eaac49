// The SARIF of all Dockerfiles of the corpus, object by object against what SARIF 2.1.0 allows: its schema has
// `additionalProperties: false` nearly everywhere, so that one wrong word makes a file useless to whoever checks it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { sarif } from "../../../../client/cli/lint/formats/sarif.ts";
import { defaultLintConfig } from "../../../../server/lint/finding.ts";
import { lintText, prepareLint } from "../../../../server/lint/lint.ts";
import { rules } from "../../../../server/rules/rules.ts";

/** `name?` may be missing; `[shape]` is a list, with `+` of one at least; other words are shapes or kinds of values. */
const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  log: { "$schema?": "uri", version: "version", runs: "[run]" },
  run: { tool: "tool", results: "[result]", columnKind: "columnKind" },
  tool: { driver: "driver" },
  driver: { name: "text", version: "text", "semanticVersion?": "text", rules: "[rule]" },
  rule: {
    id: "text",
    "shortDescription?": "message",
    "fullDescription?": "message",
    "help?": "help",
    "defaultConfiguration?": "configuration",
    "properties?": "bag",
  },
  message: { text: "text" },
  help: { text: "text", markdown: "text" },
  configuration: { enabled: "boolean", level: "level" },
  bag: { tags: "[text]" },
  result: {
    ruleId: "text",
    ruleIndex: "index",
    level: "level",
    message: "message",
    locations: "[location]+",
    "relatedLocations?": "[related]+",
    "fixes?": "[fix]+",
  },
  location: { physicalLocation: "physical" },
  related: { id: "index", message: "message", physicalLocation: "physical" },
  physical: { artifactLocation: "artifact", region: "region" },
  artifact: { uri: "uri" },
  region: { startLine: "number", startColumn: "number", endLine: "number", endColumn: "number" },
  fix: { description: "message", artifactChanges: "[change]+" },
  change: { artifactLocation: "artifact", replacements: "[replacement]+" },
  content: { text: "string" },
  replacement: { deletedRegion: "region", "insertedContent?": "content" },
};

const isWhole = (value: unknown, least: number) => Number.isInteger(value) && Number(value) >= least;
const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string" && value.trim() !== "",
  string: (value) => typeof value === "string" && value !== "",
  boolean: (value) => typeof value === "boolean",
  number: (value) => isWhole(value, 1),
  index: (value) => isWhole(value, 0),
  level: (value) => ["none", "note", "warning", "error"].includes(String(value)),
  version: (value) => value === "2.1.0",
  columnKind: (value) => value === "utf16CodeUnits",
  // RFC 3986, without blanks and what stands only for itself when it is encoded.
  uri: (value) =>
    typeof value === "string" && /^[\w.~!$&'()*+,;=:@/%-]+$/.test(value) && !/%(?![\dA-F]{2})/i.test(value),
};

/** What is wrong, with the way to it. */
function wrongs(value: unknown, shape: string, at: string): string[] {
  const list = /^\[(\w+)\](\+?)$/.exec(shape);
  if (list) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    if (list[2] && value.length === 0) return [`${at} is empty`];
    // Of one message there may be several at one place, but fixes, rules, tags are sets.
    const isSet = ["fix", "rule", "text", "related"].includes(list[1] ?? "");
    if (isSet && new Set(value.map((one) => JSON.stringify(one))).size < value.length) return [`${at} has one twice`];
    return value.flatMap((one, index) => wrongs(one, list[1] ?? "", `${at}[${index}]`));
  }
  const fields = shapes[shape];
  if (!fields) {
    if (kinds[shape]?.(value)) return [];
    return [`${at} is ${JSON.stringify(value)}, no ${shape}`];
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
  const known = new Map(Object.entries(fields).map(([name, kind]) => [name.replace("?", ""), { kind, name }]));
  return [
    ...Object.keys(value).flatMap((name) => (known.has(name) ? [] : [`${at} has ${name}`])),
    ...[...known].flatMap(([key, { kind, name }]) => {
      const inner: unknown = (value as Record<string, unknown>)[key];
      if (inner === undefined) return name.endsWith("?") ? [] : [`${at} lacks ${key}`];
      return wrongs(inner, kind, `${at}.${key}`);
    }),
  ];
}

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly { readonly physicalLocation: { readonly region: Region } }[];
    }[];
  }[];
}

describe("the SARIF of drydock lint", () => {
  let text = "";
  let log: Log;
  before(async () => {
    const names = readdirSync("test/corpus").filter((name) => name.endsWith("Dockerfile"));
    const files = names.map((name) => ({ name, text: readFileSync(`test/corpus/${name}`, "utf8") }));
    await prepareLint(...files.map((file) => file.text));
    const severities = Object.fromEntries(rules.map(({ id }) => [id, "warning" as const]));
    const format = sarif(rules);
    const parts = files.map((file, at) => {
      const findings = lintText(file.text, { config: { ...defaultLintConfig, severities } });
      const where = at % 2 === 0 ? `a b/[${at}]#?/${file.name}` : `/äö/${file.name}`;
      return format.file({ file: where, findings, fails: false, fixed: 0, problems: [] });
    });
    text = [format.start?.(), ...parts, format.end?.()].join("");
    log = JSON.parse(text);
  });

  it("has what SARIF 2.1.0 knows and nothing else", () => {
    assert.deepEqual(wrongs(log, "log", "log"), []);
    const [run] = log.runs;
    assert.ok(run && run.results.length > 200, `${run?.results.length} results`);
    for (const part of ["relatedLocations", "fixes", "insertedContent"]) assert.ok(text.includes(`"${part}"`), part);
  });

  it("leads each result to its rule, and to a region that does not end before it starts", () => {
    for (const { tool, results } of log.runs) {
      for (const { ruleId, ruleIndex, locations } of results) {
        assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
        for (const { physicalLocation } of locations) {
          const { startLine, startColumn, endLine, endColumn } = physicalLocation.region;
          assert.ok(startLine < endLine || (startLine === endLine && startColumn <= endColumn), ruleId);
        }
      }
    }
  });

  it("would be told what is wrong", () => {
    const [run] = log.runs;
    const [first] = run?.results ?? [];
    const broken = { ...log, runs: [{ ...run, results: [{ ...first, ruleIndex: -2, extra: 1, locations: [] }] }] };
    assert.deepEqual(wrongs(broken, "log", "log").sort(), [
      "log.runs[0].results[0] has extra",
      "log.runs[0].results[0].locations is empty",
      "log.runs[0].results[0].ruleIndex is -2, no index",
    ]);
  });
});
