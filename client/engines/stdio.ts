/** A piece of a container's output. */
export interface Output {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

/**
 * Splits Docker's multiplexed stream (Engine API, "Attach to a container", stream format: 8-byte header with the stream's
 * number and the payload's length). With a terminal there is no framing: all is stdout.
 */
export async function* demultiplex(
  source: AsyncIterable<unknown> | Iterable<unknown>,
  tty: boolean,
): AsyncGenerator<Output, void, void> {
  if (tty) {
    for await (const chunk of source) yield { stream: "stdout", data: Buffer.from(chunk as Buffer) };
    return;
  }
  let buffer: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of source) {
      buffer = buffer.length === 0 ? (chunk as Buffer) : Buffer.concat([buffer, chunk as Buffer]);
      while (buffer.length >= 8) {
        const end = 8 + buffer.readUInt32BE(4);
        if (buffer.length < end) break;
        yield { stream: buffer[0] === 2 ? "stderr" : "stdout", data: buffer.subarray(8, end) };
        buffer = buffer.subarray(end);
      }
    }
  } catch (error) {
    // The engine going away in the middle ends the stream; callers look at the container's state next.
    if (
      !(error instanceof Error) ||
      !/aborted|ECONNRESET/.test(`${error.message} ${(error as NodeJS.ErrnoException).code}`)
    )
      throw error;
  }
}
