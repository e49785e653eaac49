import type { TextDocument } from "vscode-languageserver-textdocument";
import { type Dockerfile, type Instruction, parse, reparse, type Stage } from "../engine/analysis.ts";
import type { Position, Range } from "../engine/base/ranges.ts";
import type { Finding, LintInput, ShellCheckFindings } from "./lint/finding.ts";
import { contains } from "./lint/fixes.ts";
import { Linter } from "./lint/linter.ts";
import { unknownProject } from "./lint/project-unknown.ts";
import type { FileView, ProjectView } from "./lint/views.ts";
import { rules } from "./rules/rules.ts";
import { Symbols } from "./symbols/table.ts";

export interface AnalysisOptions {
  readonly input?: LintInput;
  /** The document's, so that only what changed is checked again. */
  readonly linter?: Linter;
  /** Of an earlier version: what is the same is not read again. */
  readonly previous?: Dockerfile | undefined;
  /** What ShellCheck has said so far; undefined when it is not asked. */
  readonly shellCheck?: (dockerfile: Dockerfile) => ShellCheckFindings | undefined;
}

/** Everything known about one version of one document. Immutable; each part is worked out when it is first asked for. */
export class Analysis {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  readonly #options: AnalysisOptions;
  readonly #linter: Linter;
  #dockerfile: Dockerfile | undefined;
  #findings: readonly Finding[] | undefined;
  #views: FileView | undefined;
  #symbols: Symbols | undefined;

  constructor(document: Pick<TextDocument, "uri" | "version" | "getText">, options: AnalysisOptions = {}) {
    this.uri = document.uri;
    this.version = document.version;
    this.text = document.getText();
    this.#options = options;
    this.#linter = options.linter ?? new Linter(rules);
  }

  /** The build context, as far as it can be seen. */
  get project(): ProjectView {
    return this.#options.input?.project ?? unknownProject;
  }

  get dockerfile(): Dockerfile {
    if (this.#dockerfile) return this.#dockerfile;
    const { previous } = this.#options;
    this.#dockerfile = previous ? reparse(previous, this.text) : parse(this.text);
    return this.#dockerfile;
  }

  /** This version's model if somebody has asked for it, else an earlier one. */
  get model(): Dockerfile | undefined {
    return this.#dockerfile ?? this.#options.previous;
  }

  get findings(): readonly Finding[] {
    if (this.#findings) return this.#findings;
    const { dockerfile } = this;
    const { input, shellCheck } = this.#options;
    this.#findings = this.#linter.check(dockerfile, { ...input, shellCheck: shellCheck?.(dockerfile) });
    return this.#findings;
  }

  /** Of this version if they are worked out, else of one before: for what may not wait for a check. */
  get recentFindings(): readonly Finding[] {
    return this.#findings ?? this.#linter.last ?? this.findings;
  }

  /** Before `findings`: scripts that did not stand in the version before are read. */
  readScripts(): void {
    this.#linter.readScripts(this.dockerfile, this.#options.input);
  }

  /** The views that rules have: stages, scripts, variables, folders. */
  get views(): FileView {
    this.#views ??= this.#linter.view(this.dockerfile, this.#options.input);
    return this.#views;
  }

  get symbols(): Symbols {
    this.#symbols ??= new Symbols(this.dockerfile, this.views);
    return this.#symbols;
  }

  /** The stage around a line; lines between two stages belong to the upper one. */
  stageAt(line: number): Stage | undefined {
    const { stages } = this.dockerfile;
    let [low, high] = [0, stages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stages[middle]?.range.start.line ?? 0) <= line) low = middle + 1;
      else high = middle;
    }
    return stages[low - 1];
  }

  instructionAt(position: Position): Instruction | undefined {
    const found = this.dockerfile.instructions[this.indexAt(position)];
    return found && contains(found.range, position) ? found : undefined;
  }

  /** Of the last instruction that begins at the place or above it; -1 above all. A few are looked at, however long the file is. */
  indexAt({ line, character }: Position): number {
    const { instructions } = this.dockerfile;
    let [low, high] = [0, instructions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const start = instructions[middle]?.range.start;
      const isAbove = start && (start.line < line || (start.line === line && start.character <= character));
      if (isAbove) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  textOf({ start, end }: Range): string {
    const { lines } = this.dockerfile;
    if (start.line === end.line) return lines.at(start.line).slice(start.character, end.character);
    const found = [lines.at(start.line).slice(start.character)];
    for (let line = start.line + 1; line < end.line; line += 1) found.push(lines.at(line));
    found.push(lines.at(end.line).slice(0, end.character));
    return found.join("\n");
  }
}
