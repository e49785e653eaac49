// The floor: a language server that knows nothing. It answers a change with one diagnostic, and every question with as little.
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";

const reader = new StreamMessageReader(process.stdin);
const connection = createConnection(ProposedFeatures.all, reader, new StreamMessageWriter(process.stdout));
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
const items = [{ range, message: "one" }];
let reports = 0;

connection.onInitialize(() => ({ capabilities: {} }));
connection.onDidChangeTextDocument(({ textDocument: { uri, version } }) => {
  void connection.sendDiagnostics({ uri, version, diagnostics: items });
});
connection.onRequest((method) => {
  if (method !== "textDocument/diagnostic") return method.includes("semanticTokens") ? { data: [], resultId: "1" } : [];
  reports += 1;
  return { kind: "full", resultId: String(reports), items };
});
connection.listen();
