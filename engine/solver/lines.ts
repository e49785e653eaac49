import { StringDecoder } from "node:string_decoder";

/** A line without an end is cut at this length, so that a program that writes none cannot fill the memory. */
const maxLineLength = 64 * 1024;

/**
 * Cuts a stream of bytes into lines (without their ends). What is left over at the end is a line, too. `secrets` are not
 * passed on: a step that prints one does not write it into every log.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  readonly #secrets: readonly string[];
  /** A line is not cut before a secret that begins in it has arrived whole. */
  readonly #longest: number;
  #rest = "";

  constructor(onLine: (line: string) => void, secrets: readonly string[] = []) {
    this.#onLine = onLine;
    this.#secrets = [...secrets].sort((a, b) => b.length - a.length);
    this.#longest = maxLineLength + (this.#secrets[0]?.length ?? 0);
  }

  write(data: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  }

  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== "") this.#onLine(this.#masked(this.#rest));
    this.#rest = "";
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(this.#masked(line.replace(/\r$/, "")));
    while (this.#rest.length > this.#longest) {
      this.#rest = this.#masked(this.#rest);
      this.#onLine(this.#rest.slice(0, maxLineLength));
      this.#rest = this.#rest.slice(maxLineLength);
    }
  }

  #masked(line: string): string {
    let text = line;
    for (const secret of this.#secrets) text = text.replaceAll(secret, "***");
    return text;
  }
}

/**
 * What of a secret is recognised in a line: its lines, for a key has many. Very short ones are not, because they would be
 * found in everything.
 */
export function maskable(value: Uint8Array): string[] {
  const lines = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    .toString("utf8")
    .split(/[\r\n]+/);
  return lines.map((line) => line.trim()).filter((line) => line.length >= (lines.length > 3 ? 8 : 4));
}
