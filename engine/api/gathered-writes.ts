import type { Writable } from "node:stream";
import { writeTo } from "./hijack.ts";

const enoughBytes = 64 * 1024;

/** Pieces that come at once are written at once: a system call for each line of a log costs more than all the rest. */
export class GatheredWrites {
  readonly #target: Writable;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #soon: NodeJS.Immediate | undefined;

  constructor(target: Writable) {
    this.#target = target;
  }

  /** What is returned is to be waited for: the other side may read slowly. */
  write(data: Uint8Array): Promise<void> | undefined {
    this.#parts.push(data);
    this.#bytes += data.length;
    if (this.#bytes >= enoughBytes) return this.flush();
    this.#soon ??= setImmediate(() => void this.flush());
    return undefined;
  }

  async flush(): Promise<void> {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    if (this.#parts.length === 0) return;
    const data = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    await writeTo(this.#target, data);
  }
}
