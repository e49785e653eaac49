import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { encodeRecord, increasingClock, RecordSplitter } from "../log-format.ts";

/**
 * Appends to a container's log. Writing is synchronous: the process cannot run ahead of its log, and nothing is lost that
 * was read from it.
 */
export class LogWriter {
  readonly #fd: number;
  readonly #now = increasingClock();
  readonly #splitters = { stdout: new RecordSplitter(), stderr: new RecordSplitter() };
  #failed = false;

  constructor(file: string) {
    this.#fd = openSync(file, "a+", 0o600);
    // A monitor that was killed may have left half a record: it must not swallow the next one.
    const { size } = fstatSync(this.#fd);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(this.#fd, last, 0, 1, size - 1) === 1 && last[0] !== 10) this.#append("\n");
  }

  write(stream: "stdout" | "stderr", chunk: Buffer): void {
    const records = this.#splitters[stream].push(chunk);
    if (records.length === 0) return;
    // Read at the same moment; a nanosecond between them keeps their order.
    let time = this.#now(records.length);
    let text = "";
    for (const record of records) text += encodeRecord(stream, record, time++);
    this.#append(text);
  }

  /** Writes what has no newline yet and closes the file. */
  close(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#splitters[stream].end();
      if (rest) this.#append(encodeRecord(stream, rest, this.#now()));
    }
    closeSync(this.#fd);
  }

  /** A full disk costs log lines, never the container. */
  #append(text: string): void {
    try {
      const data = Buffer.from(text);
      for (let at = 0; at < data.length; ) at += writeSync(this.#fd, data, at);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) console.error(`the log cannot be written: ${error instanceof Error ? error.message : error}`);
      this.#failed = true;
    }
  }
}
