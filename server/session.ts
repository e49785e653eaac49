import path from "node:path";
import type { Connection, InitializeParams } from "vscode-languageserver";
import { TextDocuments } from "vscode-languageserver";
import type { Dockerfile } from "../engine/analysis.ts";
import { formatMessage, type Message } from "../engine/base/message.ts";
import { Analysis } from "./analysis.ts";
import { kindOf } from "./companion.ts";
import { ConfigProblems } from "./config-problems.ts";
import { LazyDocument } from "./document.ts";
import { pathOf } from "./files.ts";
import { namesPowershell } from "./lint/lint.ts";
import { type LintContext, LintContexts } from "./lint/lint-context.ts";
import { Linter } from "./lint/linter.ts";
import { Projects } from "./lint/project.ts";
import { unknownProject } from "./lint/project-unknown.ts";
import type { ProjectView } from "./lint/views.ts";
import { ownTranslations } from "./own-translations.ts";
import { codes } from "./rules/codes.ts";
import { rules } from "./rules/rules.ts";
import { defaultSettings, isRecord, readSettings, type Settings } from "./settings.ts";
import { isPrepared, prepareShell } from "./shell/grammar.ts";
import type { MissingNotice } from "./shell/shellcheck-missing.ts";
import { ShellCheckSession } from "./shellcheck-session.ts";

/** Configuration and context are looked up again after this time: it costs dozens of calls, and keys come fast. */
const contextAgeMs = 500;

/** Then a key has its answers. */
const afterKeyMs = 15;

/** What is kept of a document from version to version. */
interface Open {
  readonly linter: Linter;
  analysis?: Analysis | undefined;
  /** The newest version's, or of one before it. */
  model?: Dockerfile | undefined;
  context?: LintContext | undefined;
  contextAt?: number;
  /** The next lookup, once the answers to a key are out. */
  lookup?: NodeJS.Timeout;
}

/** The open documents, the settings, and one Analysis for each version of a document. */
export class Session {
  readonly documents = new TextDocuments(LazyDocument);
  readonly #connection: Connection;
  readonly #open = new Map<string, Open>();
  readonly #contexts = new LintContexts(codes);
  readonly #configProblems: ConfigProblems;
  readonly #translations = new Map<string, string>();
  #settings: Settings = defaultSettings;
  readonly #logged = new Set<string>();
  #folders: readonly string[] = [];
  #asksForSettings = false;
  #isTrusted = false;
  readonly #shellCheck: ShellCheckSession;
  #loadsPowershell = false;
  /** True when the client fetches diagnostics itself; else they are sent. */
  pullsDiagnostics = false;
  #refreshesDiagnostics = false;
  /** Called when something has come that changes what is known of open documents. */
  onStale: () => void = () => {};
  /** Called at most once. */
  onShellCheckMissing: (notice: MissingNotice) => void = () => {};

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#configProblems = new ConfigProblems(
      (params) => void connection.sendDiagnostics(params),
      (message) => this.translate(message),
    );
    this.#shellCheck = new ShellCheckSession({
      changed: (uri) => this.#forgetAnalysis(uri),
      missing: (notice) => this.onShellCheckMissing(notice),
    });
    this.documents.onDidClose(({ document: { uri } }) => {
      clearTimeout(this.#open.get(uri)?.lookup);
      this.#open.delete(uri);
      this.#shellCheck.close(uri);
      this.#configProblems.set(uri, []);
    });
  }

  initialize({ capabilities, initializationOptions, workspaceFolders, locale }: InitializeParams): void {
    this.setFolders(workspaceFolders ?? []);
    this.pullsDiagnostics = capabilities.textDocument?.diagnostic !== undefined;
    this.#refreshesDiagnostics = capabilities.workspace?.diagnostics?.refreshSupport ?? false;
    this.#asksForSettings = capabilities.workspace?.configuration ?? false;
    const options: unknown = initializationOptions;
    const brought = isRecord(options) && isRecord(options.translations) ? options.translations : undefined;
    for (const [template, text] of Object.entries(brought ?? ownTranslations(locale))) {
      if (typeof text === "string") this.#translations.set(template, text);
    }
    if (!isRecord(options)) return;
    if (isRecord(options.settings)) this.#settings = readSettings(options.settings);
    this.#isTrusted = options.trusted === true;
    this.#configureShellCheck();
  }

  /** The workspace's folders: configuration is not looked for above them. */
  setFolders(folders: readonly { readonly uri: string }[]): void {
    this.#folders = folders.flatMap(({ uri }) => pathOf(uri) ?? []).map((folder) => path.resolve(folder));
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  /** What is known of a folder that may have no Dockerfile yet. */
  projectIn(folder: string): ProjectView {
    const place = pathOf(folder);
    // Looked at anew: somebody asks once, and the time of a folder does not tell a file that came right behind another.
    return place === undefined ? unknownProject : new Projects().viewOf(path.join(place, "Dockerfile"));
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
    this.#configureShellCheck();
    this.invalidate();
  }

  /** The person trusts the workspace now: programs that it names may be started. */
  trust(): void {
    this.#isTrusted = true;
    this.#configureShellCheck();
    this.invalidate();
  }

  #configureShellCheck(): void {
    const { enabled, shellcheck } = this.#settings.lint;
    this.#shellCheck.configure({ enabled: enabled && shellcheck.enabled && this.#isTrusted, path: shellcheck.path });
  }

  /** Forgets what was worked out, because settings or files changed. */
  invalidate(): void {
    this.#contexts.projects.forget();
    for (const open of this.#open.values()) open.analysis = open.context = undefined;
    this.refresh();
  }

  /** Everything is read again: a grammar has come. */
  forget(): void {
    for (const uri of this.#open.keys()) this.#shellCheck.close(uri);
    this.#open.clear();
  }

  /** ShellCheck has said more about the same version. */
  #forgetAnalysis(uri: string): void {
    const open = this.#open.get(uri);
    if (!open) return;
    open.model = open.analysis?.model ?? open.model;
    open.analysis = undefined;
    this.refresh();
    this.onStale();
  }

  /** Clients that fetch diagnostics fetch them again. */
  refresh(): void {
    if (this.pullsDiagnostics && this.#refreshesDiagnostics) this.#connection.languages.diagnostics.refresh();
  }

  /** Of the newest version. What is the same as in the version before is not worked out again. */
  analysis(uri: string): Analysis | undefined {
    const document = this.documents.get(uri);
    if (!document || kindOf(uri, document.languageId) !== "dockerfile") return undefined;
    let open = this.#open.get(uri);
    if (!open) {
      open = { linter: new Linter(rules, (rule, error) => this.#logRuleError(rule, error)) };
      this.#open.set(uri, open);
    }
    const { analysis: known, linter } = open;
    if (known?.version === document.version) return known;
    open.model = known?.model ?? open.model;
    const input = this.#contextOf(uri, open);
    const { version } = document;
    const text = document.getText();
    open.analysis = new Analysis(document, {
      ...{ input, linter, previous: open.model },
      shellCheck: (model) =>
        this.#shellCheck.findings({ uri, version, text, scripts: () => linter.scripts(model, input) }),
    });
    return open.analysis;
  }

  /** Of a file that is not open; nothing is kept of it. */
  analysisOfClosed(uri: string, text: string): Analysis {
    const linter = new Linter(rules, (rule, error) => this.#logRuleError(rule, error));
    return new Analysis({ uri, version: 0, getText: () => text }, { input: this.#lintContext(uri), linter });
  }

  /** What a check of a file looks at besides its text. */
  lintInput(uri: string): LintContext {
    const open = this.#open.get(uri);
    return open ? this.#contextOf(uri, open) : this.#lintContext(uri);
  }

  async #loadPowershell(): Promise<void> {
    if (isPrepared("powershell") || this.#loadsPowershell) return;
    this.#loadsPowershell = true;
    await prepareShell("powershell");
    for (const { linter } of this.#open.values()) linter.forget();
    this.invalidate();
    this.onStale();
  }

  #contextOf(uri: string, open: Open): LintContext {
    // `performance` would be loaded for this alone; the time of day may be set back.
    const isOld = Math.abs(Date.now() - (open.contextAt ?? 0)) >= contextAgeMs;
    if (open.context && !isOld) return open.context;
    // Nobody waits for files where the client can be told that something has changed.
    if (open.context && (!this.pullsDiagnostics || this.#refreshesDiagnostics)) {
      open.lookup ??= setTimeout(() => this.#lookAgain(uri, open), afterKeyMs);
      return open.context;
    }
    return this.#lookUp(uri, open);
  }

  #lookUp(uri: string, open: Open): LintContext {
    if (namesPowershell(this.documents.get(uri)?.getText() ?? "")) void this.#loadPowershell();
    open.contextAt = Date.now();
    open.context = this.#lintContext(uri);
    this.#configProblems.set(uri, this.#settings.lint.enabled ? open.context.problems : []);
    return open.context;
  }

  #lookAgain(uri: string, open: Open): void {
    delete open.lookup;
    if (this.#open.get(uri) !== open) return;
    const before = open.context;
    const { config, project } = this.#lookUp(uri, open);
    if (before?.config === config && before.project === project) return;
    this.#forgetAnalysis(uri);
  }

  #lintContext(uri: string): LintContext {
    const file = pathOf(uri);
    const inside = this.#folders.filter((folder) => file?.startsWith(`${folder}${path.sep}`));
    // The innermost of folders that lie in each other.
    const root = inside.sort((a, b) => b.length - a.length)[0];
    return this.#contexts.of({ file, layer: this.#settings.lint.layer, root });
  }

  /** Once for each mistake: a rule that fails does so at every key. */
  #logRuleError(rule: string, error: unknown): void {
    const mistake = `${rule}: ${error instanceof Error ? error.message : String(error)}`;
    if (this.#logged.has(mistake) || this.#logged.size >= 1000) return;
    this.#logged.add(mistake);
    this.#connection.console.error(
      `${rule}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}
