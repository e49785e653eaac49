// npm run bench: how big the bundles are, how fast the extension and the engine start. Prints one table.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { buildProject, ensureModules } from "./project.mjs";
import { main, requireNode, root, run } from "./shell.mjs";

await main(async () => {
  process.chdir(root);
  requireNode();
  await ensureModules();
  await buildProject("--production");
  const rows = [...bundleSizes(), ...(await measured())];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
});

function bundleSizes() {
  const kb = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  const bundles = readdirSync("dist").filter((name) => name.endsWith(".js"));
  return bundles.map((name) => {
    const content = readFileSync(path.join("dist", name));
    return [`dist/${name}`, `${kb(content.length)} (${kb(gzipSync(content).length)} gzipped)`];
  });
}

/** Each test/bench/*.bench.ts is a program that prints one JSON object a line: { name, value }. */
async function measured() {
  const { bundleTests } = await import("./mocha.mjs");
  const files = readdirSync("test/bench").filter((name) => name.endsWith(".bench.ts"));
  const sources = files.map((name) => path.join("test/bench", name));
  if (sources.length === 0) return [];
  const outdir = `out/tests/bench-${process.pid}`;
  try {
    const rows = [];
    for (const bundle of await bundleTests(sources, outdir)) {
      console.log(`Running ${path.basename(bundle, ".js")} …`);
      const { output } = await run(process.execPath, [bundle]);
      const lines = output.split("\n").filter((line) => line.startsWith('{"name":'));
      rows.push(...lines.map((line) => JSON.parse(line)).map(({ name, value }) => [name, value]));
    }
    return rows;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
