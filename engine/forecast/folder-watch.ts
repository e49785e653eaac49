import { type BigIntStats, statSync } from "node:fs";

/** Within one tick of the file system's clock a second change shows no other time. */
const tickNs = 50_000_000n;

/** Whether a folder or file is another than when it was last asked: by its stat, in a few microseconds. */
export class StatWatch {
  readonly #path: string;
  #seen = "";

  constructor(path: string) {
    this.#path = path;
  }

  hasChanged(): boolean {
    let stat: BigIntStats | undefined;
    try {
      stat = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    } catch {
      stat = undefined;
    }
    const now = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : "missing";
    const isSame = now === this.#seen;
    const isFresh = stat !== undefined && BigInt(Date.now()) * 1_000_000n - stat.ctimeNs < tickNs;
    this.#seen = isFresh ? "" : now;
    return !isSame;
  }
}
