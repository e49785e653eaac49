import type { TextDocument } from "vscode-languageserver-textdocument";
import { type Dockerfile, parse, type Stage } from "../engine/analysis.ts";
import type { Position, Range } from "../engine/base/ranges.ts";
import { contains } from "./lint/fixes.ts";
import { type Finding, type LintOptions, runRules } from "./lint/runner.ts";
import { readSymbols, type Symbols } from "./references.ts";
import { rules } from "./rules/rules.ts";

/** Everything known about one version of one document. Immutable; each part is worked out when it is first asked for. */
export class Analysis {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** Names in the Dockerfile's folder; undefined when it is not on this machine's disk. */
  readonly files: readonly string[] | undefined;
  readonly #severities: LintOptions["severities"];
  #dockerfile: Dockerfile | undefined;
  #findings: readonly Finding[] | undefined;
  #symbols: Symbols | undefined;
  #lines: readonly string[] | undefined;

  constructor(
    document: Pick<TextDocument, "uri" | "version" | "getText">,
    options: { readonly files?: readonly string[] | undefined; readonly severities?: LintOptions["severities"] } = {},
  ) {
    this.uri = document.uri;
    this.version = document.version;
    this.text = document.getText();
    this.files = options.files;
    this.#severities = options.severities;
  }

  get dockerfile(): Dockerfile {
    this.#dockerfile ??= parse(this.text);
    return this.#dockerfile;
  }

  get findings(): readonly Finding[] {
    this.#findings ??= runRules(this.dockerfile, rules, { files: this.files, severities: this.#severities ?? {} });
    return this.#findings;
  }

  get symbols(): Symbols {
    this.#symbols ??= readSymbols(this.dockerfile);
    return this.#symbols;
  }

  /** Without line ends. */
  get lines(): readonly string[] {
    this.#lines ??= this.text.split(/\r?\n/);
    return this.#lines;
  }

  /** The stage around a line; lines between two stages belong to the upper one. */
  stageAt(line: number): Stage | undefined {
    return this.dockerfile.stages.findLast((stage) => stage.range.start.line <= line);
  }

  instructionAt(position: Position) {
    return this.dockerfile.instructions.find(({ range }) => contains(range, position));
  }

  textOf({ start, end }: Range): string {
    if (start.line === end.line) return (this.lines[start.line] ?? "").slice(start.character, end.character);
    const first = (this.lines[start.line] ?? "").slice(start.character);
    const last = (this.lines[end.line] ?? "").slice(0, end.character);
    return [first, ...this.lines.slice(start.line + 1, end.line), last].join("\n");
  }
}
