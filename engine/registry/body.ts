import { protocolError } from "./errors.ts";
import type { Answer, Transport } from "./transport.ts";

/** OCI distribution 1.1, "Pushing Manifests": registries accept at least 4 MiB; nobody may send us more. */
export const maxManifestBytes = 4 * 1024 * 1024;

interface ReadOptions {
  readonly host: string;
  readonly transport: Transport;
  readonly signal: AbortSignal | undefined;
}

/** A small body, whole. @throws EngineError `registry-protocol` when it is not small */
export async function readSmall(answer: Answer, { host, transport, signal }: ReadOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxManifestBytes) throw protocolError(host, `a document is larger than ${maxManifestBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw transport.toError(error, host, signal);
  }
  return Buffer.concat(chunks);
}

export async function readText(answer: Answer, options: ReadOptions): Promise<string> {
  return (await readSmall(answer, options)).toString("utf8");
}

/** Throws a body away that nobody reads, so that the connection can be used again. */
export async function discard(answer: Answer): Promise<void> {
  await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}
