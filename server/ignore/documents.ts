import type { TextDocument } from "vscode-languageserver-textdocument";
import { contextProblems } from "./context-problems.ts";
import { contextOf } from "./files.ts";
import { lineProblems } from "./line-problems.ts";
import { type IgnoreLine, ignoreLines } from "./lines.ts";
import { type ContextListing, listContext } from "./listing.ts";
import { type IgnoreMatcher, ignoreMatcher } from "./matcher.ts";
import { orderProblems } from "./order-problems.ts";
import type { IgnoreProblem } from "./problem.ts";
import { type Survey, surveyContext } from "./survey.ts";

/** Files come and go without an event in folders that nobody watches. */
const listingAgeMs = 15_000;

/** One version of a .dockerignore. Immutable; each part is worked out when it is first asked for. */
export class IgnoreAnalysis {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** The folder that it is about; undefined when it is no file of this machine. */
  readonly context: string | undefined;
  readonly lines: readonly IgnoreLine[];
  readonly matcher: IgnoreMatcher;
  /** Once the context has been looked at. */
  survey: Survey | undefined;

  constructor(document: Pick<TextDocument, "uri" | "version" | "getText">, file: string | undefined) {
    this.uri = document.uri;
    this.version = document.version;
    this.text = document.getText();
    this.context = file === undefined ? undefined : contextOf(file);
    this.lines = ignoreLines(this.text);
    this.matcher = ignoreMatcher(this.lines);
  }

  /** One problem a line: what a line is by itself goes before what it does. */
  get problems(): readonly IgnoreProblem[] {
    const ofContext = this.survey ? contextProblems(this.survey) : [];
    const taken = new Set<number>();
    return [...lineProblems(this.matcher), ...orderProblems(this.matcher), ...ofContext].filter(({ range }) => {
      if (taken.has(range.start.line)) return false;
      taken.add(range.start.line);
      return true;
    });
  }
}

interface Open {
  analysis: IgnoreAnalysis;
  survey?: { readonly version: number; readonly stop: AbortController; readonly done: Promise<Survey | undefined> };
}

interface KnownListing {
  readonly at: number;
  readonly listing: ContextListing;
}

/** The open ignore files. A context is walked once for many keys; counting is done anew for each version. */
export class IgnoreDocuments {
  readonly #open = new Map<string, Open>();
  readonly #listings = new Map<string, KnownListing>();
  readonly #pathOf: (uri: string) => string | undefined;
  readonly #changed: (uri: string) => void;
  readonly #settleMs: number;
  /** How many contexts were walked; tests count. */
  walks = 0;

  /** `changed` is called when more is known of the same version; `settleMs`: how long nobody types before it is counted. */
  constructor(pathOf: (uri: string) => string | undefined, changed: (uri: string) => void, settleMs = 250) {
    this.#pathOf = pathOf;
    this.#changed = changed;
    this.#settleMs = settleMs;
  }

  of(document: Pick<TextDocument, "uri" | "version" | "getText">): IgnoreAnalysis {
    const open = this.#open.get(document.uri);
    if (open?.analysis.version === document.version) return open.analysis;
    open?.survey?.stop.abort();
    const analysis = new IgnoreAnalysis(document, this.#pathOf(document.uri));
    this.#open.set(document.uri, { analysis });
    return analysis;
  }

  /** What the patterns do in the context; undefined when it cannot be seen, or the text has changed meanwhile. */
  survey(analysis: IgnoreAnalysis): Promise<Survey | undefined> {
    const open = this.#open.get(analysis.uri);
    if (open?.analysis !== analysis || analysis.context === undefined) return Promise.resolve(analysis.survey);
    if (open.survey?.version === analysis.version) return open.survey.done;
    const stop = new AbortController();
    const done = this.#survey(analysis, analysis.context, stop.signal);
    open.survey = { version: analysis.version, stop, done };
    return done;
  }

  close(uri: string): void {
    this.#open.get(uri)?.survey?.stop.abort();
    this.#open.delete(uri);
    if (this.#open.size === 0) this.#listings.clear();
  }

  /** Files came, went or changed. */
  forget(): void {
    this.#listings.clear();
    for (const open of this.#open.values()) {
      open.survey?.stop.abort();
      delete open.survey;
    }
  }

  async #survey(analysis: IgnoreAnalysis, context: string, signal: AbortSignal): Promise<Survey | undefined> {
    try {
      // Counting takes seconds in a very large context: a key that follows finds that nothing was begun.
      const waitMs = this.#listings.has(context) ? this.#settleMs : 0;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (signal.aborted) return undefined;
      const survey = await surveyContext(
        await this.#listing(context, analysis.matcher, signal),
        analysis.matcher,
        signal,
      );
      if (signal.aborted) return undefined;
      analysis.survey = survey;
      this.#changed(analysis.uri);
      return survey;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #listing(context: string, { ignore }: IgnoreMatcher, signal: AbortSignal): Promise<ContextListing> {
    const known = this.#listings.get(context);
    // One that ended before the end was cut by the patterns of then.
    if (known?.listing.hasIgnored && performance.now() - known.at < listingAgeMs) return known.listing;
    this.walks += 1;
    const listing = await listContext(context, { ignore, signal });
    this.#listings.set(context, { at: performance.now(), listing });
    return listing;
  }
}
