// Writes what is generated from the sources: the pages of the rules, the schema of drydock.yaml and the setting
// drydock.lint.rules in package.json. `--check` writes nothing and fails when something differs.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { main, root, Stop } from "./shell.mjs";

await main(async () => {
  process.chdir(root);
  const { rules, rulesIndex, categoryPage, categoriesOf, rulesSetting, configSchema, formatMessage } = await load();
  const korean = JSON.parse(readFileSync("l10n/bundle.l10n.ko.json", "utf8"));
  const inEnglish = (message) => formatMessage(message);
  const inKorean = (message) => formatMessage(message, (template) => korean[template]);

  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  manifest.contributes.configuration.properties["drydock.lint.rules"] = rulesSetting(rules, "%setting.lint.rules%");

  const generated = [
    ["server/rules/README.md", rulesIndex(rules)],
    ...categoriesOf(rules).flatMap((category) => [
      [`server/rules/${category}/README.md`, categoryPage(category, rules, inEnglish)],
      [`server/rules/${category}/README.ko.md`, categoryPage(category, rules, inKorean)],
    ]),
    ["syntaxes/drydock.schema.json", `${JSON.stringify(configSchema(rules, inEnglish), null, 2)}\n`],
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
  ];
  for (const [file, text] of generated) {
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    if (process.argv.includes("--check"))
      throw new Stop(`${file} is not what its sources say. Run: node .ci/generate.mjs`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
});

/** What the pages are made of, from the TypeScript sources. */
async function load() {
  const { build } = await import("esbuild");
  const outfile = path.resolve(`out/generate-${process.pid}.cjs`);
  const contents = ["./server/rules/rules.ts", "./server/lint/rules-index.ts", "./engine/base/message.ts"]
    .map((file) => `export * from "${file}";`)
    .join("\n");
  const options = { bundle: true, platform: "node", format: "cjs", packages: "external", logLevel: "warning" };
  await build({ stdin: { contents, resolveDir: root }, outfile, ...options });
  try {
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(outfile);
  }
}
