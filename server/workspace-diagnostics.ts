import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import {
  type CancellationToken,
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type PreviousResultId,
  type WorkspaceDocumentDiagnosticReport,
} from "vscode-languageserver";
import { findDockerfiles } from "./dockerfile-search.ts";

interface Surroundings {
  /** Full paths of the workspace's folders; none when nobody wants their Dockerfiles checked. */
  folders(): readonly string[];
  /** What is open is asked for by itself. */
  isOpen(uri: string): boolean;
  check(uri: string, text: string): Diagnostic[] | Promise<Diagnostic[]>;
}

export interface WorkspaceQuestion {
  readonly previous: readonly PreviousResultId[];
  readonly token: CancellationToken;
  /** Takes results before all of them are there. */
  readonly partial?: (items: WorkspaceDocumentDiagnosticReport[]) => void;
}

interface Checked {
  readonly stamp: string;
  readonly id: string;
  readonly items: Diagnostic[];
}

const mostFiles = 500;
const largestFile = 1024 * 1024;
/** An install or a checkout sends thousands of events. */
const settleMs = 300;

/**
 * Diagnostics of Dockerfiles that are not open. Editors ask again as soon as they have an answer: a question that would be
 * answered as the last one waits until something has changed.
 */
export class WorkspaceDiagnostics {
  readonly #around: Surroundings;
  readonly #checked = new Map<string, Checked>();
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;
  /** Grows with every change; what was answered is answered once. */
  #change = 0;
  #answered = -1;
  /** How many files were checked; tests count. */
  checks = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Files came, went or changed: those are checked again whose stamp differs. */
  changed(): void {
    this.#change += 1;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const wake of [...this.#waiting]) wake();
    }, settleMs);
  }

  /** Settings or what Dockerfiles depend on changed: everything is checked again. */
  invalidate(): void {
    this.#checked.clear();
    this.changed();
  }

  async report({ previous, token, partial }: WorkspaceQuestion): Promise<WorkspaceDocumentDiagnosticReport[]> {
    const known = new Map(previous.map(({ uri, value }) => [uri, value]));
    while (!token.isCancellationRequested) {
      const change = this.#change;
      const { reports, isNew } = await this.#reports(known, token, partial);
      if (isNew || this.#answered !== change) {
        this.#answered = change;
        return reports;
      }
      await this.#nextChange(change, token);
    }
    return [];
  }

  async #reports(
    known: Map<string, string>,
    token: CancellationToken,
    partial: WorkspaceQuestion["partial"],
  ): Promise<{ reports: WorkspaceDocumentDiagnosticReport[]; isNew: boolean }> {
    const files = await findDockerfiles(this.#around.folders(), {
      files: mostFiles,
      isCancelled: () => token.isCancellationRequested,
    });
    const there = new Map(files.map((file) => [pathToFileURL(file).href, file]));
    const reports: WorkspaceDocumentDiagnosticReport[] = [];
    let isNew = false;
    const tell = (report: WorkspaceDocumentDiagnosticReport) => {
      if (report.kind === DocumentDiagnosticReportKind.Full) isNew = true;
      if (!partial) reports.push(report);
      else if (report.kind === DocumentDiagnosticReportKind.Full) partial([report]);
    };
    for (const [uri, file] of there) {
      if (token.isCancellationRequested) break;
      if (this.#around.isOpen(uri)) continue;
      const checked = await this.#check(uri, file);
      if (!checked) {
        there.delete(uri);
        continue;
      }
      const { id, items } = checked;
      if (known.get(uri) === id)
        tell({ kind: DocumentDiagnosticReportKind.Unchanged, uri, version: null, resultId: id });
      else tell({ kind: DocumentDiagnosticReportKind.Full, uri, version: null, resultId: id, items });
    }
    for (const uri of [...known.keys(), ...this.#checked.keys()]) {
      if (there.has(uri) || token.isCancellationRequested || this.#around.isOpen(uri)) continue;
      // It went away, and with it what was said of it.
      this.#checked.delete(uri);
      if (known.delete(uri)) tell({ kind: DocumentDiagnosticReportKind.Full, uri, version: null, items: [] });
    }
    return { reports, isNew };
  }

  async #check(uri: string, file: string): Promise<Checked | undefined> {
    try {
      const { ino, size, mtimeMs } = await stat(file);
      const stamp = `${ino}:${size}:${mtimeMs}`;
      const known = this.#checked.get(uri);
      if (known?.stamp === stamp) return known;
      if (size > largestFile) return undefined;
      const text = await readFile(file, "utf8");
      // What somebody types goes first.
      await new Promise((resolve) => setImmediate(resolve));
      this.checks += 1;
      this.#count += 1;
      const checked = { stamp, id: `closed-${this.#count}`, items: await this.#around.check(uri, text) };
      this.#checked.set(uri, checked);
      return checked;
    } catch {
      // It went away, or may not be read.
      return undefined;
    }
  }

  #nextChange(seen: number, token: CancellationToken): Promise<void> {
    if (this.#change !== seen && this.#timer === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        cancelled.dispose();
        resolve();
      };
      const cancelled = token.onCancellationRequested(wake);
      this.#waiting.add(wake);
    });
  }
}
