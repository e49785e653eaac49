import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readSources, templatesOf } from "./support/lab-sources.ts";

type Words = Record<string, string>;

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

/** What is wrong with a translation of these templates; the values say where each template stands. */
function compare(templates: ReadonlyMap<string, string>, translation: Words): string[] {
  const problems: string[] = [];
  for (const [template, file] of templates) {
    const translated = translation[template];
    if (translated === undefined) problems.push(`missing: ${JSON.stringify(template)} (${file})`);
    else if (placeholders(translated).join() !== placeholders(template).join()) {
      problems.push(`other placeholders: ${JSON.stringify(template)}`);
    }
  }
  for (const key of Object.keys(translation)) if (!templates.has(key)) problems.push(`unused: ${JSON.stringify(key)}`);
  return problems;
}

function readWords(file: string): Words {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

describe("translations", () => {
  const { templates, problems } = templatesOf(readSources());

  it("are asked for by literals", () => {
    assert.ok(templates.size > 50);
    assert.deepEqual(problems, []);
    const planted = templatesOf(
      new Map([["a.ts", 'msg(text); msg("It\\u2019s {n} \\"x\\"", { n });\nmsg(\n  "Two",\n)']]),
    );
    assert.equal(planted.problems.length, 1);
    assert.deepEqual([...planted.templates.keys()], ['It’s {n} "x"', "Two"]);
  });

  it("notice what is missing, unused or fills in other words", () => {
    const wanted = new Map([
      ["Hello {name}", "a.ts"],
      ["Bye", "a.ts"],
    ]);
    const found = compare(wanted, { "Hello {name}": "안녕하세요", Old: "옛것" });
    assert.deepEqual(found, ['other placeholders: "Hello {name}"', 'missing: "Bye" (a.ts)', 'unused: "Old"']);
  });

  it("cover every message in every language", () => {
    const bundles = readdirSync("l10n").filter((name) => /^bundle\.l10n\.[\w-]+\.json$/.test(name));
    assert.ok(bundles.includes("bundle.l10n.ko.json"), "l10n/bundle.l10n.ko.json exists");
    for (const name of bundles) assert.deepEqual(compare(templates, readWords(path.join("l10n", name))), [], name);
  });

  it("cover every word of the manifest", () => {
    const used = readFileSync("package.json", "utf8").matchAll(/"%([\w.-]+)%"/g);
    const english = readWords("package.nls.json");
    assert.deepEqual(Object.keys(english).sort(), [...new Set([...used].map(([, key]) => key))].sort());
    assert.deepEqual(Object.keys(readWords("package.nls.ko.json")).sort(), Object.keys(english).sort());
  });
});
