import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { formatMessage } from "../../../engine/base/message.ts";
import { drydockKeys, readDrydockConfig } from "../../../server/lint/config-file.ts";
import type { Rule } from "../../../server/lint/rule.ts";
import { rulePage } from "../../../server/lint/rule-page.ts";
import {
  categoriesOf,
  categoryPage,
  configSchema,
  rulesIndex,
  rulesSetting,
} from "../../../server/lint/rules-index.ts";
import { pageAddress, pageOf } from "../../../server/rules/pages.ts";
import { rules } from "../../../server/rules/rules.ts";

const inWords = formatMessage as (message: { template: string }) => string;
const words: Record<string, string> = JSON.parse(readFileSync("l10n/bundle.l10n.ko.json", "utf8"));

describe("pages of the rules", () => {
  const rule: Rule = {
    id: "a/b",
    severity: "off",
    presets: { strict: "warning" },
    summary: { template: "Short" },
    why: { template: "Because" },
    learn: { template: "More" },
    note: { template: "Otherwise than there" },
    sameAs: ["hadolint:DL1", "buildkit:Check"],
    options: ["trustedRegistries"],
    fix: "safe",
    examples: [{ bad: "FROM a\n#    ^...\n# a comment\n", good: "FROM b\n", files: { "package.json": "{}" } }],
  };

  it("say what, why, how serious, what it is called elsewhere, and show it", () => {
    assert.equal(
      rulePage(rule, inWords),
      "# a/b\n\n**Short**\n\nBecause\n\nMore\n\n- Severity: off, strict: warning\n- Fix: safe, it keeps what the image does\n" +
        "- In other tools: hadolint `DL1`, BuildKit `Check`\n\n```dockerfile\nFROM a\n# a comment\n```\n\nBetter:\n\n```dockerfile\nFROM b\n```\n\n" +
        "Beside it: `package.json`\n\nOptions: `trustedRegistries`\n\n> Otherwise than there\n\n" +
        "To keep it as it is, write above the instruction: `# drydock ignore=a/b`\n",
    );
  });

  it("are there in the reader's language", () => {
    for (const one of rules) {
      const page = rulePage(one, (message) => formatMessage(message, (template) => words[template]));
      assert.match(page, /[가-힣]/, one.id);
    }
  });

  it("are listed with every code that other linters have for them", () => {
    const index = rulesIndex([rule]);
    assert.match(index, /\| \[a\/b\]\(a\/README\.md#ab\) \| off \| warning \| off \| safe \| `DL1` \| `Check` \|/);
    assert.match(index, /^\| `DL1` \| `a\/b` \|$/m);
    assert.match(index, /^\| `52` \| `syntax\/duplicate-directive` \|$/m);
    assert.deepEqual(categoriesOf([rule]), ["a"]);
    assert.match(categoryPage("a", [rule], inWords), /^## a\/b\n\n\*\*Short\*\*/m);
  });
});

describe("a page", () => {
  it("is found by every name, also for problems of the parser", () => {
    assert.equal(pageOf("DL3025", inWords), pageOf("run/shell-form-cmd", inWords));
    assert.match(pageOf("syntax/no-stage", inWords) ?? "", /^# syntax\/no-stage\n\n\*\*The file has no FROM/);
    assert.equal(pageOf("no/such", inWords), undefined);
  });

  it("has an address in the editor; ShellCheck has its own", () => {
    assert.equal(pageAddress("a/b", "drydock-rule:/"), "drydock-rule:/a/b.md");
    assert.equal(pageAddress("a/b", undefined), undefined);
    assert.equal(pageAddress("shellcheck/SC2086", undefined), "https://www.shellcheck.net/wiki/SC2086");
  });
});

describe("the schema of drydock.yaml", () => {
  it("knows exactly the keys that are read, and every rule", () => {
    const schema = configSchema(rules, inWords) as { properties: { lint: { properties: Record<string, never> } } };
    assert.deepEqual(Object.keys(schema.properties.lint.properties), [...drydockKeys]);
    const empty = drydockKeys.map((key) => `  ${key}:\n`).join("");
    assert.deepEqual(
      readDrydockConfig("/drydock.yaml", `lint:\n${empty}`, rules).problems.filter(({ message }) =>
        /setting/.test(message.template),
      ),
      [],
    );
    const { properties } = schema.properties.lint.properties.rules as unknown as { properties: object };
    assert.deepEqual(Object.keys(properties), rules.map(({ id }) => id).sort());
  });

  it("and the editor's setting name the rules", () => {
    const { properties } = rulesSetting(rules, "x") as { properties: object };
    assert.ok("run/shell-form-cmd" in properties);
  });
});
