import * as vscode from "vscode";
import type { CodeLensMiddleware, LanguageClient } from "vscode-languageclient/node";

/** Longer than VS Code waits after a change before it asks. */
const patienceMs = 1500;

/**
 * VS Code forgets to ask for lenses when the editor loses the focus before it has asked: build lenses would say what was before the last edit
 * until somebody clicks into the text. What was to be asked and was not is brought to mind once.
 */
export class LensRefresh implements vscode.Disposable {
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #watched = new Set<vscode.EventEmitter<void>>();
  readonly #listeners: vscode.Disposable[] = [];
  #client: LanguageClient | undefined;

  readonly middleware: CodeLensMiddleware = {
    provideCodeLenses: (document, token, next) => {
      this.#forget(document.uri.toString());
      this.#watch(document);
      return next(document, token);
    },
  };

  attach(client: LanguageClient): void {
    this.#client = client;
    this.#listeners.push(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#expect(document)));
  }

  dispose(): void {
    for (const uri of [...this.#waiting.keys()]) this.#forget(uri);
    for (const one of this.#listeners) one.dispose();
  }

  #emitterOf(document: vscode.TextDocument): vscode.EventEmitter<void> | undefined {
    return this.#client?.getFeature("textDocument/codeLens")?.getProvider(document)?.onDidChangeCodeLensEmitter;
  }

  /** The server's own wish for a refresh comes as an event of the library's emitter. */
  #watch(document: vscode.TextDocument): void {
    const emitter = this.#emitterOf(document);
    if (!emitter || this.#watched.has(emitter)) return;
    this.#watched.add(emitter);
    const listener = emitter.event(() => {
      for (const { document: shown } of vscode.window.visibleTextEditors) this.#expect(shown);
    });
    this.#listeners.push(listener);
  }

  #expect(document: vscode.TextDocument): void {
    const emitter = this.#emitterOf(document);
    if (!emitter || !this.#watched.has(emitter)) return;
    const uri = document.uri.toString();
    this.#forget(uri);
    const timer = setTimeout(() => {
      // Once: nobody may be looking.
      const isShown = vscode.window.visibleTextEditors.some((one) => one.document === document);
      if (!isShown) return this.#forget(uri);
      emitter.fire();
      this.#forget(uri);
    }, patienceMs);
    this.#waiting.set(uri, timer);
  }

  #forget(uri: string): void {
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.delete(uri);
  }
}
