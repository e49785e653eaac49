import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { longFile } from "../bench/long-file.ts";
import { LanguageServer } from "../support/language-server.ts";
import { LeanClient } from "../support/lean-client.ts";

const whole = ["documentSymbol", "foldingRange", "documentLink", "codeLens", "semanticTokens/full"];
const uri = "untitled:Dockerfile";

describe("the order of answers", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-order-"));
  const program = path.join(folder, "server.js");
  let client: LeanClient;
  let version = 1;

  before(() => LanguageServer.build(program));
  beforeEach(async () => {
    client = new LeanClient(program);
    version = 1;
    await client.result("initialize", {
      ...{ processId: process.pid, rootUri: null },
      capabilities: {
        general: { staleRequestSupport: { cancel: true, retryOnContentModified: [] } },
        textDocument: { diagnostic: {} },
      },
      initializationOptions: { stageCommands: { build: "b", buildToHere: "h", run: "r" } },
    });
    client.notify("initialized", {});
    const textDocument = { uri, version, text: longFile(1000), languageId: "dockerfile" };
    client.notify("textDocument/didOpen", { textDocument });
    await ask("diagnostic").arrived;
  });
  afterEach(() => client.stop());
  after(() => rmSync(folder, { recursive: true }));

  const ask = (method: string, params: object = {}) =>
    client.ask(`textDocument/${method}`, { textDocument: { uri }, ...params });

  const key = () => {
    version += 1;
    const start = { line: 500, character: 0 };
    client.notify("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ range: { start, end: start }, text: "#" }],
    });
  };

  /** Everything that `send` sends arrives together; names of the answers as they come back, with the code of an error. */
  async function answersTo(send: (say: (name: string, asked: ReturnType<typeof ask>) => void) => void) {
    const order: string[] = [];
    const all: Promise<unknown>[] = [];
    client.process.stdin?.cork();
    send((name, { arrived }) => {
      const noted = arrived.then(({ body }) => {
        const { error } = JSON.parse(body.toString()) as { readonly error?: { readonly code: number } };
        order.push(error ? `${name}: ${error.code}` : name);
      });
      all.push(noted);
    });
    client.process.stdin?.uncork();
    await Promise.all(all);
    return order;
  }

  it("is diagnostics first, however much was asked before them", async () => {
    const order = await answersTo((say) => {
      key();
      for (const round of ["", " again"]) for (const method of whole) say(method + round, ask(method));
      say("completion", ask("completion", { position: { line: 500, character: 0 } }));
      say("diagnostic", ask("diagnostic"));
    });
    assert.deepEqual(order.slice(0, 2), ["diagnostic", "completion"]);
    assert.deepEqual(order.slice(2), [...whole, ...whole.map((method) => `${method} again`)]);
  });

  it("leaves no question without an answer when a change makes it useless", async () => {
    const order = await answersTo((say) => {
      key();
      for (const method of whole) say(`old ${method}`, ask(method));
      say("old diagnostic", ask("diagnostic"));
      key();
      say("symbols", ask("documentSymbol"));
      say("diagnostic", ask("diagnostic"));
    });
    // LSP: ContentModified; the diagnostics are those of the newest text.
    const refused = whole.map((method) => `old ${method}: -32801`);
    assert.deepEqual(order, [...refused, "old diagnostic", "diagnostic", "symbols"]);
  });

  it("answers what was taken back at once, too", async () => {
    const order = await answersTo((say) => {
      key();
      const symbols = ask("documentSymbol");
      say("symbols", symbols);
      client.notify("$/cancelRequest", { id: symbols.id });
      say("diagnostic", ask("diagnostic"));
    });
    assert.deepEqual(order, ["symbols: -32800", "diagnostic"]);
  });
});
