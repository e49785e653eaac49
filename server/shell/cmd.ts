import type { Core, CoreCommand, CorePipeline, CoreWord } from "./core.ts";
import { baseName } from "./dialect.ts";

const operator = /^(?:&&|\|\||[&|()\n])/;

/** The commands of text for cmd.exe: split at `&&`, `||`, `&`, `|` outside quotes; `^` takes the next character as it is. */
export function readCmd(text: string): Core {
  const commands: CoreCommand[] = [];
  const pipelines: CorePipeline[] = [];
  let words: CoreWord[] = [];
  let before = "";
  let piped: CoreCommand[] = [];
  const finish = (after: string) => {
    const [program, ...args] = words;
    if (program) {
      const end = args.at(-1)?.end ?? program.end;
      const command: CoreCommand = {
        name: program.constant ? baseName(program.text.replace(/^@/, "")).toLowerCase() : "",
        words: [program, ...args],
        wrappers: [],
        assignments: [],
        redirects: [],
        before,
        after,
        context: "top",
        nested: false,
        start: program.start,
        end,
        wholeStart: program.start,
        wholeEnd: end,
      };
      commands.push(command);
      piped.push(command);
    }
    if (after !== "|") {
      const [first, ...more] = piped;
      const last = more.at(-1);
      if (first && last) pipelines.push({ commands: piped, start: first.start, end: last.end });
      piped = [];
    }
    words = [];
    before = after;
  };
  for (let at = 0; at < text.length; ) {
    const found = operator.exec(text.slice(at, at + 2))?.[0];
    if (found) {
      finish(found);
      at += found.length;
    } else if (/\s/.test(text.charAt(at))) at += 1;
    else {
      const word = readWord(text, at);
      words.push(word);
      at = word.end;
    }
  }
  finish("");
  const simple = commands.length === 1 && pipelines.length === 0;
  return { commands, pipelines, comments: [], plain: false, simple, complete: true, options: new Set() };
}

function readWord(text: string, start: number): CoreWord {
  let word = "";
  let quoted = false;
  let inQuotes = false;
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') {
      inQuotes = !inQuotes;
      quoted = true;
    } else if (char === "^" && !inQuotes) word += text.charAt(++at);
    else if (!inQuotes && /[\s&|()]/.test(char)) break;
    else word += char;
  }
  const end = Math.min(Math.max(at, start + 1), text.length);
  return { text: word, start, end, quoted, constant: !/%\w+%|![\w]+!|[*?]/.test(word) };
}
