import { pathToFileURL } from "node:url";
import { type Diagnostic, DiagnosticSeverity, type PublishDiagnosticsParams } from "vscode-languageserver";
import type { Message } from "../engine/base/message.ts";
import type { ConfigProblem } from "./lint/config-yaml.ts";

const severities = { error: DiagnosticSeverity.Error, warning: DiagnosticSeverity.Warning } as const;

/** Shows what is wrong in configuration files as long as an open Dockerfile is checked with them. */
export class ConfigProblems {
  readonly #send: (params: PublishDiagnosticsParams) => void;
  readonly #translate: (message: Message) => string;
  readonly #ofDocument = new Map<string, readonly ConfigProblem[]>();
  /** What was sent last, by file. */
  readonly #shown = new Map<string, string>();

  constructor(send: (params: PublishDiagnosticsParams) => void, translate: (message: Message) => string) {
    this.#send = send;
    this.#translate = translate;
  }

  /** Of the files that hold for a document; none when it was closed. */
  set(uri: string, problems: readonly ConfigProblem[]): void {
    if ((this.#ofDocument.get(uri) ?? []) === problems) return;
    if (problems.length > 0) this.#ofDocument.set(uri, problems);
    else if (!this.#ofDocument.delete(uri)) return;
    const byFile = new Map<string, Map<string, Diagnostic>>();
    for (const problem of [...this.#ofDocument.values()].flat()) {
      const diagnostic = this.#diagnosticOf(problem);
      const known = byFile.get(problem.file) ?? new Map<string, Diagnostic>();
      byFile.set(problem.file, known.set(JSON.stringify(diagnostic), diagnostic));
    }
    for (const file of new Set([...this.#shown.keys(), ...byFile.keys()])) this.#show(file, byFile.get(file));
  }

  #show(file: string, found: ReadonlyMap<string, Diagnostic> | undefined): void {
    const key = [...(found?.keys() ?? [])].join("\n");
    if ((this.#shown.get(file) ?? "") === key) return;
    if (found) this.#shown.set(file, key);
    else this.#shown.delete(file);
    this.#send({ uri: pathToFileURL(file).href, diagnostics: [...(found?.values() ?? [])] });
  }

  #diagnosticOf({ range, message, severity }: ConfigProblem): Diagnostic {
    return { range, message: this.#translate(message), severity: severities[severity], source: "drydock" };
  }
}
