import type { Connection, InitializeParams } from "vscode-languageserver";
import { TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatMessage, type Message } from "../engine/base/message.ts";
import { Analysis } from "./analysis.ts";
import { filesBeside } from "./files.ts";
import { defaultLintConfig, type LintConfig } from "./lint/finding.ts";
import { Linter } from "./lint/linter.ts";
import { namedProject, unknownProject } from "./lint/project-unknown.ts";
import type { ProjectView } from "./lint/views.ts";
import { rules } from "./rules/rules.ts";
import { defaultSettings, isRecord, readSettings, type Settings } from "./settings.ts";

/** The open documents, the settings, and one Analysis for each version of a document. */
export class Session {
  readonly documents = new TextDocuments(TextDocument);
  readonly #connection: Connection;
  readonly #analyses = new Map<string, Analysis>();
  readonly #translations = new Map<string, string>();
  #settings: Settings = defaultSettings;
  #config: LintConfig = defaultLintConfig;
  readonly #linters = new Map<string, Linter>();
  readonly #projects = new Map<string, { readonly names: readonly string[]; readonly project: ProjectView }>();
  #asksForSettings = false;
  /** True when the client fetches diagnostics itself; else they are sent. */
  pullsDiagnostics = false;
  #refreshesDiagnostics = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.documents.onDidClose(({ document: { uri } }) => {
      this.#analyses.delete(uri);
      this.#linters.delete(uri);
      this.#projects.delete(uri);
    });
  }

  initialize({ capabilities, initializationOptions }: InitializeParams): void {
    this.pullsDiagnostics = capabilities.textDocument?.diagnostic !== undefined;
    this.#refreshesDiagnostics = capabilities.workspace?.diagnostics?.refreshSupport ?? false;
    this.#asksForSettings = capabilities.workspace?.configuration ?? false;
    const options: unknown = initializationOptions;
    if (!isRecord(options)) return;
    if (isRecord(options.settings)) {
      this.#settings = readSettings(options.settings);
      this.#config = configOf(this.#settings);
    }
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
    this.#config = configOf(this.#settings);
    this.#analyses.clear();
    if (this.pullsDiagnostics && this.#refreshesDiagnostics) this.#connection.languages.diagnostics.refresh();
  }

  analysis(uri: string): Analysis | undefined {
    const document = this.documents.get(uri);
    if (!document) return undefined;
    const known = this.#analyses.get(uri);
    if (known?.version === document.version) return known;
    const input = { config: this.#config, project: this.#projectOf(uri) };
    const linter = this.#linters.get(uri) ?? new Linter(rules, (rule, error) => this.#logRuleError(rule, error));
    this.#linters.set(uri, linter);
    const analysis = new Analysis(document, { input, linter });
    this.#analyses.set(uri, analysis);
    return analysis;
  }

  /** The same object while the names in the folder are the same. */
  #projectOf(uri: string): ProjectView {
    const names = filesBeside(uri);
    if (!names) return unknownProject;
    const known = this.#projects.get(uri);
    if (known?.names === names) return known.project;
    const project = namedProject(names);
    this.#projects.set(uri, { names, project });
    return project;
  }

  #logRuleError(rule: string, error: unknown): void {
    this.#connection.console.error(
      `${rule}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

function configOf({ lint }: Settings): LintConfig {
  return { ...defaultLintConfig, severities: lint.rules };
}
