// Writes score.txt from the corpus and the rules: node test/corpus/generate.mjs. `--check` writes nothing and fails when it differs.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const folder = import.meta.dirname;
const file = path.join(folder, "score.txt");
const outfile = path.resolve(folder, `../../out/score-${process.pid}.cjs`);
let text;
try {
  await build({
    entryPoints: [path.join(folder, "score.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    packages: "external",
    logLevel: "warning",
  });
  text = await createRequire(import.meta.url)(outfile).score(folder);
} finally {
  rmSync(outfile, { force: true });
}
if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
  if (process.argv.includes("--check")) {
    console.error("test/corpus/score.txt is not what the rules say. Run: node test/corpus/generate.mjs");
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log("wrote test/corpus/score.txt");
  }
}
