import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { type Digest, toDigest } from "../base/digest.ts";
import { withoutCredentials } from "../graph/add.ts";
import { isLoopback } from "../registry/endpoints.ts";
import { checkSpace, writeBounded } from "./archive.ts";
import { bodyFile, type Download, memoryOf, recall } from "./downloads.ts";
import { checksumDiffers, downloadFailed, downloadRefused, tooManyRedirects } from "./fetch-errors.ts";

/** The body of an address, on disk. */
export interface FetchedFile {
  readonly file: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Of the server's Last-Modified; 0 when it does not say. */
  readonly mtimeMs: number;
}

export interface FetchOptions {
  readonly checksum?: string;
  readonly signal: AbortSignal;
  /** `totalBytes`: what the server says the whole is. */
  readonly onBytes?: (currentBytes: number, totalBytes?: number) => void;
}

const connectMs = 10_000;
const stallMs = 30_000;
const mostRedirects = 10;
const limits = { headersTimeout: stallMs, bodyTimeout: stallMs };

let proxied: Dispatcher | undefined;
let direct: Dispatcher | undefined;

/**
 * Downloads an address into `folder`, or finds that what is there is still right: the server is asked with the ETag or date
 * of the last answer. With a checksum whose body is here nobody is asked.
 * @throws EngineError in words for whatever the network and the server may do.
 */
export async function fetchUrl(address: string, folder: string, options: FetchOptions): Promise<FetchedFile> {
  const { checksum, signal } = options;
  await mkdir(path.join(folder, "bodies"), { recursive: true, mode: 0o700 });
  const memoryFile = memoryOf(address, folder);
  const known = recall(address, folder);
  if (known !== undefined && known.digest === checksum) return found(known, folder);

  let answer: Dispatcher.ResponseData | undefined;
  try {
    answer = await ask(new URL(address), known, signal);
    const { statusCode, headers, body } = answer;
    if (statusCode === 304 && known !== undefined) {
      await body.dump();
      return check(await found(known, folder), address, checksum);
    }
    if (statusCode < 200 || statusCode > 299) {
      await body.dump();
      throw downloadRefused(withoutCredentials(address), statusCode);
    }
    const sizeText = one(headers["content-length"]);
    const length = Number(sizeText ?? 0);
    if (length > 0) await checkSpace(folder, length, withoutCredentials(address));
    const totalBytes = length > 0 ? length : undefined;
    const fetched = await store(body, folder, {
      ...options,
      onBytes: (current) => options.onBytes?.(current, totalBytes),
    });
    const etag = one(headers.etag);
    const lastModified = one(headers["last-modified"]);
    const memory: Download = {
      ...fetched,
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    };
    const result = await check(await found(memory, folder), address, checksum);
    await writeFile(`${memoryFile}.new`, JSON.stringify(memory), { mode: 0o600 });
    await rename(`${memoryFile}.new`, memoryFile);
    return result;
  } catch (error) {
    answer?.body.destroy();
    answer?.body.on("error", () => undefined);
    throw downloadFailed(withoutCredentials(address), error, Math.round(stallMs / 1000), signal);
  }
}

async function ask(first: URL, known: Download | undefined, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  let url = first;
  for (let turn = 0; turn <= mostRedirects; turn += 1) {
    const answer = await request(url, {
      headers: headersFor(url, first, known),
      dispatcher: dispatcherFor(url),
      signal,
      ...limits,
    });
    const location = one(answer.headers.location);
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined) return answer;
    await answer.body.dump();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol)) return answer;
    url = next;
  }
  throw tooManyRedirects(withoutCredentials(first.href));
}

/** A name and password in the address are for its own host only. */
function headersFor(url: URL, first: URL, known: Download | undefined): Record<string, string> {
  const { username, password } = first;
  const isOwn = url.origin === first.origin && username !== "";
  const login = isOwn ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}` : "";
  return {
    "user-agent": "drydock",
    ...(isOwn ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : {}),
    ...(known?.etag !== undefined ? { "if-none-match": known.etag } : {}),
    ...(known?.etag === undefined && known?.lastModified !== undefined
      ? { "if-modified-since": known.lastModified }
      : {}),
  };
}

function dispatcherFor(url: URL): Dispatcher {
  const connect = { timeout: connectMs };
  if (isLoopback(url.host)) {
    direct ??= new Agent({ ...limits, connect });
    return direct;
  }
  proxied ??= new EnvHttpProxyAgent({ ...limits, connect });
  return proxied;
}

/** Written aside, hashed on the way, then named after what it is. */
async function store(
  body: AsyncIterable<Uint8Array>,
  folder: string,
  { signal, onBytes, checksum }: FetchOptions,
): Promise<{ digest: Digest; sizeBytes: number }> {
  const aside = path.join(folder, `${randomBytes(8).toString("hex")}.part`);
  const hash = createHash("sha256");
  // sha384 and sha512 are checked as well, but bodies are named by sha256.
  const other = checksum === undefined || checksum.startsWith("sha256:") ? undefined : checksum.split(":")[0];
  const second = other === undefined ? undefined : createHash(other);
  try {
    const hashed = async function* () {
      for await (const chunk of body) {
        hash.update(chunk);
        second?.update(chunk);
        yield chunk;
      }
    };
    const sizeBytes = await writeBounded(hashed(), aside, signal, onBytes);
    const digest = toDigest(hash);
    const actual = second === undefined ? undefined : `${other}:${second.digest("hex")}`;
    if (actual !== undefined && actual !== checksum) throw checksumDiffers(checksum ?? "", actual);
    await rename(aside, bodyFile(folder, digest));
    return { digest, sizeBytes };
  } finally {
    await rm(aside, { force: true });
  }
}

async function check(fetched: FetchedFile, address: string, checksum: string | undefined): Promise<FetchedFile> {
  if (checksum === undefined || checksum === fetched.digest) return fetched;
  if (checksum.startsWith("sha256:")) throw checksumDiffers(checksum, fetched.digest, withoutCredentials(address));
  const [algorithm = "sha256"] = checksum.split(":");
  const actual = `${algorithm}:${createHash(algorithm)
    .update(await readFile(fetched.file))
    .digest("hex")}`;
  if (actual !== checksum) throw checksumDiffers(checksum, actual, withoutCredentials(address));
  return fetched;
}

async function found(memory: Download, folder: string): Promise<FetchedFile> {
  const file = bodyFile(folder, memory.digest);
  const now = new Date();
  // The time of last use: the oldest go first when the folder grows too large.
  await utimes(file, now, now);
  const mtimeMs = Date.parse(memory.lastModified ?? "");
  return {
    file,
    digest: memory.digest,
    sizeBytes: memory.sizeBytes,
    mtimeMs: Number.isFinite(mtimeMs) && mtimeMs > 0 ? mtimeMs : 0,
  };
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
