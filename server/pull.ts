import { type Diagnostic, type DocumentDiagnosticReport, DocumentDiagnosticReportKind } from "vscode-languageserver";

interface Sent {
  readonly id: string;
  readonly items: readonly Diagnostic[];
}

/** Answers clients that fetch diagnostics; what they have already is not sent again. */
export class Puller {
  readonly #sent = new Map<string, Sent>();
  #count = 0;

  report(uri: string, previousResultId: string | undefined, items: Diagnostic[]): DocumentDiagnosticReport {
    const sent = this.#sent.get(uri);
    if (sent && sent.id === previousResultId && same(sent.items, items)) {
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: sent.id };
    }
    this.#count += 1;
    const resultId = String(this.#count);
    this.#sent.set(uri, { id: resultId, items });
    return { kind: DocumentDiagnosticReportKind.Full, resultId, items };
  }

  forget(uri: string): void {
    this.#sent.delete(uri);
  }
}

/** Most are the same objects; the first one that differs ends the search. */
function same(a: readonly Diagnostic[], b: readonly Diagnostic[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, at) => one === b[at] || JSON.stringify(one) === JSON.stringify(b[at]));
}
