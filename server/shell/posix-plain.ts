import type { Core, CoreCommand, CorePipeline, CoreWord, Span } from "./core.ts";
import { dialectOf, isPosix } from "./dialect.ts";
import { newDraft, takeWords } from "./posix-draft.ts";
import { unquote } from "./words.ts";

/** Without any of these a text has words, quotes, plain variables and operators only. */
const beyond = /[\\`<>()#!~^[\]\r]/;
/** Patterns go back over a quoted word when it has no end. */
const mostCharacters = 20_000;
const blanks = /[ \t]*/y;
const blankLines = /[ \t\n]*/y;
/** What a word is made of: ordinary characters, `'…'`, `"…"`, `$NAME` and `${NAME}`. */
const part =
  /[\w./:@%+,=*?-]+|'[^']*'|"(?:[^"$]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*"|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}/y;
const variable = /\$\{?\w+\}?/g;
const operator = /&&|\|\||;|\||\n/y;
const program = /^[A-Za-z_./][\w./-]*$/;
/** Words that change how what follows is read, wherever a grammar takes them for one. */
const reserved = new Set(
  "if then elif else fi while until for select in do done case esac function time coproc export declare typeset local readonly unset unsetenv eval su test".split(
    " ",
  ),
);

/**
 * The commands of a text that is nothing but plain commands, joined by `&&`, `||`, `|`, `;` and ends of lines: an eighth of
 * the time that the grammar takes, and the same answer. Undefined for every other text.
 */
export function plainCommands(text: string): Pick<Core, "commands" | "pipelines"> | undefined {
  if (text.length > mostCharacters || beyond.test(text)) return undefined;
  const commands: CoreCommand[] = [];
  const pipelines: CorePipeline[] = [];
  const ended = { commands, pipelines };
  let piped: CoreCommand[] = [];
  let before = "";
  for (let at = skip(blankLines, text, 0); ; at = skip(blankLines, text, at)) {
    const words: CoreWord[] = [];
    let end = at;
    for (;;) {
      const word = wordAt(text, at);
      if (word === undefined || reserved.has(word.text)) break;
      words.push(word);
      end = word.end;
      at = skip(blanks, text, end);
    }
    const [first] = words;
    if (!first || !program.test(text.slice(first.start, first.end))) return undefined;
    const draft = newDraft({ start: first.start, end }, before, "top", false);
    takeWords(draft, words);
    if (isPosix(dialectOf(draft.name))) return undefined;
    commands.push(draft);
    piped.push(draft);
    const next = skip(operator, text, at);
    const after = text.slice(at, next);
    if (after !== "|") {
      if (piped.length > 1) pipelines.push({ commands: piped, start: piped[0]?.wholeStart ?? at, end: draft.wholeEnd });
      piped = [];
    }
    if (at === text.length) return ended;
    if (next === at) return undefined;
    at = skip(blankLines, text, next);
    const isLast = at === text.length;
    if (!isLast || after === ";") draft.after = after;
    if (isLast) return after === ";" || after === "\n" ? ended : undefined;
    before = after;
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function wordAt(text: string, start: number): CoreWord | undefined {
  let end = start;
  let parts = 0;
  const holes: Span[] = [];
  // The grammar reads `==` as an operator, and loses its way in words of many parts.
  if (text[start] === "=") return undefined;
  for (let next = skip(part, text, end); next > end; next = skip(part, text, end)) {
    if (text[end] === "$" || text[end] === '"') {
      for (const { 0: name, index } of text.slice(end, next).matchAll(variable)) {
        holes.push({ start: end + index, end: end + index + name.length });
      }
    }
    if (parts > 1 && text[end] === "$" && text[end + 1] !== "{") return undefined;
    end = next;
    parts += 1;
  }
  if (parts === 0) return undefined;
  const { text: own, constant, quoted } = unquote(text, { start, end }, holes);
  if (parts > (quoted ? 2 : 4)) return undefined;
  return { text: own, constant, quoted, start, end };
}
