import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { encodeRecord, increasingClock, RecordSplitter } from "../log-format.ts";
import type { LogSettings } from "../types.ts";

/** What keeps a container's output. */
export interface LogKeeper {
  write(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** Writes what has no newline yet: the process has ended. */
  flush(): void;
  close(): void;
}

export function openLog(file: string, settings: LogSettings): LogKeeper {
  if (settings.driver === "none") return { write: () => {}, flush: () => {}, close: () => {} };
  return new LogWriter(file, settings);
}

/**
 * Appends to a container's log. Writing is synchronous: the process cannot run ahead of its log, and nothing is lost that
 * was read from it. A file that is full becomes `<file>.1`, that one `.2`, and so on, as with Docker.
 */
export class LogWriter implements LogKeeper {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #now = increasingClock();
  readonly #splitters = { stdout: new RecordSplitter(), stderr: new RecordSplitter() };
  #fd: number;
  #size: number;
  /** Half a record stands at the end: it must not swallow the next one. */
  #torn: boolean;
  #dropped = 0;

  constructor(file: string, { maxSizeBytes, maxFiles = 1 }: Pick<LogSettings, "maxSizeBytes" | "maxFiles"> = {}) {
    this.#file = file;
    this.#maxBytes = maxSizeBytes || Number.POSITIVE_INFINITY;
    this.#maxFiles = maxFiles;
    this.#fd = openSync(file, "a+", 0o600);
    this.#size = fstatSync(this.#fd).size;
    const last = Buffer.alloc(1);
    // A monitor that was killed may have left it so.
    this.#torn = this.#size > 0 && readSync(this.#fd, last, 0, 1, this.#size - 1) === 1 && last[0] !== 10;
  }

  write(stream: "stdout" | "stderr", chunk: Buffer): void {
    const records = this.#splitters[stream].push(chunk);
    if (records.length === 0) return;
    // Read at the same moment; a nanosecond between them keeps their order.
    let time = this.#now(records.length);
    let text = "";
    let count = 0;
    for (const record of records) {
      if (this.#maxBytes < Number.POSITIVE_INFINITY && this.#size + Buffer.byteLength(text) >= this.#maxBytes) {
        this.#append(text, count);
        this.#rotate();
        text = "";
        count = 0;
      }
      text += encodeRecord(stream, record, time++);
      count += 1;
    }
    this.#append(text, count);
  }

  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#splitters[stream].end();
      if (rest) this.#append(encodeRecord(stream, rest, this.#now()), 1);
    }
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }

  /** A full disk costs log lines, never the container. */
  #append(text: string, records: number): void {
    if (text === "") return;
    let written = 0;
    try {
      const data = Buffer.from(this.#torn ? `\n${text}` : text);
      while (written < data.length) written += writeSync(this.#fd, data, written);
      this.#torn = false;
      if (this.#dropped > 0) console.error(`the log can be written again; ${this.#dropped} records are missing in it`);
      this.#dropped = 0;
    } catch (error) {
      if (written > 0) this.#torn = true;
      if (this.#dropped === 0) console.error(`the log cannot be written: ${reasonOf(error)}`);
      this.#dropped += records;
    }
    this.#size += written;
  }

  /** A reader that has the old file open reads it to its end and finds the new one by its name. */
  #rotate(): void {
    try {
      if (this.#maxFiles <= 1) rmSync(this.#file, { force: true });
      for (let number = this.#maxFiles - 1; number >= 1; number -= 1) {
        rename(number === 1 ? this.#file : `${this.#file}.${number - 1}`, `${this.#file}.${number}`);
      }
      const next = openSync(this.#file, "a", 0o600);
      closeSync(this.#fd);
      this.#fd = next;
      this.#torn = false;
    } catch (error) {
      // It goes on in the file that is open, too large rather than lost; after as much again it is tried once more.
      console.error(`the log cannot be rotated: ${reasonOf(error)}`);
    }
    this.#size = 0;
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
