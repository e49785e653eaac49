import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { Descriptor } from "../oci/types.ts";
import { discard } from "./body.ts";
import { cutOff, localDamage, protocolError, tooLargeForRegistry, uploadDamaged, uploadLost } from "./errors.ts";
import { pauseOrThrow } from "./retry.ts";
import type { Sent, Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";

/** A blob that is to be sent. */
export interface Outgoing {
  readonly blob: Descriptor;
  /** Absolute path of its bytes, asked for when the registry lacks it. */
  readonly file: () => Promise<string>;
  /** Repositories of this registry that may have it. */
  readonly homes: readonly string[];
}

export interface UploadOptions {
  readonly timing: RegistryTiming;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (sent: number) => void;
}

export type Outcome = { readonly how: "exists" | "pushed" } | { readonly how: "mounted"; readonly from: string };

/** A blob up to this size goes in one request beside the one that opens the upload. */
const smallBytes = 1024 * 1024;
/** Pieces for a registry (or a proxy before it) that refuses the whole. */
const pieces: readonly number[] = [Number.POSITIVE_INFINITY, 64, 16, 4, 1].map((mebi) => mebi * 1024 * 1024);
/** Even a line that takes a little each time is given up some day. */
const maxResumes = 50;

/**
 * OCI distribution 1.1, "Pushing blobs": asks first, then tries to mount it, then sends it. A dropped connection is
 * resumed where the registry says that it ended ("Pushing a blob in chunks", 416 and GET on the upload's location).
 */
export async function uploadBlob(session: Session, outgoing: Outgoing, options: UploadOptions): Promise<Outcome> {
  const upload = new Upload(session, outgoing, options);
  for (let failures = 0, tries = 0; ; tries++) {
    const before = upload.acknowledged;
    try {
      return await upload.run();
    } catch (error) {
      const told = session.transport.toError(error, session.host, options.signal);
      if (tries >= maxResumes) throw told;
      if (upload.acknowledged > before) failures = 0;
      await pauseOrThrow(told, failures++, options.timing, options.signal);
    }
  }
}

class Upload {
  readonly #session: Session;
  readonly #outgoing: Outgoing;
  readonly #options: UploadOptions;
  /** Where the next request of this upload goes; each answer names a new place. */
  #place: URL | undefined;
  #inDoubt = false;
  #piece = 0;
  #minimumPiece = 0;
  #mounts: readonly string[];
  /** Bytes that the registry says it has. */
  acknowledged = 0;

  constructor(session: Session, outgoing: Outgoing, options: UploadOptions) {
    this.#session = session;
    this.#outgoing = outgoing;
    this.#options = options;
    this.#mounts = outgoing.homes;
  }

  async run(): Promise<Outcome> {
    const { blob } = this.#outgoing;
    if (this.#place && this.#inDoubt) await this.#findOut(this.#place);
    this.#inDoubt = true;
    if (!this.#place) {
      if (await this.#isThere()) return { how: "exists" };
      const mounted = await this.#begin();
      if (mounted !== undefined) return { how: "mounted", from: mounted };
    }
    const file = await this.#outgoing.file();
    if (blob.size > smallBytes) {
      while (this.acknowledged < blob.size) await this.#sendPiece(file);
    }
    await this.#finish(file);
    return { how: "pushed" };
  }

  async #isThere(): Promise<boolean> {
    const { digest, size } = this.#outgoing.blob;
    const { answer } = await this.#session.send(`blobs/${digest}`, {
      method: "HEAD",
      expect: [200, 404],
      signal: this.#options.signal,
    });
    await discard(answer);
    const length = answer.headers["content-length"];
    // A registry that has it in another size has something else under this name; it takes it again.
    return answer.statusCode === 200 && (length === undefined || Number(length) === size);
  }

  /** Opens an upload, or gets the blob from another repository: then that is returned. */
  async #begin(): Promise<string | undefined> {
    const [from, ...others] = this.#mounts;
    this.#mounts = others;
    const query = from === undefined ? "" : `?${new URLSearchParams({ mount: this.#outgoing.blob.digest, from })}`;
    let sent: Sent;
    try {
      sent = await this.#session.send(`blobs/uploads/${query}`, {
        method: "POST",
        headers: { "content-length": "0" },
        expect: [201, 202],
        signal: this.#options.signal,
      });
    } catch (error) {
      // Perhaps it was only the other repository that may not be read.
      if (from === undefined) throw error;
      return this.#begin();
    }
    if (sent.answer.statusCode === 201) {
      await discard(sent.answer);
      if (from !== undefined) return from;
      throw protocolError(this.#session.host, "it has a blob that nobody sent");
    }
    this.acknowledged = 0;
    this.#minimumPiece = Number(sent.answer.headers["oci-chunk-min-length"] ?? 0) || 0;
    await this.#moveOn(sent);
    return undefined;
  }

  /** "Pushing a blob in chunks": GET on the location tells how far it got. */
  async #findOut(place: URL): Promise<void> {
    const sent = await this.#session.send(place, {
      method: "GET",
      expect: [200, 202, 204, 400, 403, 404, 405, 410, 501],
      signal: this.#options.signal,
    });
    const end = endOf(sent);
    const usable = sent.answer.statusCode < 300 && end !== undefined && end <= this.#outgoing.blob.size;
    if (!usable) {
      await discard(sent.answer);
      this.#place = undefined;
      return;
    }
    this.acknowledged = end;
    await this.#moveOn(sent);
  }

  async #sendPiece(file: string): Promise<void> {
    const { size } = this.#outgoing.blob;
    const from = this.acknowledged;
    const limit = Math.max(pieces[this.#piece] ?? smallBytes, this.#minimumPiece);
    const end = Math.min(size, from + limit);
    const isWhole = from === 0 && end === size;
    const sent = await this.#session.send(this.#where(), {
      method: "PATCH",
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(end - from),
        // Without it the body is the whole blob ("Pushing a blob monolithically" over PATCH, as Docker does).
        ...(isWhole ? {} : { "content-range": `${from}-${end - 1}` }),
      },
      body: () => this.#bytes(file, from, end),
      expect: [201, 202, 204, 404, 413, 416],
      signal: this.#options.signal,
    });
    const { statusCode } = sent.answer;
    if (statusCode === 413) {
      await discard(sent.answer);
      this.#piece += 1;
      this.#mounts = [];
      if (this.#piece >= pieces.length) throw tooLargeForRegistry(this.#session.host);
      await this.#begin();
      return;
    }
    if (statusCode === 404 || statusCode === 416) {
      await discard(sent.answer);
      if (statusCode === 404) this.#place = undefined;
      throw uploadLost(this.#session.host);
    }
    const told = endOf(sent) ?? end;
    if (told > size) throw protocolError(this.#session.host, "it says that it has more than was sent");
    this.acknowledged = told;
    await this.#moveOn(sent);
    if (told <= from) throw cutOff(this.#session.host, told, size);
  }

  /** The last request, with the digest; a small blob's only one. */
  async #finish(file: string): Promise<void> {
    const { digest, size } = this.#outgoing.blob;
    const from = this.acknowledged;
    const place = new URL(this.#where());
    place.searchParams.set("digest", digest);
    const { answer } = await this.#session.send(place, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream", "content-length": String(size - from) },
      ...(from < size ? { body: () => this.#bytes(file, from, size) } : {}),
      expect: [200, 201, 202, 204, 400, 404, 416],
      signal: this.#options.signal,
    });
    await discard(answer);
    if (answer.statusCode < 300) return;
    this.#place = undefined;
    this.acknowledged = 0;
    throw answer.statusCode === 400 ? uploadDamaged(this.#session.host, digest) : uploadLost(this.#session.host);
  }

  #bytes(file: string, from: number, end: number): Readable {
    const { onBytes } = this.#options;
    const { blob } = this.#outgoing;
    const damaged = () => localDamage(this.#session.wanted, blob.digest);
    return Readable.from(
      (async function* () {
        let sent = from;
        const source = createReadStream(file, { start: from, end: end - 1, highWaterMark: 256 * 1024 });
        for await (const chunk of source as AsyncIterable<Buffer>) {
          yield chunk;
          sent += chunk.byteLength;
          onBytes(sent);
        }
        if (sent !== end) throw damaged();
      })(),
      { objectMode: false },
    );
  }

  #where(): URL {
    if (!this.#place) throw uploadLost(this.#session.host);
    return this.#place;
  }

  async #moveOn({ answer, url }: Sent): Promise<void> {
    await discard(answer);
    const { location } = answer.headers;
    if (typeof location === "string") this.#place = this.#upgraded(location, url);
    else if (!this.#place) throw protocolError(this.#session.host, "it does not say where to send a blob");
  }

  /** Behind a proxy that speaks TLS for them, registries often name themselves http. */
  #upgraded(location: string, from: URL): URL {
    const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (next?.host === from.host && next.protocol === "http:" && from.protocol === "https:") next.protocol = "https:";
    return this.#session.resolve(next?.href ?? location, from);
  }
}

/** One past the last byte that is there. `0-0` is what registries also say of nothing. */
function endOf({ answer }: Sent): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers.range ?? ""))?.[1];
  if (last === undefined) return undefined;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}
