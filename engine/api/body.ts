import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const mostBytes = 8 * 1024 * 1024;
const mostMs = 1000;

/** A request's body for a reader who may stop half way: the connection stays open for the answer. */
export function bodyOf(req: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) };
}

/** Before a refusal: a client that still sends would see a broken pipe instead of it, so it gets a moment, and some room. */
export async function readOn(req: IncomingMessage): Promise<void> {
  const reading = async () => {
    let left = mostBytes;
    for await (const chunk of bodyOf(req)) {
      left -= chunk.length;
      if (left < 0) return;
    }
  };
  const waiting = new AbortController();
  await Promise.race([reading(), delay(mostMs, undefined, { signal: waiting.signal })]).catch(() => {});
  waiting.abort();
}
