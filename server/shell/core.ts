import type { Command } from "./model.ts";

/**
 * What is known of a script's text alone: offsets and words, no places in a file. It is kept for every script whose text
 * and dialect are the same, so nothing in it may depend on where the script stands.
 */
export interface Core {
  readonly commands: readonly CoreCommand[];
  readonly pipelines: readonly CorePipeline[];
  readonly comments: readonly Span[];
  readonly plain: boolean;
  readonly simple: boolean;
  readonly complete: boolean;
  readonly options: ReadonlySet<string>;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A heredoc of the Dockerfile itself: where its `<<` stands in the text, and where its body. */
export interface Body extends Span {
  readonly operator: number;
}

export interface CorePipeline extends Span {
  readonly commands: readonly CoreCommand[];
}

export interface CoreWord extends Span {
  readonly text: string;
  readonly constant: boolean;
  readonly quoted: boolean;
}

export interface CoreWrapper extends Span {
  readonly name: string;
  readonly word: CoreWord;
}

export interface CoreAssignment extends Span {
  readonly name: string;
  readonly value: string;
}

export interface CoreRedirect extends Span {
  readonly operator: string;
  readonly target?: CoreWord;
}

export type Context = Command["context"];

export interface CoreCommand extends Span {
  readonly name: string;
  /** The program first; never empty. */
  readonly words: readonly [CoreWord, ...CoreWord[]];
  readonly wrappers: readonly CoreWrapper[];
  readonly assignments: readonly CoreAssignment[];
  readonly redirects: readonly CoreRedirect[];
  readonly before: string;
  readonly after: string;
  readonly context: Context;
  readonly nested: boolean;
  readonly wholeStart: number;
  readonly wholeEnd: number;
}

export const noCommands: Core = {
  commands: [],
  pipelines: [],
  comments: [],
  plain: false,
  simple: false,
  complete: true,
  options: new Set(),
};
