// The values of vscode-languageserver that the server uses: what its bundle has in the place of the library (esbuild.mjs).
const library = require("vscode-languageserver/node") as typeof import("vscode-languageserver/node");

export const {
  CancellationTokenSource,
  CodeActionKind,
  CompletionItemKind,
  CompletionItemTag,
  createConnection,
  CreateFile,
  DiagnosticSeverity,
  DiagnosticTag,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DocumentDiagnosticReportKind,
  DocumentHighlightKind,
  FoldingRangeKind,
  InlayHintKind,
  InsertTextFormat,
  IPCMessageReader,
  IPCMessageWriter,
  LSPErrorCodes,
  MarkupKind,
  ProposedFeatures,
  ResponseError,
  SymbolKind,
  TextDocuments,
  TextDocumentSyncKind,
} = library;
