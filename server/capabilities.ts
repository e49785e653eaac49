import { CodeActionKind, type ServerCapabilities, TextDocumentSyncKind } from "vscode-languageserver";
import { fixAllKind } from "./features/code-actions.ts";
import { tokenModifiers, tokenTypes } from "./features/tokens/token.ts";

/** What every client is offered; the rest depends on what it says of itself. */
export const capabilities: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  completionProvider: { resolveProvider: true, triggerCharacters: ["=", "$", "{", "-", ",", " ", ":", "/", '"', "#"] },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ["-", "[", ",", '"', " ", "="] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  callHierarchyProvider: true,
  linkedEditingRangeProvider: true,
  selectionRangeProvider: true,
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  foldingRangeProvider: true,
  documentLinkProvider: {},
  inlayHintProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  documentOnTypeFormattingProvider: { firstTriggerCharacter: "\\", moreTriggerCharacter: ["`", "\n"] },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
  semanticTokensProvider: {
    legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
    full: { delta: true },
    range: true,
  },
  // Said at the start: many clients take no registration of it later.
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};
