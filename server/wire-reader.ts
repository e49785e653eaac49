import type { Message, MessageReader } from "vscode-languageserver";
import { Frames } from "./frames.ts";

/** What is asked of a stream. */
interface Source {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

/** All messages that a chunk brings, at once: the library takes a turn of the event loop, and more, for each. */
export class WireReader implements MessageReader {
  readonly onError = nothingHappens;
  readonly onClose = nothingHappens;
  readonly onPartialMessage = nothingHappens;
  readonly #source: Source;
  readonly #failed: (problem: string) => void;
  readonly #frames = new Frames();

  constructor(source: Source, failed: (problem: string) => void) {
    this.#source = source;
    this.#failed = failed;
  }

  listen(callback: (message: Message) => void): { dispose(): void } {
    this.#source.on("data", (chunk) => {
      for (const body of this.#frames.take(chunk, this.#failed)) {
        const message = this.#read(body);
        if (message) callback(message);
      }
    });
    return { dispose: () => {} };
  }

  dispose(): void {}

  #read(body: Buffer): Message | undefined {
    try {
      const message: unknown = JSON.parse(body.toString());
      if (typeof message === "object" && message !== null) return message as Message;
      this.#failed("What was sent is no message: it is no object.");
    } catch (error) {
      this.#failed(`What was sent is no message: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  }
}

const nothingHappens = () => ({ dispose: () => {} });
