import type { CoreAssignment, CoreWord, CoreWrapper } from "./core.ts";
import { baseName } from "./dialect.ts";

/** What may stand before the program proper, and how its own words are told from the program's. */
interface WrapperForm {
  /** Flags whose value is the next word. */
  readonly valued?: readonly string[];
  /** Words of its own before the program: `timeout 5`, `gosu user`. */
  readonly operands?: number;
  /** `A=1` may stand before the program. */
  readonly assignments?: boolean;
  /** With one of these it asks about a program, or edits, and runs none. */
  readonly queries?: readonly string[];
}

const wrapperForms: Readonly<Record<string, WrapperForm>> = {
  sudo: {
    valued: [
      "-u",
      "-g",
      "-h",
      "-p",
      "-C",
      "-T",
      "-U",
      "-r",
      "-t",
      "-D",
      "-R",
      "--user",
      "--group",
      "--host",
      "--chdir",
    ],
    assignments: true,
    queries: ["-l", "-v", "-V", "-e", "--list", "--version", "--edit"],
  },
  doas: { valued: ["-u", "-C"] },
  env: {
    valued: ["-u", "-C", "--unset", "--chdir"],
    assignments: true,
    queries: ["-S", "--split-string", "--version"],
  },
  exec: { valued: ["-a"] },
  command: { queries: ["-v", "-V"] },
  builtin: {},
  time: { valued: ["-f", "-o", "--format", "--output"] },
  nohup: {},
  setsid: {},
  nice: { valued: ["-n", "--adjustment"] },
  ionice: { valued: ["-c", "-n", "--class", "--classdata"], queries: ["-p", "--pid"] },
  stdbuf: { valued: ["-i", "-o", "-e"] },
  timeout: { valued: ["-s", "-k", "--signal", "--kill-after"], operands: 1 },
  xargs: {
    valued: ["-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s", "--max-args", "--max-procs", "--delimiter", "--arg-file"],
  },
  gosu: { operands: 1 },
  "su-exec": { operands: 1 },
  tini: { valued: ["-p", "-e"] },
  "dumb-init": { valued: ["-r", "--rewrite"] },
  "xvfb-run": { valued: ["-e", "-f", "-n", "-p", "-s", "-w", "--server-num", "--server-args"] },
  eatmydata: {},
  fakeroot: { valued: ["-l", "-s", "-i"] },
  busybox: {},
};

interface WrapperEnd {
  /** Index of the word after the wrapper, its flags, operands and assignments. */
  readonly next: number;
  /** Indices of its assignments. */
  readonly assignments: readonly number[];
}

const assignment = /^[A-Za-z_]\w*\+?=/;

/** Where a wrapper ends that starts at `from`; undefined when it is none, or runs no program. */
function wrapperEnd(words: readonly { readonly text: string }[], from: number, name: string): WrapperEnd | undefined {
  const form = Object.hasOwn(wrapperForms, name) ? wrapperForms[name] : undefined;
  if (!form) return undefined;
  let at = from + 1;
  for (; at < words.length; at += 1) {
    const { text } = words[at] ?? { text: "" };
    if (text === "--") {
      at += 1;
      break;
    }
    if (!/^-./.test(text)) break;
    if (form.queries?.includes(text)) return undefined;
    if (form.valued?.includes(text)) at += 1;
  }
  const assignments: number[] = [];
  if (form.assignments) for (; assignment.test(words[at]?.text ?? ""); at += 1) assignments.push(at);
  at += form.operands ?? 0;
  return at < words.length ? { next: at, assignments } : undefined;
}

/** Tells what was put before a program from the program, whose index is `from`. */
export function unwrap(words: readonly CoreWord[]): {
  readonly wrappers: readonly CoreWrapper[];
  readonly assignments: readonly CoreAssignment[];
  readonly from: number;
} {
  const wrappers: CoreWrapper[] = [];
  const assignments: CoreAssignment[] = [];
  let from = 0;
  for (;;) {
    const word = words[from];
    const ended = word?.constant ? wrapperEnd(words, from, baseName(word.text)) : undefined;
    const next = ended && words[ended.next];
    if (!word || !ended || !next) return { wrappers, assignments, from };
    for (const index of ended.assignments) {
      const { text, start, end } = words[index] as CoreWord;
      assignments.push({ ...splitAssignment(text), start, end });
    }
    wrappers.push({ name: baseName(word.text), word, start: word.start, end: next.start });
    from = ended.next;
  }
}

/** Splits `A=1`; the value may be empty. */
export function splitAssignment(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf("=");
  return { name: text.slice(0, at).replace(/\+$/, ""), value: text.slice(at + 1) };
}
