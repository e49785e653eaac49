// From didChange to the diagnostics of that version, over the real server, while somebody types at 30 ms a key: alone, and
// with everything else that VS Code asks after a change, asked before. A server that knows nothing is the floor: what is above
// it is ours. Then many edits at once, and the linter alone with as many rules as there will be.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { buildSync } from "esbuild";
import { parse, reparse } from "../../engine/analysis.ts";
import { msg } from "../../engine/base/message.ts";
import { prepareLint } from "../../server/lint/lint.ts";
import { Linter } from "../../server/lint/linter.ts";
import { defineRule, type Rule } from "../../server/lint/rule.ts";
import { rules } from "../../server/rules/rules.ts";
import { tune } from "../../server/tune.ts";
import { LanguageServer } from "../support/language-server.ts";
import { longFile } from "./long-file.ts";

const sizes = [60, 1000, 10_000];
const keys = 150;
const keyMs = 30;

const others = ["foldingRange", "documentSymbol", "documentLink", "codeLens"];
/** Sent without waiting for an answer: a paste by an editor's macro, a replay. */
const editsAtOnce = 400;

async function typing(server: LanguageServer, lines: number, isAlone: boolean): Promise<readonly number[]> {
  const uri = `untitled:${lines}${isAlone}`;
  const text = longFile(lines);
  await server.open(uri, text);
  await server.ask("diagnostic", uri);
  const all = text.split("\n");
  // In the echo nearest to the middle.
  const line = all.findIndex((one, at) => at >= Math.min(lines / 2, lines - 40) && one.includes("echo"));
  const times: number[] = [];
  let character = (all[line] ?? "").indexOf("built");
  let previousResultId: string | undefined;
  let tokensId = (await server.ask<{ resultId: string }>("semanticTokens/full", uri)).resultId;
  for (let version = 2; version < keys + 2; version += 1) {
    const at = { line, character };
    character += 1;
    const began = performance.now();
    const contentChanges = [{ range: { start: at, end: at }, text: "x" }];
    const sent = server.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges,
    });
    const answers: Promise<unknown>[] = [sent];
    if (!isAlone) {
      const question = { previousResultId: tokensId };
      const tokens = server.ask<{ resultId: string }>("semanticTokens/full/delta", uri, question);
      answers.push(
        tokens.then(({ resultId }) => {
          tokensId = resultId;
        }),
      );
      answers.push(...others.map((method) => server.ask(method, uri)));
      answers.push(server.ask("codeAction", uri, { range: { start: at, end: at }, context: { diagnostics: [] } }));
      answers.push(server.ask("inlayHint", uri, { range: { start: { line: 0, character: 0 }, end: at } }));
      answers.push(server.ask("completion", uri, { position: at }));
    }
    const report = server.ask<{ resultId?: string }>("diagnostic", uri, {
      ...(previousResultId !== undefined && { previousResultId }),
    });
    previousResultId = (await report).resultId;
    times.push(performance.now() - began);
    await Promise.all(answers);
    await wait(Math.max(0, keyMs - (performance.now() - began)));
  }
  return times;
}

/** From the first of many edits to the diagnostics of the last one. */
async function settling(server: LanguageServer, lines: number): Promise<number> {
  const uri = `untitled:many${lines}`;
  await server.open(uri, longFile(lines));
  await server.ask("diagnostic", uri);
  const line = Math.min(lines / 2, lines - 40);
  const at = { line, character: 0 };
  const began = performance.now();
  for (let version = 2; version < editsAtOnce + 2; version += 1) {
    void server.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: at, end: at }, text: "#" }],
    });
  }
  await server.ask("diagnostic", uri);
  return performance.now() - began;
}

/** What the client, the streams and the library take for themselves. */
async function floor(folder: string): Promise<void> {
  const outfile = path.join(folder, "echo-server.js");
  buildSync({
    ...{ entryPoints: ["test/bench/echo-server.ts"], outfile, bundle: true, platform: "node", format: "cjs" },
    mainFields: ["module", "main"],
  });
  const server = LanguageServer.run(outfile);
  await server.initialize();
  for (const isAlone of [true, false]) {
    const name = `the floor: key to diagnostics of a server that knows nothing${isAlone ? "" : ", with all other requests"}`;
    show(name, summary(await typing(server, 60, isAlone)));
  }
  await server.stop();
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
  const server = LanguageServer.run(outfile);
  try {
    await floor(folder);
    show("server start to first diagnostics, 60 lines", await starting(outfile));
    await server.initialize({ capabilities: { textDocument: { diagnostic: {} } } });
    for (const lines of sizes) {
      for (const isAlone of [true, false]) {
        const name = `key to diagnostics, ${lines} lines${isAlone ? "" : ", with all other requests"}`;
        show(name, summary(await typing(server, lines, isAlone)));
      }
      show(`${editsAtOnce} edits at once, ${lines} lines`, `${(await settling(server, lines)).toFixed(0)} ms`);
    }
    tune();
    await prepareLint();
    for (const lines of sizes) {
      const { first, keys: times } = checking(lines);
      show(`130 rules, ${lines} lines`, `first ${first.toFixed(0)} ms, ${summary(times)}`);
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

void main();
