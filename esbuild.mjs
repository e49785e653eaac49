// Bundles the five programs into dist/. `--production` minifies and leaves the source maps out; `--watch` rebuilds on change.
import { rm } from "node:fs/promises";
import { build, context } from "esbuild";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

/** Packages that load native code only when it is there; the daemon's socket never needs them. */
const optionalNative = ["cpu-features", "*.node"];

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  logLevel: "warning",
  mainFields: ["module", "main"],
  outdir: "dist",
};

/** @type {import("esbuild").BuildOptions[]} */
const programs = [
  { ...shared, entryPoints: { client: "client/main.ts" }, external: ["vscode", ...optionalNative] },
  { ...shared, entryPoints: { server: "server/main.ts" } },
  { ...shared, entryPoints: { engine: "engine/main.ts", monitor: "engine/containers/monitor.ts" } },
  {
    ...shared,
    entryPoints: { cli: "client/cli/main.ts" },
    external: optionalNative,
    banner: { js: "#!/usr/bin/env node" },
  },
];

await rm("dist", { recursive: true, force: true });
if (watch) {
  for (const program of programs) await (await context(program)).watch();
} else {
  await Promise.all(programs.map((program) => build(program)));
}
