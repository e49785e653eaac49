import type { Call } from "./call.ts";
import { writeTo } from "./hijack.ts";

/** An answer of one JSON value a line, sent while it happens. The head goes out with the first line. */
export interface JsonLines {
  readonly started: boolean;
  /** Queued in order; slow clients are waited for in `end`. */
  send(value: unknown): void;
  sendRaw(json: string): void;
  start(): void;
  /** Resolves when everything has been handed over. */
  end(): Promise<void>;
}

/** A client that does not read while this much waits for it is not there; its connection is closed. */
const maxQueuedBytes = 64 * 1024 * 1024;

export function jsonLines(call: Call, contentType = "application/json", lineEnd = "\r\n"): JsonLines {
  let started = false;
  let queuedBytes = 0;
  let queue: Promise<void> = Promise.resolve();
  const start = () => {
    if (started) return;
    started = true;
    call.res.writeHead(200, { "content-type": contentType });
    call.res.flushHeaders();
  };
  const sendRaw = (json: string) => {
    start();
    queuedBytes += json.length;
    if (queuedBytes > maxQueuedBytes) call.res.destroy();
    queue = queue
      .then(() => writeTo(call.res, `${json}${lineEnd}`))
      .then(() => {
        queuedBytes -= json.length;
      });
  };
  return {
    get started() {
      return started;
    },
    send: (value) => sendRaw(JSON.stringify(value)),
    sendRaw,
    start,
    async end() {
      await queue;
      call.res.end();
    },
  };
}
