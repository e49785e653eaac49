import type { Range } from "../../engine/base/ranges.ts";

/**
 * What runs a script. `exec`: no shell, the words of a JSON form. `unknown`: SHELL or a `#!` line names something that
 * we do not read; then there are no commands, which is silence and not a false alarm.
 */
export type Dialect = "sh" | "bash" | "powershell" | "cmd" | "exec" | "unknown";

/** The commands of a RUN, CMD, ENTRYPOINT or HEALTHCHECK, or of the heredoc that is a RUN's script. Immutable. */
export interface Script {
  readonly dialect: Dialect;
  /** What the shell reads; offsets below are offsets in it. Empty for `exec`. */
  readonly text: string;
  /** All simple commands in the order in which they are written, also those in subshells, substitutions and functions. */
  readonly commands: readonly Command[];
  /** `a | b | c`: one entry with three commands. Single commands are not pipelines. */
  readonly pipelines: readonly Pipeline[];
  /** True when running the words without a shell does the same: one command, no expansion, redirection, assignment, glob. */
  readonly plain: boolean;
  /** True when it is one simple command, whatever is expanded in it. */
  readonly simple: boolean;
  /** False when the grammar found an error: what is there is still given, as far as it was understood. */
  readonly complete: boolean;
  /** On from the start, as `errexit`, `pipefail`, `nounset`: by SHELL, `#!`, `sh -e -c` or a `set` before everything else. */
  readonly options: ReadonlySet<string>;
  /** From `#` to the end of the shell's line. In a continued RUN that is the end of the script: the rest is swallowed. */
  readonly comments: readonly Comment[];
  /** The script is a JSON string (`["sh", "-c", "…"]`): what is put in must be written as JSON. */
  readonly inJson: boolean;
  /** The place of [start, end) of `text` in the file: through continuations, comments and heredocs. */
  rangeOf(start: number, end: number): Range;
}

export interface Comment {
  readonly start: number;
  readonly end: number;
}

/** At least one member may be missing in `commands`: a loop or a subshell is none, its commands stand in `Script.commands`. */
export interface Pipeline {
  readonly commands: readonly Command[];
  readonly start: number;
  readonly end: number;
}

/** One simple command. */
export interface Command {
  /** The program without its folder, `""` when it is not constant (`$TOOL x`). Wrappers are taken away, see `wrappers`. */
  readonly name: string;
  /** The program's word, with its folder. */
  readonly program: ShellWord;
  /** After the program. */
  readonly args: readonly ShellWord[];
  /** `program` and `args`. */
  readonly words: readonly ShellWord[];
  /** What was put before the program: sudo, env, exec, time, nohup, command, xargs…, with their own flags. */
  readonly wrappers: readonly Wrapper[];
  /** `A=1 B=2 command`; also those of `env A=1 command`. */
  readonly assignments: readonly Assignment[];
  readonly redirects: readonly Redirect[];
  /** The operator before and after it: `&&`, `||`, `;`, `|`, `|&`, `&`, `\n`, `(`, `)`, `{`, `}`, a keyword, or nothing. */
  readonly before: string;
  readonly after: string;
  /** Where it stands: directly in the script, or inside `( )`, `$( )`, a function, `if`/`while`/`for`/`case`. The innermost. */
  readonly context: "top" | "subshell" | "substitution" | "function" | "condition" | "branch" | "loop";
  /** It stands in a text that another command runs: `sh -c '…'`, `eval`, `bash <<EOF`. What is put in must suit those quotes. */
  readonly nested: boolean;
  /** As written, from the program (after assignments and wrappers) to the last word, without redirects after it. */
  readonly text: string;
  /** From the program to the last word. */
  readonly start: number;
  readonly end: number;
  readonly range: Range;
  /** From the first assignment or wrapper to the last redirect. */
  readonly wholeStart: number;
  readonly wholeEnd: number;
}

export interface ShellWord {
  /** Quotes and escapes taken away, expansions kept as written (`${x}`). */
  readonly text: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  readonly range: Range;
  /** False when it holds an expansion, a substitution or a glob. */
  readonly constant: boolean;
  readonly quoted: boolean;
}

export interface Wrapper {
  readonly name: string;
  readonly word: ShellWord;
  /** Of the wrapper with its own flags and the blank after it: what has to go when the wrapper goes. */
  readonly start: number;
  readonly end: number;
}

export interface Assignment {
  readonly name: string;
  /** As the shell would read it if it is constant, else as written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface Redirect {
  /** `>`, `>>`, `<`, `<<`, `<<<`, `2>`, `&>`, `2>&1`. */
  readonly operator: string;
  readonly target?: ShellWord;
  readonly start: number;
  readonly end: number;
}
