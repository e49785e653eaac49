import type { Message, MessageWriter } from "vscode-languageserver";

/** What is asked of a stream that is written. */
interface Stream {
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): unknown;
  end(): unknown;
}

/** A list of which the JSON is known already; `toJSON` is for other connections. */
export interface KnownJson {
  /** Its elements, with the commas between them. */
  writeTo(put: Put): void;
  toJSON(): unknown;
}

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
  /** Undefined while the stream still reads from it. */
  #room: Room | undefined = new Room();
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
    const room = this.#room ?? new Room();
    this.#room = undefined;
    return this.#send(room.written(heavy)).finally(() => {
      if (room.isKept) this.#room = room;
    });
  }

  /** False while the client has not taken all that was written; `then` is called when it has. */
  isFree(then: () => void): boolean {
    this.#whenSent = then;
    return this.#unsent === 0;
  }

  #send(chunk: string | Uint8Array): Promise<void> {
    this.#unsent += 1;
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (error) => {
        this.#unsent -= 1;
        if (this.#unsent === 0) this.#whenSent?.();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  end(): void {
    this.#stream.end();
  }

  dispose(): void {}
}

const nothingHappens = () => ({ dispose: () => {} });

/** In front of the message: `Content-Length`, its number and two ends of lines. */
const headBytes = 48;
/** What most long lists need. A larger one is given back. */
const keptBytes = 2 ** 20;

const comma = 44;

/** Where a long message is put together, again and again. */
class Room {
  #bytes = Buffer.allocUnsafeSlow(keptBytes / 4);
  #end = 0;

  get isKept(): boolean {
    return this.#bytes.length <= keptBytes;
  }

  written(part: HeavyPart): Uint8Array {
    this.#end = headBytes;
    writePart(part, (text) => this.#put(text));
    const head = `Content-Length: ${this.#end - headBytes}\r\n\r\n`;
    const start = headBytes - head.length;
    this.#bytes.write(head, start, "latin1");
    return this.#bytes.subarray(start, this.#end);
  }

  #put(text: string): void {
    if (text === ",") {
      // There is always room for one more.
      this.#bytes[this.#end++] = comma;
      return;
    }
    // A character takes three bytes at most.
    if (this.#end + 3 * text.length >= this.#bytes.length) this.#grow(this.#end + 3 * text.length + 1);
    this.#end += this.#bytes.write(text, this.#end, "utf8");
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

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
