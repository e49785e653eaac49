// Keeps "Which way imports point" of ARCHITECTURE.md. Each rule also runs on a planted violation: a check that cannot fail checks nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { type Import, importsOf, readSources, type Sources, withoutComments } from "./support/lab-sources.ts";

type Rule = (sources: Sources) => string[];

/** What each room of the engine may import from the others. */
const engineRooms: Record<string, readonly string[]> = {
  base: [],
  oci: ["base"],
  dockerfile: ["base"],
  graph: ["base", "dockerfile", "oci"],
  cache: ["base", "dockerfile", "oci", "graph"],
  context: ["base"],
  store: ["base", "oci", "cache"],
  registry: ["base", "oci", "store"],
  snapshot: ["base", "oci", "store"],
  runtime: ["base", "oci"],
  forecast: ["base", "oci", "dockerfile", "graph", "cache", "context", "store", "solver"],
  solver: ["base", "oci", "dockerfile", "graph", "cache", "context", "store", "registry", "snapshot", "runtime"],
  containers: ["base", "oci", "store", "registry", "snapshot", "runtime", "solver"],
  api: [
    "base",
    "oci",
    "dockerfile",
    "context",
    "store",
    "registry",
    "snapshot",
    "runtime",
    "solver",
    "containers",
    "graph",
  ],
};

const pureRooms = [
  "engine/base/",
  "engine/dockerfile/",
  "engine/oci/",
  "engine/graph/",
  "engine/cache/",
  "engine/analysis.ts",
];

const isPure = (file: string): boolean => pureRooms.some((room) => file.startsWith(room));
const isCli = (file: string): boolean => file.startsWith("client/cli/");
/** A program of its own, so that no engine code runs in the extension host. */
const isPeer = (file: string): boolean => file.startsWith("client/peer/");
const room = (file: string): string => file.split("/")[1] ?? "";

function eachImport(sources: Sources, wrong: (file: string, one: Import) => boolean): string[] {
  const found: string[] = [];
  for (const [file, text] of sources) {
    for (const one of importsOf(file, text)) if (wrong(file, one)) found.push(`${file} → ${one.target}`);
  }
  return found;
}

const engineLayers: Rule = (sources) =>
  eachImport(sources, (file, { target, isRelative }) => {
    if (!file.startsWith("engine/") || !isRelative) return false;
    if (!target.startsWith("engine/")) return true;
    const allowed = engineRooms[room(file)];
    // Files directly in engine/ put rooms together; analysis.ts may only use what is pure.
    if (allowed === undefined) return file === "engine/analysis.ts" && !isPure(target);
    return room(target) !== room(file) && !allowed.includes(room(target));
  });

const serverSide: Rule = (sources) =>
  eachImport(sources, (file, { target, isRelative, typeOnly }) => {
    if (!file.startsWith("server/") || !isRelative || target.startsWith("server/")) return false;
    if (/^engine\/(analysis\.ts|forecast\.ts|context\/|base\/)/.test(target)) return false;
    return !(typeOnly && /^engine\/(dockerfile|graph|cache|oci)\//.test(target));
  });

const clientSide: Rule = (sources) =>
  eachImport(sources, (file, { target, isRelative, typeOnly }) => {
    if (!file.startsWith("client/") || !isRelative) return false;
    if (target.startsWith("client/")) {
      return (isCli(target) && !isCli(file)) || (isPeer(target) && !isPeer(file) && !typeOnly);
    }
    if (/^engine\/(base|oci)\//.test(target)) return false;
    if (isPeer(file) && /^engine\/(analysis\.ts|context\/|registry\/)/.test(target)) return false;
    if (target === "engine/forecast.ts" && isCli(file)) return false;
    if (target.startsWith("engine/")) return !typeOnly;
    return !(isCli(file) && /^server\/(lint|rules|format|forecast)\//.test(target));
  });

const onlyInClient: Rule = (sources) =>
  eachImport(
    sources,
    (file, { target }) => target === "vscode" && (!file.startsWith("client/") || isCli(file) || isPeer(file)),
  );

/** What the command line reaches must not load `vscode` either: there is none in a terminal. */
const cliWithoutEditor: Rule = (sources) => {
  const seen = new Set<string>();
  const visit = (file: string): string[] => {
    const text = sources.get(file);
    if (seen.has(file) || text === undefined) return [];
    seen.add(file);
    const values = importsOf(file, text).filter(({ typeOnly }) => !typeOnly);
    const here = values.filter(({ target }) => target === "vscode").map(() => `${file} → vscode, loaded by client/cli`);
    return [...here, ...values.flatMap(({ target }) => visit(target))];
  };
  return [...sources.keys()].filter((file) => isCli(file) || isPeer(file)).flatMap(visit);
};

const pureImports: Rule = (sources) =>
  eachImport(
    sources,
    (file, { target, isRelative, typeOnly }) => isPure(file) && !isRelative && !typeOnly && target !== "node:crypto",
  );

const pureBodies: Rule = (sources) =>
  [...sources].flatMap(([file, text]) => {
    if (!isPure(file)) return [];
    const impure =
      /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.\w+|setTimeout|setInterval|fetch\()/;
    const match = impure.exec(withoutComments(text).replace(/"(?:[^"\\\n]|\\.)*"/g, '""'));
    return match ? [`${file} uses ${match[0]}`] : [];
  });

const baseLanguage: Rule = (sources) =>
  eachImport(
    sources,
    (file, { target }) => /^dockerfile-(language-service|ast|utils)/.test(target) && file !== "server/base-language.ts",
  );

const noExportAll: Rule = (sources) => eachImport(sources, (_, { isExportAll }) => isExportAll);

/** Cycles of imports that load something; types may refer to each other. */
const noCycles: Rule = (sources) => {
  const edges = new Map<string, string[]>();
  for (const [file, text] of sources) {
    const loaded = importsOf(file, text).filter(({ typeOnly, target }) => !typeOnly && sources.has(target));
    edges.set(
      file,
      loaded.map(({ target }) => target),
    );
  }
  const cycles: string[] = [];
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) cycles.push([...trail.slice(at), file].join(" → "));
    if (at >= 0 || finished.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    finished.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
};

interface Check {
  readonly title: string;
  readonly rule: Rule;
  /** Each is one file (or several) that the rule must report. */
  readonly planted: readonly Record<string, string>[];
  /** Must stay unreported. */
  readonly fine?: readonly Record<string, string>[];
}

const checks: Check[] = [
  {
    title: "rooms of the engine import only what lies below them",
    rule: engineLayers,
    planted: [
      { "engine/base/a.ts": 'import { b } from "../oci/b.ts";' },
      { "engine/store/a.ts": 'import type { B } from "../solver/b.ts";' },
      { "engine/runtime/deep/a.ts": 'export { b } from "../../containers/b.ts";' },
      { "engine/analysis.ts": 'import { b } from "./context/b.ts";' },
      { "engine/api/a.ts": 'import { b } from "../../server/b.ts";' },
      { "engine/registry/a.ts": 'const b = await import("../api/b.ts");' },
    ],
    fine: [
      { "engine/main.ts": 'import { b } from "./api/b.ts";' },
      { "engine/graph/a.ts": 'import {\n  type B,\n  b,\n} from "../dockerfile/b.ts";' },
      { "engine/base/a.ts": '// import { b } from "../oci/b.ts";' },
    ],
  },
  {
    title: "the server imports the engine's pure façade, its context and its base",
    rule: serverSide,
    planted: [
      { "server/a.ts": 'import { b } from "../engine/store/b.ts";' },
      { "server/a.ts": 'import { parse } from "../engine/dockerfile/parse.ts";' },
      { "server/a.ts": 'import type { C } from "../client/c.ts";' },
      { "server/a.ts": 'import { c } from "../engine/forecast/c.ts";' },
    ],
    fine: [{ "server/lint/a.ts": 'import type { D } from "../../engine/dockerfile/model.ts";' }],
  },
  {
    title: "the client loads no engine code but names and messages, and no server code",
    rule: clientSide,
    planted: [
      { "client/a.ts": 'import { b } from "../engine/store/b.ts";' },
      { "client/a.ts": 'import { type B } from "../engine/solver/b.ts";' },
      { "client/a.ts": 'import { lint } from "../server/lint/lint.ts";' },
      { "client/a.ts": 'import { openForecaster } from "../engine/forecast.ts";' },
      { "client/cli/a.ts": 'import { b } from "../../server/session.ts";' },
      { "client/views/a.ts": 'import { b } from "../cli/b.ts";' },
      { "client/engines/a.ts": 'import { b } from "../peer/b.ts";' },
      { "client/peer/a.ts": 'import { b } from "../../engine/solver/b.ts";' },
    ],
    fine: [
      { "client/a.ts": 'import type { B } from "../engine/solver/b.ts";' },
      { "client/cli/a.ts": 'import { lint } from "../../server/lint/lint.ts";' },
      { "client/cli/a.ts": 'import { openForecaster } from "../../engine/forecast.ts";' },
      { "client/peer/a.ts": 'import { load } from "../../engine/context/load.ts";' },
      { "client/engines/a.ts": 'import type { Order } from "../peer/main.ts";' },
    ],
  },
  {
    title: "only the client names vscode",
    rule: onlyInClient,
    planted: [
      { "server/a.ts": 'import type { Uri } from "vscode";' },
      { "client/cli/a.ts": 'import * as vscode from "vscode";' },
    ],
  },
  {
    title: "the command line loads nothing that needs vscode",
    rule: cliWithoutEditor,
    planted: [
      {
        "client/cli/main.ts": 'import { a } from "../ui/a.ts";',
        "client/ui/a.ts": 'import * as vscode from "vscode";',
      },
    ],
  },
  {
    title: "pure rooms import no module of Node but node:crypto, and no package",
    rule: pureImports,
    planted: [
      { "engine/graph/a.ts": 'import { readFile } from "node:fs/promises";' },
      { "engine/oci/a.ts": 'import tar from "tar-stream";' },
      { "engine/cache/a.ts": 'const fs = require("fs");' },
    ],
  },
  {
    title: "pure rooms read no clock, no environment, no chance",
    rule: pureBodies,
    planted: [
      { "engine/cache/a.ts": "const now = Date.now();" },
      { "engine/base/a.ts": "const home = process.env.HOME;" },
    ],
    fine: [{ "engine/base/a.ts": 'const text = "process.env"; // Date.now()' }],
  },
  {
    title: "only server/base-language.ts imports the base language service",
    rule: baseLanguage,
    planted: [
      { "server/features/a.ts": 'import { DockerfileLanguageServiceFactory } from "dockerfile-language-service";' },
    ],
  },
  {
    title: "nothing exports everything of another file",
    rule: noExportAll,
    planted: [{ "server/a.ts": 'export * from "./b.ts";' }],
  },
  {
    title: "values are imported without cycles",
    rule: noCycles,
    planted: [
      {
        "engine/store/a.ts": 'import { b } from "./b.ts";',
        "engine/store/b.ts": 'export { c } from "./c.ts";',
        "engine/store/c.ts": 'import "./a.ts";',
      },
    ],
    fine: [
      { "engine/store/a.ts": 'import { b } from "./b.ts";', "engine/store/b.ts": 'import type { A } from "./a.ts";' },
    ],
  },
];

describe("architecture", () => {
  const sources = readSources();

  it("is checked on the real sources", () => {
    assert.ok(sources.size > 50);
    const imports = [...sources].flatMap(([file, text]) => importsOf(file, text));
    const gone = imports.filter(
      ({ target, isRelative }) => isRelative && target.endsWith(".ts") && !sources.has(target),
    );
    assert.deepEqual(gone, []);
  });

  for (const { title, rule, planted, fine = [] } of checks) {
    it(title, () => {
      for (const files of planted) assert.notDeepEqual(rule(new Map(Object.entries(files))), [], JSON.stringify(files));
      for (const files of fine) assert.deepEqual(rule(new Map(Object.entries(files))), []);
      assert.deepEqual(rule(sources), []);
    });
  }

  it("names nothing of the machine it is written on", () => {
    const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
    const home = os.homedir();
    // Names too short to be told from ordinary words are left out.
    const names = [process.cwd(), os.hostname(), ...(home === "/root" ? [] : [home])].filter((name) => name.length > 7);
    const mentions = (text: string): string[] => names.filter((name) => text.includes(name));
    assert.deepEqual(mentions(`see ${process.cwd()}/notes`), process.cwd().length > 7 ? [process.cwd()] : []);
    const found = files.flatMap((file) => {
      try {
        return mentions(readFileSync(file, "utf8")).map((name) => `${file}: ${name}`);
      } catch {
        return []; // Deleted in the working tree, or a link to a folder.
      }
    });
    assert.deepEqual(found, []);
  });

  it("has a lockfile that names every optional package, so that npm ci works everywhere", () => {
    const incomplete = (packages: Record<string, { optionalDependencies?: Record<string, string> }>): string[] =>
      Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter(
          (name) => !(`node_modules/${name}` in packages) && !(`${folder}/node_modules/${name}` in packages),
        ),
      );
    assert.deepEqual(incomplete({ "node_modules/a": { optionalDependencies: { "a-linux": "1.0.0" } } }), ["a-linux"]);
    assert.deepEqual(incomplete(JSON.parse(readFileSync("package-lock.json", "utf8")).packages), []);
  });
});
