import { EngineError } from "../base/errors.ts";
import type { Descriptor } from "../oci/types.ts";
import { discard } from "./body.ts";
import { cutOff, damagedAnswer, protocolError } from "./errors.ts";
import { pauseOrThrow } from "./retry.ts";
import type { Session } from "./session.ts";
import type { Answer, RegistryTiming } from "./transport.ts";

/** Even a line that gives a little each time is given up some day. */
const maxResumes = 50;

/**
 * The bytes of a blob, exactly as many as its descriptor says. A dropped or stalled connection is resumed where it ended
 * (RFC 9110, 14: Range). The digest over the whole is the consumer's to check.
 */
export async function* readBlob(
  session: Session,
  { digest, size }: Descriptor,
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { host, transport } = session;
  let received = 0;
  let failures = 0;
  for (let tries = 0; ; tries++) {
    try {
      const answer = await session.get(`blobs/${digest}`, { from: received, signal });
      let skip = await bytesToSkip(answer, received, host);
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        if (received + fresh.byteLength > size) throw damagedAnswer(host, digest);
        if (fresh.byteLength === 0) continue;
        received += fresh.byteLength;
        failures = 0;
        yield fresh;
      }
      if (received === size) return;
      throw cutOff(host, received, size);
    } catch (error) {
      // The connection may end badly after the last byte.
      if (received === size && size > 0 && !(error instanceof EngineError)) return;
      const told = transport.toError(error, host, signal);
      if (tries >= maxResumes) throw told;
      await pauseOrThrow(told, failures++, timing, signal);
    }
  }
}

/** A registry that does not know Range sends all again; what is there already is passed over. */
async function bytesToSkip(answer: Answer, received: number, host: string): Promise<number> {
  if (answer.statusCode === 200) return received;
  if (answer.statusCode === 206 && received > 0) {
    const start = /^bytes (\d+)-/.exec(String(answer.headers["content-range"] ?? ""))?.[1];
    if (Number(start) === received) return 0;
  }
  await discard(answer);
  throw protocolError(
    host,
    answer.statusCode === 404 ? "it lacks a part of the image" : "it sent another part than asked for",
  );
}
