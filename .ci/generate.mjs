// Writes what is generated from the sources: server/rules/README.md from the rules. `--check` writes nothing and fails when it differs.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { main, root, Stop } from "./shell.mjs";

await main(async () => {
  process.chdir(root);
  const { rules } = await load("server/rules/rules.ts");
  const generated = [["server/rules/README.md", rulesPage(rules)]];
  for (const [file, text] of generated) {
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    if (process.argv.includes("--check"))
      throw new Stop(`${file} is not what its sources say. Run: node .ci/generate.mjs`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
});

/** A TypeScript module's exports. */
async function load(source) {
  const { build } = await import("esbuild");
  const outfile = path.resolve(`out/generate-${process.pid}.mjs`);
  await build({ entryPoints: [source], outfile, bundle: true, platform: "node", format: "esm", logLevel: "warning" });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}

function rulesPage(rules) {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const head = `# Rules

<!-- Generated from server/rules by .ci/generate.mjs: change it there. -->

Change how serious a rule is, or switch it off, in the setting \`drydock.lint.rules\`: \`{ "${sorted[0].id}": "off" }\`.
`;
  return [head, ...sorted.map(section)].join("\n");
}

function section({ id, severity, summary, why, sameAs, fix, examples }) {
  const fixable = examples.find(({ good }) => good !== undefined);
  const { bad, good } = fixable ?? examples[0];
  const facts = [`Severity: ${severity}`];
  if (fixable) facts.push(fix === "safe" ? "fix: safe, keeps what the image does" : "fix: a suggestion to look at");
  if (sameAs.length > 0) facts.push(`known elsewhere as ${sameAs.map((name) => `\`${name}\``).join(", ")}`);
  const lines = [`## ${id}`, "", summary.template, "", why.template, "", `${facts.join(" · ")}`, "", ...code(bad)];
  if (good !== undefined) lines.push("", "Better:", "", ...code(good));
  return `${lines.join("\n")}\n`;
}

/** Without the lines that mark where the rule reports. */
function code(text) {
  const lines = text.trimEnd().split("\n");
  return ["```dockerfile", ...lines.filter((line) => !/^#\s*\^+\s*$/.test(line)), "```"];
}
