import type { CancellationToken, Diagnostic, Location } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Position } from "../engine/base/ranges.ts";
import { type BuildsIn, buildCompanion, readBuilds } from "./bake/companion.ts";
import { KnownDockerfiles } from "./bake/dockerfiles.ts";
import { BuildSearch } from "./bake/search.ts";
import { type Companion, kindOf } from "./companion.ts";
import { pathOf } from "./files.ts";
import { ignoreCompanion } from "./ignore/companion.ts";
import { type ContextSize, contextSize } from "./ignore/context-size.ts";
import { IgnoreDocuments } from "./ignore/documents.ts";
import { type ContextExplanation, explainContext } from "./ignore/explain.ts";
import { contextOf, readSmall } from "./ignore/files.ts";
import type { Session } from "./session.ts";
import { isRecord } from "./settings.ts";

/** How the client wants to be answered. */
export interface CompanionOptions {
  readonly suggestCommand?: string | undefined;
  /** The client's command that shows what is largest in a build context. */
  readonly largestCommand?: string | undefined;
}

export function companionOptions(initialization: unknown): CompanionOptions {
  const options = isRecord(initialization) ? initialization : {};
  const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
  return { suggestCommand: textOf(options.suggestCommand), largestCommand: textOf(options.largestCommand) };
}

interface Events {
  /** More is known of a document than was answered. */
  changed(uri: string): void;
  failed(problem: string): void;
}

/** The open documents that are no Dockerfiles, and what other files of the workspace say of Dockerfiles. */
export class Companions {
  readonly #session: Session;
  readonly #events: Events;
  readonly #ignores: IgnoreDocuments;
  readonly #dockerfiles: KnownDockerfiles;
  readonly #search = new BuildSearch();
  readonly #builds = new Map<string, { readonly version: number; readonly builds: BuildsIn }>();
  options: CompanionOptions = {};

  constructor(session: Session, events: Events) {
    this.#session = session;
    this.#events = events;
    this.#ignores = new IgnoreDocuments(pathOf, events.changed);
    this.#dockerfiles = new KnownDockerfiles((uri) => session.analysis(uri)?.dockerfile);
    session.documents.onDidClose(({ document: { uri } }) => {
      this.#ignores.close(uri);
      this.#builds.delete(uri);
    });
  }

  /** Undefined for Dockerfiles. A mistake of ours is a missing answer and a line in the log. */
  ask<T>(
    uri: string,
    otherwise: T,
    question: (companion: Companion) => T | Promise<T> | undefined,
  ): T | Promise<T> | undefined {
    const failed = (error: unknown) => {
      this.#events.failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return otherwise;
    };
    try {
      const companion = this.#of(uri);
      if (!companion) return undefined;
      const answer = question(companion) ?? otherwise;
      return answer instanceof Promise ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  }

  /** Undefined for Dockerfiles. */
  problems(uri: string): Diagnostic[] | undefined {
    const found = this.ask<Diagnostic[]>(uri, [], (companion) => companion.diagnostics());
    return found instanceof Promise ? [] : found;
  }

  /** Adds where Compose and Bake files name the stage or argument at a place of a Dockerfile. */
  async alsoUsed(
    uri: string,
    position: Position,
    token: CancellationToken,
    inside: () => Location[] | Promise<Location[]>,
  ): Promise<Location[]> {
    const own = await inside();
    const dockerfile = pathOf(uri);
    const analysis = this.#session.analysis(uri);
    const one = analysis?.symbols.at(position);
    if (dockerfile === undefined || !analysis || !one) return own;
    const definition = analysis.symbols.definitionOf(one) ?? one;
    const { keyword } = definition.instruction;
    if (one.kind === "variable" && keyword !== "ARG") return own;
    const names = this.#dockerfiles.of(dockerfile);
    if (!names) return own;
    const kind = one.kind === "stage" ? "stage" : "arg";
    const isCancelled = () => token.isCancellationRequested;
    const { folders } = this.#session;
    const wanted = { dockerfile, names, kind, name: definition.name } as const;
    return [...own, ...(await this.#search.uses(wanted, { folders, textOf: this.#textOf, isCancelled }))];
  }

  explain(uri: string): readonly ContextExplanation[] {
    const file = pathOf(uri);
    const { folders, translate } = this.#session;
    return file === undefined ? [] : explainContext(file, { folders, textOf: this.#textOf, translate });
  }

  /** Of the context that an ignore file is about, whether there is such a file or not. */
  async size(uri: string, token: CancellationToken): Promise<ContextSize | null> {
    const file = pathOf(uri);
    if (file === undefined) return null;
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    return contextSize(contextOf(file), this.#textOf(uri) ?? readSmall(file) ?? "", stop.signal).catch((error) => {
      if (stop.signal.aborted) return null;
      throw error;
    });
  }

  /** Files came, went or changed. */
  forget(): void {
    this.#ignores.forget();
    this.#search.forget();
  }

  readonly #textOf = (uri: string) => this.#session.documents.get(uri)?.getText();

  #of(uri: string): Companion | undefined {
    const document = this.#session.documents.get(uri);
    if (!document) return undefined;
    const { translate } = this.#session;
    const kind = kindOf(uri, document.languageId);
    if (kind === "dockerfile") return undefined;
    if (kind === "dockerignore")
      return ignoreCompanion(this.#ignores.of(document), { documents: this.#ignores, translate, ...this.options });
    const file = pathOf(uri);
    const builds = file === undefined ? undefined : this.#buildsOf(document, file, kind);
    // Of a file elsewhere the Dockerfiles cannot be read.
    if (!builds) return { diagnostics: () => [] };
    return buildCompanion(document, builds, { dockerfiles: this.#dockerfiles, translate, ...this.options });
  }

  #buildsOf(document: TextDocument, file: string, kind: "compose" | "bake"): BuildsIn {
    const known = this.#builds.get(document.uri);
    if (known?.version === document.version) return known.builds;
    const builds = readBuilds(document.getText(), file, kind);
    this.#builds.set(document.uri, { version: document.version, builds });
    return builds;
  }
}
