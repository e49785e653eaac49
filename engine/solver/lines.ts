import { StringDecoder } from "node:string_decoder";

/** A line without an end is cut at this length, so that a program that writes none cannot fill the memory. */
const maxLineLength = 64 * 1024;

/** Cuts a stream of bytes into lines (without their ends). What is left over at the end is a line, too. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(data: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  }

  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line.replace(/\r$/, ""));
    while (this.#rest.length > maxLineLength) {
      this.#onLine(this.#rest.slice(0, maxLineLength));
      this.#rest = this.#rest.slice(maxLineLength);
    }
  }
}
