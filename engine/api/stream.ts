/**
 * Docker's multiplexed stream: each piece of output has a header of 8 bytes, the stream's number, three zeros, and the
 * length as a big-endian integer (Engine API, "Attach to a container", "Stream format").
 */
export type StreamName = "stdout" | "stderr";

const numbers: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2 };

export function frame(stream: StreamName, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = numbers[stream];
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

export const rawStream = "application/vnd.docker.raw-stream";
const multiplexedStream = "application/vnd.docker.multiplexed-stream";

/** Before API 1.42 both forms had the one name. */
export function streamType(tty: boolean, minor: number): string {
  return tty || minor < 42 ? rawStream : multiplexedStream;
}
