import type { Dialect } from "./model.ts";

const families: Readonly<Record<string, Dialect>> = {
  sh: "sh",
  dash: "sh",
  ash: "sh",
  bash: "bash",
  zsh: "bash",
  ksh: "bash",
  mksh: "bash",
  powershell: "powershell",
  pwsh: "powershell",
  cmd: "cmd",
};

/** The program's name without folder and `.exe`. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).replace(/\.exe$/i, "");
}

/** Of a program that reads scripts; `unknown` for all others. */
export function dialectOf(program: string): Dialect {
  const name = baseName(program).toLowerCase();
  return Object.hasOwn(families, name) ? (families[name] as Dialect) : "unknown";
}

export function isPosix(dialect: Dialect): dialect is "sh" | "bash" {
  return dialect === "sh" || dialect === "bash";
}

export interface Interpreter {
  readonly dialect: Dialect;
  /** Of `-e`, `-o pipefail`…, by their long names. */
  readonly options: readonly string[];
}

/** Who reads the scripts of `SHELL [...]`. */
export function interpreterOf(words: readonly string[]): Interpreter {
  const skipped = /^(?:env|busybox)$/.test(baseName(words[0] ?? "")) ? words.slice(1) : words;
  const [program = "", ...flags] = skipped.filter((word, index) => index > 0 || word !== "-S");
  return { dialect: dialectOf(program), options: setOptions(flags) };
}

/** Who reads a script that starts with `#!`; undefined without one. */
export function shebangOf(script: string): Interpreter | undefined {
  if (!script.startsWith("#!")) return undefined;
  const line = /^#!\s*([^\r\n]*)/.exec(script)?.[1] ?? "";
  return interpreterOf(line.split(/\s+/).filter((word) => word !== "" && word !== "-S"));
}

const letters: Readonly<Record<string, string>> = {
  a: "allexport",
  e: "errexit",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  v: "verbose",
  x: "xtrace",
  E: "errtrace",
};

/** `-euxo pipefail`: the long names of what it turns on. `+e` and what it does not know turn nothing on. */
export function setOptions(words: readonly string[]): string[] {
  const options: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!/^-[A-Za-z]/.test(word)) continue;
    for (const letter of word.slice(1)) {
      const long = letter === "o" ? words[++at] : letters[letter];
      if (long) options.push(long);
    }
  }
  return options;
}

/** Index of the word with the script of `sh -c script`, or -1. `anywhere`: other words may stand before `-c`, as for su. */
export function inlineScript(words: readonly string[], anywhere = false): number {
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (/^-[A-Za-z]*c[A-Za-z]*$/.test(word)) return /o/.test(word) ? at + 2 : at + 1;
    if (/^[-+][A-Za-z]*[oO]$/.test(word)) at += 1;
    else if (!anywhere && !/^[-+]/.test(word)) return -1;
  }
  return -1;
}

/** Does a shell with these words read its script from its input? `sh`, `bash -eo pipefail`, `sh -s -- argument`, and not `sh file`. */
export function readsInput(words: readonly string[]): boolean {
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (/^-[A-Za-z]*c/.test(word)) return false;
    if (/^-[A-Za-z]*s/.test(word)) return true;
    if (/^[-+][A-Za-z]*[oO]$/.test(word)) at += 1;
    else if (word === "--" || word === "-") return at === words.length - 1;
    else if (!/^[-+]/.test(word)) return false;
  }
  return true;
}
