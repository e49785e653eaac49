import { msg } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Finding } from "../lint/finding.ts";
import type { Severity, TextEdit } from "../lint/rule.ts";
import type { SystemShell } from "../lint/scripts.ts";
import { isPosix } from "./dialect.ts";
import { lineStart } from "./file-lines.ts";
import type { Script } from "./model.ts";
import { type CheckedAs, type Remark, type Replacement, type Run, runShellCheck } from "./shellcheck-process.ts";

/** A script with what is around it. */
export interface ScriptToCheck {
  readonly script: Script;
  /** ARG and ENV in effect: the shell finds them in its environment. */
  readonly variables: readonly string[];
  /** What `sh` is in the image, where its name tells. */
  readonly systemShell?: SystemShell;
}

export interface ShellCheckOptions {
  /** A path, or a name to look for on PATH. */
  readonly program?: string;
  readonly timeoutMs?: number;
}

/** Remarks depend on nothing but the shell and the text that is sent, so a script that did not change is not sent again. */
const cacheSize = 5000;

interface Placed {
  readonly remarks: readonly Remark[];
  readonly findings: readonly Finding[];
}

/** An installed ShellCheck: at most two processes at once, each text once. */
export class ShellCheck {
  readonly #program: string;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, readonly Remark[]>();
  /** A script of a version is the same object in the next one when it has not changed; so are its findings. */
  readonly #placed = new WeakMap<Script, Placed>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #missing = false;

  constructor({ program = "shellcheck", timeoutMs = 10_000 }: ShellCheckOptions = {}) {
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  /** It could not be started; known after the first script. */
  get isMissing(): boolean {
    return this.#missing;
  }

  /**
   * Findings of one script of `file`; none for other shells than sh and bash, when ShellCheck is missing, takes too long
   * or `signal` says stop.
   */
  async check(target: ScriptToCheck, file: string, signal?: AbortSignal): Promise<readonly Finding[]> {
    const { script } = target;
    const sent = textFor(target);
    if (sent === undefined || this.#missing) return [];
    const dialect = dialectFor(target);
    const known = this.#known.get(dialect + sent) ?? (await this.#ask(dialect, sent, signal));
    return known ? this.#place(known, script, file) : [];
  }

  /** What is known of a script already; undefined when its text has to be sent first. */
  known(target: ScriptToCheck, file: string): readonly Finding[] | undefined {
    const sent = textFor(target);
    if (sent === undefined) return [];
    const remarks = this.#known.get(dialectFor(target) + sent);
    return remarks && this.#place(remarks, target.script, file);
  }

  #place(remarks: readonly Remark[], script: Script, file: string): readonly Finding[] {
    if (remarks.length === 0) return [];
    const known = this.#placed.get(script);
    if (known?.remarks === remarks) return known.findings;
    const findings = findingsOf(remarks, script, file);
    this.#placed.set(script, { remarks, findings });
    return findings;
  }

  async #ask(dialect: CheckedAs, sent: string, signal?: AbortSignal): Promise<readonly Remark[] | undefined> {
    await this.#turn();
    let run: Run;
    try {
      const [program, timeoutMs] = [this.#program, this.#timeoutMs];
      run = this.#missing
        ? { kind: "missing" }
        : await runShellCheck({ program, dialect, script: sent, timeoutMs, signal });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
    if (run.kind === "missing") this.#missing = true;
    if (run.kind !== "remarks") return undefined;
    this.#known.set(dialect + sent, run.remarks);
    const oldest = this.#known.keys().next();
    if (this.#known.size > cacheSize && !oldest.done) this.#known.delete(oldest.value);
    return run.remarks;
  }

  async #turn(): Promise<void> {
    if (this.#running >= 2) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}

/** For the command line: findings of many scripts, in their order. */
export async function checkScripts(
  shellCheck: ShellCheck,
  targets: readonly ScriptToCheck[],
  file: string,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(targets.map((target) => shellCheck.check(target, file, signal)));
  return findings.flat();
}

/** `sh` as the image has it: bash in Red Hat's, BusyBox in Alpine's. Of others POSIX is all that is sure. */
function dialectFor({ script, systemShell }: ScriptToCheck): CheckedAs {
  if (script.dialect === "bash" || systemShell === "bash") return "bash";
  return systemShell === "ash" ? "ash" : "sh";
}

/** One line in front: variables that the image sets have a value that nobody knows, and options of the shell are on. */
function textFor({ script, variables }: ScriptToCheck): string | undefined {
  if (!isPosix(script.dialect) || script.text.trim() === "") return undefined;
  const names = [...new Set(variables)].filter((name) => /^[A-Za-z_]\w*$/.test(name)).sort();
  const known = names.length === 0 ? ":" : `read -r ${names.join(" ")}; export ${names.join(" ")}`;
  const options = ["errexit", "pipefail"].filter((option) => script.options.has(option));
  return `${known}${options.map((option) => `; set -o ${option}`).join("")}\n${script.text}`;
}

const severities: Readonly<Record<string, Severity>> = {
  error: "error",
  warning: "warning",
  info: "info",
  style: "hint",
};

function findingsOf(remarks: readonly Remark[], script: Script, file: string): readonly Finding[] {
  const offsets = offsetsIn(script.text);
  return remarks.flatMap((remark) => {
    // The line in front is ours.
    if (remark.line < 2) return [];
    const start = offsets(remark.line - 2, remark.column);
    const end = Math.max(start, offsets(remark.endLine - 2, remark.endColumn));
    const code = `SC${remark.code}`;
    const edits = script.inJson ? undefined : editsOf(remark.fix?.replacements ?? [], { script, file, offsets });
    const fix = edits && { title: msg("Fix {code} as ShellCheck proposes", { code }), edits };
    return [
      {
        rule: `shellcheck/${code}`,
        severity: severities[remark.level] ?? "warning",
        // ShellCheck's own sentence; it has no translation.
        message: { template: remark.message },
        range: script.rangeOf(start, end),
        sameAs: [`hadolint:${code}`, `shellcheck:${code}`],
        ...(fix && (quotes(fix.edits) ? { alternatives: [fix] } : { fix: { ...fix, kind: "suggestion" as const } })),
      },
    ];
  });
}

/** A list (`apk add $PHPIZE_DEPS`) or a pattern is one name afterwards: for a person to choose, word by word, and never all at once. */
function quotes(edits: readonly TextEdit[]): boolean {
  return edits.every(({ newText }) => newText === '"');
}

type Offsets = (line: number, column: number) => number;

interface FixContext {
  readonly script: Script;
  readonly file: string;
  readonly offsets: Offsets;
}

/** Undefined when one of them would not land on exactly the text that ShellCheck saw. */
function editsOf(replacements: readonly Replacement[], context: FixContext): readonly TextEdit[] | undefined {
  const edits = replacements.map((replacement) => editOf(replacement, context));
  return edits.length > 0 && edits.every((edit) => edit !== undefined) ? edits : undefined;
}

function editOf(replacement: Replacement, { script, file, offsets }: FixContext): TextEdit | undefined {
  const start = offsets(replacement.line - 2, replacement.column);
  const end = offsets(replacement.endLine - 2, replacement.endColumn);
  const newText = replacement.replacement;
  if (replacement.line < 2 || end < start || newText.includes("\n")) return undefined;
  if (end > start) {
    const range = script.rangeOf(start, end);
    return textAt(file, range) === script.text.slice(start, end) ? { range, newText } : undefined;
  }
  // What closes a word belongs behind its last character, not in front of what follows on the next line.
  const closes = replacement.insertionPoint === "beforeStart" && start > 0;
  const at: Position = closes ? script.rangeOf(start - 1, start).end : script.rangeOf(start, start + 1).start;
  return { range: { start: at, end: at }, newText };
}

function textAt(file: string, { start, end }: Range): string | undefined {
  if (start.line !== end.line) return undefined;
  const at = lineStart(file, start.line);
  return file.slice(at + start.character, at + end.character);
}

/** Turns lines (from 0) and columns (from 1, in code points) into offsets. */
function offsetsIn(text: string): Offsets {
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return (line, column) => {
    const content = lines[line] ?? "";
    const start = starts[line] ?? text.length;
    const before = /[\ud800-\udbff]/.test(content) ? [...content].slice(0, column - 1).join("").length : column - 1;
    return Math.min(start + Math.min(before, content.length), text.length);
  };
}
