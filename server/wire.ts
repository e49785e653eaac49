import type { Message, MessageWriter } from "vscode-languageserver";

/** What is asked of a stream that is written. */
interface Stream {
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): unknown;
  /** What is written between the two goes out at once. */
  cork(): void;
  uncork(): void;
  end(): unknown;
}

/** A list of which the JSON is known already. */
export interface KnownJson<T = unknown> {
  /** Its elements, with the commas between them. */
  writeTo(put: Put): void;
  toJSON(): readonly T[];
}

/** What stands for such a list in an answer: itself where a Wire writes it, else a list like others. */
export type ListOf = <T>(json: KnownJson<T>) => T[];

type Put = (text: string) => void;

/**
 * Messages on a stream, each with its head in one write: the library makes two. Parts of long lists that were sent before
 * (diagnostics, symbols) are not written as JSON again, and their texts are put together as bytes: half a megabyte of text at
 * each key would have the garbage collector at work all the time.
 */
export class Wire implements MessageWriter {
  readonly onError = nothingHappens;
  readonly onClose = nothingHappens;
  readonly #stream: Stream;
  readonly #free: Buffer[] = [];
  #unsent = 0;
  #whenSent: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  write(message: Message): Promise<void> {
    const heavy = heavyPart(message);
    if (!heavy) {
      const json = JSON.stringify(message);
      return this.#send(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
    }
    const blocks = new Blocks(this.#free);
    writePart(heavy, (text) => blocks.put(text));
    const head = `Content-Length: ${blocks.finish()}\r\n\r\n`;
    return this.#send(head, ...blocks.chunks).finally(() => {
      const room = keptBlocks - this.#free.length;
      this.#free.push(...blocks.used.slice(0, Math.max(0, room)));
    });
  }

  /** False while the client has not taken all that was written; `then` is called when it has. */
  isFree(then: () => void): boolean {
    this.#whenSent = then;
    return this.#unsent === 0;
  }

  /** All of it in one call of the system. */
  #send(...chunks: readonly (string | Uint8Array)[]): Promise<void> {
    this.#unsent += 1;
    return new Promise((resolve, reject) => {
      let left = chunks.length;
      const sent = (error?: Error | null) => {
        if (error) reject(error);
        left -= 1;
        if (left > 0) return;
        this.#unsent -= 1;
        if (this.#unsent === 0) this.#whenSent?.();
        resolve();
      };
      this.#stream.cork();
      for (const chunk of chunks) this.#stream.write(chunk, sent);
      this.#stream.uncork();
    });
  }

  end(): void {
    this.#stream.end();
  }

  dispose(): void {}
}

export const takenAsIs: ListOf = <T>(json: KnownJson<T>) => json as unknown as T[];

const nothingHappens = () => ({ dispose: () => {} });

/** Small enough that the system takes its memory back, large enough that few are needed. */
const blockBytes = 256 * 1024;
/** What the diagnostics of a long file need, and a little more. */
const keptBlocks = 4;

/** A long message, put together in blocks. */
class Blocks {
  readonly chunks: Uint8Array[] = [];
  /** Those that may be taken for the next message. */
  readonly used: Buffer[] = [];
  readonly #free: Buffer[];
  #block: Buffer | undefined;
  #end = 0;
  #sizeBytes = 0;

  constructor(free: Buffer[]) {
    this.#free = free;
  }

  put(text: string): void {
    // A character takes three bytes at most.
    if (!this.#block || this.#end + 3 * text.length > blockBytes) {
      if (3 * text.length > blockBytes) {
        this.#add(Buffer.from(text));
        return;
      }
      this.#nextBlock();
    }
    // A comma stands before every element.
    if (text === ",") (this.#block as Buffer)[this.#end++] = comma;
    else this.#end += (this.#block as Buffer).write(text, this.#end, "utf8");
  }

  /** Its size in bytes. */
  finish(): number {
    this.#closeBlock();
    return this.#sizeBytes;
  }

  #nextBlock(): void {
    this.#closeBlock();
    this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
  }

  #closeBlock(): void {
    if (!this.#block) return;
    this.chunks.push(this.#block.subarray(0, this.#end));
    this.used.push(this.#block);
    this.#sizeBytes += this.#end;
    this.#block = undefined;
    this.#end = 0;
  }

  #add(chunk: Uint8Array): void {
    this.#closeBlock();
    this.chunks.push(chunk);
    this.#sizeBytes += chunk.length;
  }
}

const comma = 44;

/** Shorter lists cost less than looking for what is known of them. */
const longList = 20;

/** Of the elements of long lists: our answers are never changed, and are the same objects while nothing changes. */
const known = new WeakMap<object, string>();

/** The one list that is the weight of a message, and the JSON on both sides of it. */
interface HeavyPart {
  readonly before: string;
  readonly list: readonly object[] | KnownJson;
  readonly after: string;
}

/** As `JSON.stringify`, for answers and notifications whose weight is one list. */
export function jsonOf(message: Message): string {
  const heavy = heavyPart(message);
  if (!heavy) return JSON.stringify(message);
  let json = "";
  writePart(heavy, (text) => {
    json += text;
  });
  return json;
}

function heavyPart(message: Message): HeavyPart | undefined {
  const { params, result, ...rest } = message as Message & { readonly params?: unknown; readonly result?: unknown };
  if (isHeavy(result)) return { before: `${opened(rest)}"result":[`, list: result, after: "]}" };
  for (const [name, value] of [["params", params] as const, ["result", result] as const]) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    for (const [key, list] of Object.entries(value)) {
      if (!isHeavy(list)) continue;
      const inner = opened({ ...value, [key]: undefined });
      return { before: `${opened(rest)}"${name}":${inner}${JSON.stringify(key)}:[`, list, after: "]}}" };
    }
  }
  return undefined;
}

function isHeavy(list: unknown): list is HeavyPart["list"] {
  if (typeof list !== "object" || list === null) return false;
  if (!Array.isArray(list)) return "writeTo" in list;
  return list.length >= longList && typeof list[0] === "object" && list[0] !== null;
}

/** An object's JSON, ready for one more key. */
function opened(rest: object): string {
  const json = JSON.stringify(rest);
  return json === "{}" ? "{" : `${json.slice(0, -1)},`;
}

function writePart({ before, list, after }: HeavyPart, put: Put): void {
  put(before);
  if ("writeTo" in list) list.writeTo(put);
  else writeList(list, put);
  put(after);
}

function writeList(list: readonly object[], put: Put): void {
  for (let at = 0; at < list.length; at += 1) {
    const one = list[at] as object;
    let own = known.get(one);
    if (own === undefined) {
      own = JSON.stringify(one) ?? "null";
      known.set(one, own);
    }
    if (at > 0) put(",");
    put(own);
  }
}
