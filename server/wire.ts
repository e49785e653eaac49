import type { Message, MessageWriter } from "vscode-languageserver";

/** What is asked of a stream. */
interface Stream {
  write(text: string, done: (error?: Error | null) => void): unknown;
  end(): unknown;
}

/**
 * Messages on a stream, each with its head in one write: the library makes two. Parts of long lists that were sent before
 * (diagnostics, symbols) are not written as JSON again: `jsonOf`.
 */
export class Wire implements MessageWriter {
  readonly onError = nothingHappens;
  readonly onClose = nothingHappens;
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  write(message: Message): Promise<void> {
    const json = jsonOf(message);
    return new Promise((resolve, reject) => {
      this.#stream.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  end(): void {
    this.#stream.end();
  }

  dispose(): void {}
}

const nothingHappens = () => ({ dispose: () => {} });

/** Shorter lists cost less than looking for what is known of them. */
const longList = 20;

/** Of the elements of long lists: our answers are never changed, and are the same objects while nothing changes. */
const known = new WeakMap<object, string>();

/** As `JSON.stringify`, for answers and notifications whose weight is one list. */
export function jsonOf(message: Message): string {
  const { params, result, ...rest } = message as Message & { readonly params?: unknown; readonly result?: unknown };
  if (isLong(result)) return withPart(rest, "result", listOf(result));
  for (const [name, value] of [["params", params] as const, ["result", result] as const]) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    for (const [key, list] of Object.entries(value)) {
      if (!isLong(list)) continue;
      return withPart(rest, name, withPart({ ...value, [key]: undefined }, key, listOf(list)));
    }
  }
  return JSON.stringify(message);
}

function isLong(list: unknown): list is readonly object[] {
  return Array.isArray(list) && list.length >= longList && typeof list[0] === "object" && list[0] !== null;
}

/** `rest` has something in it. */
function withPart(rest: object, name: string, json: string): string {
  const start = JSON.stringify(rest);
  return `${start.slice(0, -1)}${start === "{}" ? "" : ","}${JSON.stringify(name)}:${json}}`;
}

function listOf(list: readonly object[]): string {
  let json = "";
  for (const one of list) {
    let own = known.get(one);
    if (own === undefined) {
      own = JSON.stringify(one) ?? "null";
      known.set(one, own);
    }
    json += json === "" ? own : `,${own}`;
  }
  return `[${json}]`;
}
