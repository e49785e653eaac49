import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection as connect,
  ProposedFeatures,
} from "vscode-languageserver/browser";
import { readProgram } from "./program.ts";

export {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
} from "vscode-languageserver/browser";

interface Port {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** Messages of this worker. */
export function createConnection() {
  const port = globalThis as never;
  (port as Port).addEventListener("message", ({ data }) => readProgram(data));
  return connect(ProposedFeatures.all, new BrowserMessageReader(port), new BrowserMessageWriter(port));
}

/** Streams are for programs: nobody asks for them here. */
export class StreamMessageReader {
  onError(): void {}
  onClose(): void {}
}
