import type { Connection, InitializeParams } from "vscode-languageserver";
import { TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatMessage, type Message } from "../engine/base/message.ts";
import { Analysis } from "./analysis.ts";
import { filesBeside } from "./files.ts";
import { defaultSettings, isRecord, readSettings, type Settings } from "./settings.ts";

/** The open documents, the settings, and one Analysis for each version of a document. */
export class Session {
  readonly documents = new TextDocuments(TextDocument);
  readonly #connection: Connection;
  readonly #analyses = new Map<string, Analysis>();
  readonly #translations = new Map<string, string>();
  #settings: Settings = defaultSettings;
  #asksForSettings = false;
  /** True when the client fetches diagnostics itself; else they are sent. */
  pullsDiagnostics = false;
  #refreshesDiagnostics = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.documents.onDidClose(({ document }) => this.#analyses.delete(document.uri));
  }

  initialize({ capabilities, initializationOptions }: InitializeParams): void {
    this.pullsDiagnostics = capabilities.textDocument?.diagnostic !== undefined;
    this.#refreshesDiagnostics = capabilities.workspace?.diagnostics?.refreshSupport ?? false;
    this.#asksForSettings = capabilities.workspace?.configuration ?? false;
    const options: unknown = initializationOptions;
    if (!isRecord(options)) return;
    if (isRecord(options.settings)) this.#settings = readSettings(options.settings);
    for (const [template, text] of Object.entries(isRecord(options.translations) ? options.translations : {})) {
      if (typeof text === "string") this.#translations.set(template, text);
    }
  }

  readonly translate = (message: Message): string =>
    formatMessage(message, (template) => this.#translations.get(template));

  get settings(): Settings {
    return this.#settings;
  }

  /** `pushed` is what the client sent along with the change; asking wins over it. */
  async readSettings(pushed?: unknown): Promise<void> {
    if (this.#asksForSettings) {
      // A client that cannot answer leaves the settings as they are.
      const asked = this.#connection.workspace.getConfiguration("drydock");
      this.#settings = await asked.then(readSettings, () => this.#settings);
    } else if (isRecord(pushed) && isRecord(pushed.drydock)) {
      this.#settings = readSettings(pushed.drydock);
    }
    this.invalidate();
  }

  /** Forgets what was worked out, because settings or files changed. */
  invalidate(): void {
    this.#analyses.clear();
    if (this.pullsDiagnostics && this.#refreshesDiagnostics) this.#connection.languages.diagnostics.refresh();
  }

  analysis(uri: string): Analysis | undefined {
    const document = this.documents.get(uri);
    if (!document) return undefined;
    const known = this.#analyses.get(uri);
    if (known?.version === document.version) return known;
    const analysis = new Analysis(document, { files: filesBeside(uri), severities: this.#settings.lint.rules });
    this.#analyses.set(uri, analysis);
    return analysis;
  }
}
