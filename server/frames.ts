const headEnd = "\r\n\r\n";
/** A head has two short lines. */
const longestHeadBytes = 4096;

/** Cuts a stream into the bodies of its messages ("Content-Length: 5\r\n\r\n…"): all that are there at once. */
export class Frames {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Where the body of the message under way begins; 0 before its head is there. */
  #bodyAt = 0;
  #endAt = 0;

  /** What was understood before a mistake is given first; the mistake's head is dropped. */
  take(chunk: Buffer, failed: (problem: string) => void): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const bodies: Buffer[] = [];
    while (this.#bytes > 0 && (this.#bodyAt > 0 || this.#readHead(failed)) && this.#bytes >= this.#endAt) {
      const all = this.#joined();
      bodies.push(all.subarray(this.#bodyAt, this.#endAt));
      this.#drop(all, this.#endAt);
      this.#bodyAt = 0;
    }
    return bodies;
  }

  #readHead(failed: (problem: string) => void): boolean {
    const all = this.#joined();
    const end = all.indexOf(headEnd);
    if (end < 0) {
      if (all.length < longestHeadBytes) return false;
      failed("What was sent is no message: it has no Content-Length.");
      this.#drop(all, all.length);
      return false;
    }
    const head = all.toString("latin1", 0, end);
    const length = /^content-length:[ \t]*(\d+)[ \t]*$/im.exec(head)?.[1];
    if (length === undefined) {
      failed(`What was sent is no message: it has no Content-Length.\n${head.slice(0, longestHeadBytes)}`);
      this.#drop(all, end + headEnd.length);
      return this.#bytes > 0 && this.#readHead(failed);
    }
    this.#bodyAt = end + headEnd.length;
    this.#endAt = this.#bodyAt + Number(length);
    return true;
  }

  /** Only when a head is looked for or a message is whole: a long one comes in hundreds of chunks. */
  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  #drop(all: Buffer, bytes: number): void {
    this.#chunks = bytes < all.length ? [all.subarray(bytes)] : [];
    this.#bytes = all.length - bytes;
  }
}
