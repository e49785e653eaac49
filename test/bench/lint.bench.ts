// From didChange to the last byte of that version's diagnostics: the real server over its streams, a file in a project on disk, a key
// every 30 ms whether all is answered or not. Alone; with what VS Code asks while a person types; and with everything that it asks
// after a change, at every key. All of it is asked before the diagnostics; what is not answered at the next key is taken back then, as
// VS Code does. The client is lean
// (support/lean-client.ts): the time in which a client reads half a megabyte of symbols is not the server's. The floor is what the same
// client sees of a server on the protocol's library that knows nothing: two processes, two streams and the turns of the library. Then many
// edits at once, the start, and the linter alone with as many rules as there will be.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { parse, reparse } from "../../engine/analysis.ts";
import { msg } from "../../engine/base/message.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { Linter } from "../../server/lint/linter.ts";
import { defineRule, type Rule } from "../../server/lint/rule.ts";
import { rules } from "../../server/rules/rules.ts";
import { tune } from "../../server/tune.ts";
import { LanguageServer } from "../support/language-server.ts";
import { LeanClient, resultOf } from "../support/lean-client.ts";
import { longFile } from "./long-file.ts";

const sizes = [60, 1000, 10_000];
const keys = 150;
const keyMs = 30;

/** What VS Code asks about a whole file after a change, once nobody has typed for a while. */
const others = ["foldingRange", "documentSymbol", "documentLink", "codeLens"];

type Asked = "nothing" | "as typed" | "all";

/**
 * Every how many keys VS Code asks for something, at most: recorded of a real one, a sentence typed into files of
 * 60, 1,000 and 10,000 lines. It asks for the rest when the keys pause.
 */
const askedAtKeys = { completion: 4, "semanticTokens/full/delta": 8, documentSymbol: 13, signatureHelp: 16 };

const allAsked: readonly Asked[] = ["nothing", "as typed", "all"];

const besides: Readonly<Record<Asked, string>> = {
  nothing: "",
  "as typed": ", with what VS Code asks while a person types",
  all: ", with all that it asks, at every key",
};
/** Sent without waiting for an answer: a paste by an editor's macro, a replay. */
const editsAtOnce = 400;

/** As VS Code says it, as far as it changes what is asked and answered. */
const asVsCode = {
  processId: process.pid,
  rootUri: null,
  capabilities: {
    general: {
      staleRequestSupport: { cancel: true, retryOnContentModified: ["textDocument/semanticTokens/full/delta"] },
    },
    workspace: { diagnostics: { refreshSupport: true } },
    textDocument: {
      diagnostic: {},
      completion: { completionItem: { snippetSupport: true } },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    },
  },
  initializationOptions: { stageCommands: { build: "build", buildToHere: "buildToHere", run: "run" } },
};

async function started(program: string): Promise<LeanClient> {
  const client = new LeanClient(program);
  await client.result("initialize", asVsCode);
  client.notify("initialized", {});
  return client;
}

async function opened(client: LeanClient, uri: string, text: string): Promise<void> {
  client.notify("textDocument/didOpen", { textDocument: { uri, version: 1, text, languageId: "dockerfile" } });
  await client.result("textDocument/diagnostic", { textDocument: { uri } });
}

/** Rules look at the files around a Dockerfile; of an `untitled:` they know nothing. */
function aProject(folder: string): string {
  mkdirSync(path.join(folder, "src"), { recursive: true });
  for (const [name, text] of Object.entries(projectFiles)) writeFileSync(path.join(folder, name), text);
  return pathToFileURL(path.join(folder, "Dockerfile")).href;
}

const projectFiles = {
  Dockerfile: "",
  ".dockerignore": ".git\n",
  "package.json": '{"scripts":{"build":"tsc -b"},"devDependencies":{"typescript":"5.9.3"}}',
  "package-lock.json": "{}",
  "src/main.ts": "",
};

interface Tokens {
  readonly resultId: string;
}

/** Milliseconds of each key. */
async function typing(client: LeanClient, uri: string, lines: number, asked: Asked): Promise<readonly number[]> {
  const textDocument = { uri };
  const text = longFile(lines);
  await opened(client, uri, text);
  const all = text.split("\n");
  // In the echo nearest to the middle.
  const line = all.findIndex((one, at) => at >= Math.min(lines / 2, lines - 40) && one.includes("echo"));
  const times: number[] = [];
  let character = (all[line] ?? "").indexOf("built");
  let previousResultId: string | undefined;
  let tokens = await client.result<Tokens>("textDocument/semanticTokens/full", { textDocument });
  const unanswered = new Set<number>();
  const ask = (method: string, params: object = {}) => {
    const { id, arrived } = client.ask(`textDocument/${method}`, { textDocument, ...params });
    unanswered.add(id);
    void arrived.then(() => unanswered.delete(id));
    return arrived;
  };
  for (let version = 2; version < keys + 2; version += 1) {
    const at = { line, character };
    const near = { start: { line: Math.max(0, line - 40), character: 0 }, end: { line: line + 40, character: 0 } };
    character += 1;
    // VS Code takes back what is of no use any more.
    for (const id of unanswered) client.notify("$/cancelRequest", { id });
    unanswered.clear();
    const began = performance.now();
    const contentChanges = [{ range: { start: at, end: at }, text: "x" }];
    client.notify("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
    let coloured: ReturnType<typeof ask> | undefined;
    const isDue = (what: keyof typeof askedAtKeys) =>
      asked === "all" || (asked === "as typed" && version % askedAtKeys[what] === 0);
    if (isDue("semanticTokens/full/delta")) {
      coloured = ask("semanticTokens/full/delta", { previousResultId: tokens.resultId });
    }
    if (asked === "all") {
      for (const method of others) void ask(method);
      void ask("codeAction", { range: { start: at, end: at }, context: { diagnostics: [], triggerKind: 2 } });
      void ask("inlayHint", { range: near });
      void ask("documentHighlight", { position: at });
    } else if (isDue("documentSymbol")) void ask("documentSymbol");
    if (isDue("completion")) void ask("completion", { position: at });
    if (isDue("signatureHelp")) void ask("signatureHelp", { position: at });
    const answer = await ask("diagnostic", { ...(previousResultId !== undefined && { previousResultId }) });
    times.push(answer.at - began);
    previousResultId = resultOf<{ resultId?: string }>(answer).resultId;
    await wait(Math.max(0, keyMs - (performance.now() - began)));
    // Read when nothing is measured. An answer that came too late is none.
    const colours = await Promise.race([coloured, undefined]);
    if (colours) tokens = resultOf<Tokens | undefined>(colours) ?? tokens;
  }
  return times;
}

/** From the first of many edits to the diagnostics of the last one. */
async function settling(client: LeanClient, lines: number): Promise<number> {
  const uri = `untitled:many${lines}`;
  await opened(client, uri, longFile(lines));
  const line = Math.min(lines / 2, lines - 40);
  const at = { line, character: 0 };
  const began = performance.now();
  for (let version = 2; version < editsAtOnce + 2; version += 1) {
    client.notify("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: at, end: at }, text: "#" }],
    });
  }
  const answer = await client.ask("textDocument/diagnostic", { textDocument: { uri } }).arrived;
  return answer.at - began;
}

/** What the streams and the library take for themselves. */
async function floor(folder: string): Promise<void> {
  const outfile = path.join(folder, "echo-server.js");
  buildSync({
    ...{ entryPoints: ["test/bench/echo-server.ts"], outfile, bundle: true, platform: "node", format: "cjs" },
    mainFields: ["module", "main"],
  });
  const client = await started(outfile);
  for (const asked of allAsked) {
    const name = `the floor: key to diagnostics of a server that knows nothing${besides[asked]}`;
    show(name, summary(await typing(client, `untitled:${asked}`, 60, asked)));
  }
  await client.stop();
}

const show = (name: string, value: string) => console.log(JSON.stringify({ name, value }));

/** From the start of the process to what it says of the first file. */
async function starting(outfile: string): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < 7; run += 1) {
    const began = performance.now();
    const server = LanguageServer.run(outfile);
    await server.initialize({ capabilities: { textDocument: { diagnostic: {} } } });
    await server.open("untitled:first", longFile(60));
    await server.ask("diagnostic", "untitled:first");
    times.push(performance.now() - began);
    await server.stop();
  }
  times.sort((a, b) => a - b);
  return `${(times[3] ?? 0).toFixed(0)} ms (best ${(times[0] ?? 0).toFixed(0)} ms)`;
}

/** So many rules that look at all there is that the list has 130. */
function manyRules(): readonly Rule[] {
  const count = Math.max(0, 130 - rules.length);
  return [...rules, ...Array.from({ length: count }, (_, at) => planted(at))];
}

function planted(at: number): Rule {
  const name = ["apt-get", "npm", "curl", "tar", "echo"][at % 5] ?? "";
  const rule = {
    id: `planted/${at}`,
    severity: "hint",
    summary: msg("planted"),
    why: msg("planted"),
    sameAs: [],
    fix: "none",
    examples: [],
  } as const;
  if (at % 3 === 0) {
    return defineRule({
      ...rule,
      *stage(view) {
        for (const { view: run, command } of view.commands(name)) {
          if (view.workdirAt(run.instruction) === undefined) yield { range: command.range };
          if (view.variablesAt(run.instruction).get(`NONE${at}`)) yield { range: command.range };
        }
      },
    });
  }
  if (at % 10 === 1) {
    return defineRule({
      ...rule,
      *file(view) {
        for (const one of view.stages) if (one.name === `s${at}`) yield { range: one.stage.from.range };
      },
    });
  }
  return defineRule({
    ...rule,
    keywords: ["RUN", "CMD"],
    *instruction(view) {
      for (const { args, range } of view.commands(name)) if (args.some(({ text }) => text === "ca")) yield { range };
    },
  });
}

/** Compiled as in the server. */
function checking(lines: number): { readonly first: number; readonly keys: readonly number[] } {
  const linter = new Linter(manyRules());
  const began = performance.now();
  let file = parse(longFile(lines));
  linter.check(file);
  const first = performance.now() - began;
  const times: number[] = [];
  const at = file.text.indexOf("built", Math.min(file.text.length / 2, file.text.length - 1500));
  for (let key = 0; key < keys; key += 1) {
    const text = `${file.text.slice(0, at)}x${file.text.slice(at)}`;
    const start = performance.now();
    file = reparse(file, text);
    linter.check(file);
    times.push(performance.now() - start);
  }
  return { first, keys: times };
}

function summary(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-"));
  const outfile = path.join(folder, "server.js");
  LanguageServer.build(outfile);
  try {
    await floor(folder);
    show("server start to first diagnostics, 60 lines", await starting(outfile));
    const client = await started(outfile);
    for (const lines of sizes) {
      for (const asked of allAsked) {
        const uri = aProject(path.join(folder, `${lines}-${allAsked.indexOf(asked)}`));
        show(`key to diagnostics, ${lines} lines${besides[asked]}`, summary(await typing(client, uri, lines, asked)));
      }
      show(`${editsAtOnce} edits at once, ${lines} lines`, `${(await settling(client, lines)).toFixed(0)} ms`);
    }
    await client.stop();
    tune();
    await prepareLint();
    for (const lines of sizes) {
      const { first, keys: times } = checking(lines);
      show(`130 rules, ${lines} lines`, `first ${first.toFixed(0)} ms, ${summary(times)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main();
