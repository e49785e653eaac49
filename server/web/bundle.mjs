// How the server becomes a web worker (README.md here). Used by esbuild.mjs and by the test.
import { isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

const standIns = {
  fs: "no-files",
  "fs/promises": "no-files-async",
  path: "path",
  url: "url",
  os: "no-processes",
  child_process: "no-processes",
  module: "no-processes",
  "vscode-languageserver/node": "connection",
};

/** Puts the files of this folder in the place of Node's modules. One of ours that has none is an error; what libraries name is empty. */
const withoutNode = {
  name: "without-node",
  setup({ onResolve }) {
    onResolve(
      { filter: /^(node:.*|[a-z_]+|fs\/promises|vscode-languageserver\/node)$/ },
      ({ path: name, importer }) => {
        const plain = name.replace(/^node:/, "");
        if (plain !== "vscode-languageserver/node" && !isBuiltin(plain)) return undefined;
        const file = standIns[plain] ?? (importer.includes("node_modules") ? "no-processes" : undefined);
        return file
          ? { path: path.join(here, `${file}.ts`) }
          : { errors: [{ text: `${name} has no stand-in in server/web` }] };
      },
    );
    onResolve({ filter: /\/engine\/forecast\.ts$/ }, () => ({ path: path.join(here, "no-forecast.ts") }));
    onResolve({ filter: /^\.\/connect\.ts$/ }, () => ({ path: path.join(here, "connect.ts") }));
    onResolve({ filter: /^\.\/tune\.ts$/ }, () => ({ path: path.join(here, "no-tune.ts") }));
    onResolve({ filter: /\/grammar-bytes\.ts$/ }, ({ importer }) =>
      path.basename(path.dirname(importer)) === "shell" ? { path: path.join(here, "grammar-bytes.ts") } : undefined,
    );
  },
};

/** @type {import("esbuild").BuildOptions} */
export const webServer = {
  entryPoints: { webserver: path.join(here, "..", "main.ts") },
  inject: [path.join(here, "globals.ts")],
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  mainFields: ["browser", "module", "main"],
  logLevel: "warning",
  legalComments: "none",
  plugins: [withoutNode],
};

/** What VS Code loads in a browser, and what starts the worker there. @type {import("esbuild").BuildOptions} */
export const webClient = {
  entryPoints: { webclient: path.join(here, "..", "..", "client", "web.ts") },
  bundle: true,
  platform: "browser",
  format: "cjs",
  target: "es2022",
  mainFields: ["browser", "module", "main"],
  external: ["vscode", "vscode-languageclient/node"],
  logLevel: "warning",
  legalComments: "none",
};
