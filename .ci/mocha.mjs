// Bundles test files (Node 20 cannot run TypeScript) and runs mocha on them: node .ci/mocha.mjs [file-or-folder …] [-- mocha options]
// Exit code and output are mocha's. Used by the test command and by hand while working on one folder.
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

/** Bundles each file into out/tests/<name>/, keeping packages outside; returns the bundles. */
export async function bundleTests(files, outdir, extra = {}) {
  await rm(outdir, { recursive: true, force: true });
  const result = await build({
    entryPoints: files,
    outdir,
    outbase: ".",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    packages: "external",
    sourcemap: "inline",
    logLevel: "warning",
    metafile: true,
    ...extra,
  });
  return Object.keys(result.metafile.outputs);
}

/** `*.test.ts` below the given paths; `pick` filters by path. */
export function testFiles(paths, pick = () => true) {
  return paths
    .flatMap((entry) => (statSync(entry).isDirectory() ? walk(entry) : [entry]))
    .filter(pick)
    .sort();
}

function walk(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Runs mocha on the bundles; `spawning` goes to spawn (environment, time limit). Resolves with the exit code. */
export function runMocha(bundles, options = [], spawning = {}) {
  const mocha = path.resolve("node_modules/mocha/bin/mocha.js");
  const args = ["--enable-source-maps", mocha, "--exit", "--timeout", "60000", ...options, ...bundles];
  const child = spawn(process.execPath, args, { stdio: "inherit", ...spawning });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
}

if (process.argv[1] === import.meta.filename) {
  const split = process.argv.indexOf("--");
  const paths = process.argv.slice(2, split < 0 ? undefined : split);
  // Tests in a real VS Code run when they are named; those in test/vscode/host never run here (host.test.ts starts them).
  const inEditor = paths.some((entry) => entry.startsWith("test/vscode"));
  const pick = (file) => !file.startsWith(inEditor ? "test/vscode/host/" : "test/vscode/");
  const files = testFiles(paths.length > 0 ? paths : ["test"], pick);
  // A folder of its own, so that two runs at once do not sweep each other's bundles away.
  const outdir = `out/tests/${process.pid}`;
  const bundles = await bundleTests(files, outdir);
  const code = await runMocha(bundles, split < 0 ? [] : process.argv.slice(split + 1));
  await rm(outdir, { recursive: true, force: true });
  process.exit(code);
}
