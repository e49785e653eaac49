import { spawn } from "node:child_process";

/** What ShellCheck says of a script; lines and columns count from 1, columns in code points. */
export interface Remark {
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
  readonly level: string;
  readonly code: number;
  readonly message: string;
  readonly fix: { readonly replacements: readonly Replacement[] } | null;
}

export interface Replacement {
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
  readonly replacement: string;
  readonly insertionPoint: string;
}

export type Run =
  | { readonly kind: "remarks"; readonly remarks: readonly Remark[] }
  | { readonly kind: "missing" }
  /** It took too long, was cancelled, or ended otherwise than it does. */
  | { readonly kind: "failed" };

const outputLimit = 8_000_000;
/** About the shell line that Docker has not, and files that are read with `.` and are not there. */
const excluded = "SC2187,SC1090,SC1091";
/** What is not in POSIX and BusyBox' ash reads all the same; tried with BusyBox 1.35. */
const readByAsh = [1, 3, 10, 12, 13, 14, 15, 18, 19, 20, 26, 36, 37, 39, 40, 42, 43, 45, 46, 47, 48, 49, 51, 57, 60, 61]
  .map((number) => `,SC${3000 + number}`)
  .join("");

/** `ash` is BusyBox' own; ShellCheck before 0.10 has no word for it. */
export type CheckedAs = "sh" | "bash" | "ash";

export interface RunOptions {
  readonly program: string;
  readonly dialect: CheckedAs;
  readonly script: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One script through an installed ShellCheck. It reads its standard input and no files; never rejects. */
export function runShellCheck({ program, dialect, script, timeoutMs, signal }: RunOptions): Promise<Run> {
  if (signal?.aborted) return Promise.resolve({ kind: "failed" });
  const { SHELLCHECK_OPTS: _, ...env } = process.env;
  const shell = dialect === "bash" ? "bash" : "sh";
  const exclude = dialect === "ash" ? excluded + readByAsh : excluded;
  return new Promise((resolve) => {
    const child = spawn(program, ["--norc", "--format=json1", `--shell=${shell}`, `--exclude=${exclude}`, "-"], {
      stdio: ["pipe", "pipe", "ignore"],
      // Columns are characters, whatever the machine's language is.
      env: { ...env, LC_ALL: "C.UTF-8" },
      windowsHide: true,
    });
    const stop = () => child.kill("SIGKILL");
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener("abort", stop, { once: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (run: Run) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve(run);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > outputLimit) stop();
      else chunks.push(chunk);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      finish({ kind: error.code === "ENOENT" || error.code === "EACCES" ? "missing" : "failed" });
    });
    child.on("close", () => finish(readOutput(Buffer.concat(chunks).toString("utf8"))));
    // It may have ended before it read everything.
    child.stdin.on("error", () => undefined);
    child.stdin.end(script);
  });
}

function readOutput(output: string): Run {
  try {
    const { comments } = JSON.parse(output) as { readonly comments?: unknown };
    return Array.isArray(comments) ? { kind: "remarks", remarks: comments.filter(isRemark) } : { kind: "failed" };
  } catch {
    return { kind: "failed" };
  }
}

function isRemark(value: unknown): value is Remark {
  const { line, code, message } = (value ?? {}) as Partial<Remark>;
  return typeof line === "number" && typeof code === "number" && typeof message === "string";
}
