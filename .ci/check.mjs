// npm run check: generated files up to date · types · lint and format · dead code · unit tests. All run, then it says which failed.
import path from "node:path";
import { ensureModules } from "./project.mjs";
import { main, requireNode, root, run } from "./shell.mjs";

const bin = (name) => path.resolve("node_modules/.bin", name);

const steps = [
  ["generated files", process.execPath, [".ci/generate.mjs", "--check"]],
  ["score of the corpus", process.execPath, ["test/corpus/generate.mjs", "--check"]],
  ["types", bin("tsc"), ["-b"]],
  ["lint and format", bin("biome"), ["check", "--error-on-warnings", "."]],
  ["dead code", bin("knip"), []],
  ["unit tests", process.execPath, [".ci/test.mjs", "unit"]],
];

await main(async () => {
  process.chdir(root);
  requireNode();
  await ensureModules();
  const failed = [];
  for (const [name, command, args] of steps) {
    console.log(`\n── ${name} ──`);
    const { code } = await run(command, args, { stdio: "inherit", check: false });
    if (code !== 0) failed.push(name);
  }
  console.log(failed.length === 0 ? "\nAll checks passed" : `\nFailed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
});
