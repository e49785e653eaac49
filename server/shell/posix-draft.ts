import type { Context, CoreAssignment, CoreCommand, CoreRedirect, CoreWord, Span } from "./core.ts";
import { baseName } from "./dialect.ts";
import type { SyntaxNode } from "./grammar.ts";
import { unwrap } from "./wrappers.ts";

/** A command while its statement is being read: words, redirects and the operator after it come one by one. */
export interface Draft extends Span {
  name: string;
  words: [CoreWord, ...CoreWord[]];
  wrappers: CoreCommand["wrappers"];
  assignments: CoreAssignment[];
  redirects: CoreRedirect[];
  before: string;
  after: string;
  context: Context;
  nested: boolean;
  start: number;
  end: number;
  wholeStart: number;
  wholeEnd: number;
  /** Words of wrappers and program, with what is needed to read them again. */
  nodes: SyntaxNode[];
  body: Span | undefined;
}

const nowhere: CoreWord = { text: "", start: 0, end: 0, constant: false, quoted: false };

export function newDraft({ start, end }: Span, before: string, context: Context, nested: boolean): Draft {
  return {
    name: "",
    words: [nowhere],
    wrappers: [],
    assignments: [],
    redirects: [],
    before,
    after: "",
    context,
    nested,
    start,
    end,
    wholeStart: start,
    wholeEnd: end,
    nodes: [],
    body: undefined,
  };
}

/** Tells wrappers from program; the answer is the program's index. */
export function takeWords(draft: Draft, all: readonly CoreWord[]): number {
  const { wrappers, assignments, from } = unwrap(all);
  const program = all[from] as CoreWord;
  draft.assignments.push(...assignments);
  draft.wrappers = wrappers;
  draft.words = [program, ...all.slice(from + 1)];
  draft.name = program.constant ? baseName(program.text) : "";
  draft.start = program.start;
  draft.end = (all.at(-1) as CoreWord).end;
  return from;
}
