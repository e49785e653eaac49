import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection as connect,
  ProposedFeatures,
} from "vscode-languageserver/browser";

export {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
} from "vscode-languageserver/browser";

/** Messages of this worker. */
export function createConnection() {
  const port = globalThis as never;
  return connect(ProposedFeatures.all, new BrowserMessageReader(port), new BrowserMessageWriter(port));
}

/** Streams are for programs: nobody asks for them here. */
export class StreamMessageReader {
  onError(): void {}
  onClose(): void {}
}
