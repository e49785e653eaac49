// Bundles the programs into dist/, and beside them what is large and loaded only when it is needed. `--production` minifies and leaves the source maps out; `--watch` rebuilds on change, `--outdir=` writes elsewhere.
import { copyFile, mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { build, context } from "esbuild";
import { keepCompiled, programId } from "./server/compiled.mjs";
import { webClient, webServer } from "./server/web/bundle.mjs";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
const outdir = process.argv.find((argument) => argument.startsWith("--outdir="))?.slice("--outdir=".length) ?? "dist";

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
  outdir,
};

/** Bundles of their own, loaded by the first `await import(…)`, or `require(…)` in a function: reading them takes longer than all of activation. */
const lazy = {
  dockerode: "./dockerode.js",
  "dockerfile-language-service": "./dockerfile-language.js",
  "vscode-languageclient/node": "./languageclient.js",
  "@vscode/tree-sitter-wasm": "./tree-sitter.js",
  yaml: "./yaml.js",
};

const lazyLibraries = {
  name: "lazy-libraries",
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${Object.keys(lazy).join("|")})$`) }, ({ path, kind, importer }) =>
      kind === "dynamic-import" || (kind === "require-call" && importer.endsWith(".ts"))
        ? { path: lazy[path], external: true }
        : undefined,
    );
  },
};

/** Modules of Node that the language server's start does not need and some later request may: loaded by the first call. */
const lazyBuiltins = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(crypto|child_process|fs\/promises|module|v8)$/, namespace: "file" }, ({ path }) => ({
      path: path.replace(/^node:/, ""),
      namespace: "lazy-builtin",
    }));
    onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
      const functions = Object.entries(await import(`node:${path}`)).filter(([, value]) => typeof value === "function");
      const names = functions.map(([name]) => name).filter((name) => /^[a-z]\w*$/.test(name) && name !== "default");
      const lines = names.map(
        (name) => `export const ${name} = (...args) => require("node:${path}").${name}(...args);`,
      );
      return { contents: lines.join("\n") };
    });
  },
};

/** Reads contexts and records of builds: needed once a Dockerfile is seen, not for its first diagnostics. */
const lazyForecast = {
  name: "lazy-forecast",
  setup({ onResolve }) {
    onResolve({ filter: /\/engine\/forecast\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./forecast.js", external: true } : undefined,
    );
  },
};

/** Loaded with the first session of the debugger. */
const lazyDebugger = {
  name: "lazy-debugger",
  setup({ onResolve }) {
    onResolve({ filter: /\/start\.ts$/ }, ({ kind, importer }) =>
      kind === "dynamic-import" && /client[\\/]debug[\\/]/.test(importer)
        ? { path: "./debug.js", external: true }
        : undefined,
    );
  },
};

/** The library's main file copies four hundred names for each file that imports one of them; server/protocol.ts hands on those that are used. */
const ownProtocol = {
  name: "own-protocol",
  setup({ onResolve }) {
    onResolve({ filter: /^vscode-languageserver(\/node)?$/ }, ({ kind, importer }) =>
      kind === "import-statement" && importer.endsWith(".ts") ? { path: resolve("server/protocol.ts") } : undefined,
    );
  },
};

/** Parts of dockerode that nothing here uses (BuildKit's sessions, hosts over ssh): most of it, and of the time that reading it takes. */
const unusedOfDockerode = {
  name: "unused-of-dockerode",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/(session|buildkit|ssh)$/ }, ({ path, importer }) =>
      /\/(dockerode|docker-modem)\/lib\//.test(importer) ? { path, namespace: "unused" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error("${path} of dockerode is not part of this program"); };`,
    }));
  },
};

/** Commands that are programs of their own: what they read is many times what the others need. */
const lazyCommands = {
  name: "lazy-commands",
  setup({ onResolve }) {
    onResolve({ filter: /\/commands\/(lint|fmt|forecast|replay)\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import"
        ? { path: `./cli-${/(lint|fmt|forecast|replay)\.ts$/.exec(path)[1]}.js`, external: true }
        : undefined,
    );
  },
};

/** Knows in a build for people which program it starts, and so is built behind it. */
const serverStart = () => ({
  ...shared,
  entryPoints: { server: "server/start.ts" },
  plugins: [lazyBuiltins],
  define: production ? { builtProgram: JSON.stringify(programId(outdir)) } : {},
});

/** @type {import("esbuild").BuildOptions[]} */
const programs = [
  {
    ...shared,
    entryPoints: { client: "client/main.ts" },
    external: ["vscode"],
    plugins: [lazyLibraries, lazyDebugger],
  },
  { ...shared, entryPoints: { debug: "client/debug/start.ts" }, external: ["vscode"], plugins: [lazyLibraries] },
  {
    ...shared,
    entryPoints: { dockerode: "dockerode", languageclient: "vscode-languageclient/node" },
    external: ["vscode", ...optionalNative],
    plugins: [unusedOfDockerode],
  },
  {
    ...shared,
    entryPoints: { "server-main": "server/main.ts" },
    plugins: [lazyLibraries, lazyBuiltins, ownProtocol, lazyForecast],
    // A function for server.js, which runs it with code that was compiled earlier; that has no `import()`.
    banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
    footer: { js: "})" },
    supported: { "dynamic-import": false },
  },
  {
    ...shared,
    entryPoints: {
      "dockerfile-language": "dockerfile-language-service",
      "tree-sitter": "@vscode/tree-sitter-wasm",
      yaml: "yaml",
    },
  },
  { ...shared, entryPoints: { engine: "engine/main.ts", monitor: "engine/containers/monitor.ts" } },
  { ...shared, entryPoints: { peer: "client/peer/main.ts", forecast: "engine/forecast.ts" }, plugins: [lazyLibraries] },
  {
    ...shared,
    entryPoints: { cli: "client/cli/main.ts" },
    plugins: [lazyLibraries, lazyCommands],
    // `require` takes a few milliseconds less than Node's loader of modules.
    supported: { "dynamic-import": false },
    banner: { js: "#!/usr/bin/env node" },
  },
  {
    ...shared,
    entryPoints: {
      "cli-lint": "client/cli/commands/lint.ts",
      "cli-fmt": "client/cli/commands/fmt.ts",
      "cli-forecast": "client/cli/commands/forecast.ts",
      "cli-replay": "client/cli/commands/replay.ts",
    },
    plugins: [lazyLibraries],
  },
  // Scripts of pages (client/webviews).
  {
    ...shared,
    entryPoints: {
      "run-form": "client/webviews/run-form/page.ts",
      "layers-page": "client/webviews/layers/page.ts",
      "timeline-page": "client/webviews/timeline/page.ts",
    },
    platform: "browser",
    target: "es2022",
    format: "iife",
  },
  // For VS Code in a browser.
  ...[webServer, webClient].map((web) => ({ ...web, outdir, minify: production, sourcemap: shared.sourcemap })),
];

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
// The shell grammars lie beside the programs that read them (server/shell/grammar.ts).
for (const name of ["tree-sitter", "tree-sitter-bash", "tree-sitter-powershell"]) {
  await copyFile(`node_modules/@vscode/tree-sitter-wasm/wasm/${name}.wasm`, `${outdir}/${name}.wasm`);
}
if (watch) {
  for (const program of [...programs, serverStart()]) await (await context(program)).watch();
} else {
  await Promise.all(programs.map((program) => build(program)));
  await build(serverStart());
  if (production) await keepCompiled(outdir);
}
