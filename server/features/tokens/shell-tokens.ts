import type { Command, Script } from "../../shell/model.ts";
import { Paint } from "./paint.ts";

const keywordOrOperator =
  /(?<![\w./=-])(?:if|then|elif|else|fi|for|in|do|done|while|until|case|esac|select|function|time)(?![\w./=-])|&&|\|\||\|&|;;&?|;&|[;|&!(){}]/g;

/** The commands, flags, strings, variables and operators of a script; other words have no colour. */
export function paintScript(script: Script, lineEnd: number): Paint {
  const paint = new Paint(script.text);
  // The outer one first: a command in a substitution lies on top of the word that holds it.
  const commands = [...script.commands].sort((a, b) => a.wholeStart - b.wholeStart || b.wholeEnd - a.wholeEnd);
  for (const command of commands) paintCommand(paint, command);
  for (const [start, end] of [...paint.gaps(lineEnd)]) {
    paint.words(start, end);
    const text = paint.text.slice(start, end);
    for (const { 0: word, index } of text.matchAll(keywordOrOperator)) {
      if (quotedBefore(text, index)) continue;
      const at = start + index;
      paint.set(at, at + word.length, /\w/.test(word) ? "keyword" : "operator");
    }
  }
  for (const { start, end } of script.comments) paint.set(start, end, "comment");
  return paint;
}

/** Gaps are short: what stands between two commands. */
function quotedBefore(text: string, index: number): boolean {
  const before = text.slice(0, index);
  return /["'\\]/.test(before) && before.replace(/\\.|'[^']*'|"(?:[^"\\]|\\.)*"/g, "").search(/["']/) >= 0;
}

function paintCommand(paint: Paint, { words, wrappers, assignments, redirects, wholeStart, wholeEnd }: Command): void {
  const { text } = paint;
  paint.cover(wholeStart, wholeEnd);
  for (const { word, end } of wrappers) {
    paint.set(word.start, word.end, "function");
    for (const { 0: flag, index } of text.slice(word.end, end).matchAll(/(?<=\s)-[^\s=]+/g)) {
      paint.set(word.end + index, word.end + index + flag.length, "parameter");
    }
  }
  for (const { name, start, end } of assignments) {
    paint.set(start, start + name.length, "variable");
    if (text[start + name.length] === "=") paint.set(start + name.length, start + name.length + 1, "operator");
    paint.words(start + name.length, end);
  }
  words.forEach(({ start, end }, at) => {
    if (at === 0) paint.set(start, end, "function");
    else if (text[start] === "-") paint.set(start, flagEnd(text, start, end), "parameter");
    else if (/^\d+(?:\.\d+)?$/.test(text.slice(start, Math.min(end, start + 30)))) paint.set(start, end, "number");
    paint.words(start, end);
  });
  for (const { operator, target, start, end } of redirects) {
    const at = text.indexOf(operator, start);
    if (at >= start && at + operator.length <= end) paint.set(at, at + operator.length, "operator");
    if (target) paint.words(target.start, target.end);
  }
}

function flagEnd(text: string, start: number, end: number): number {
  const equals = text.indexOf("=", start);
  return equals > start && equals < end ? equals : end;
}
