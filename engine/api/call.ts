import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { bodyOf } from "./body.ts";
import { badBody, badParameter, bodyTooLarge } from "./errors.ts";

/** One request being answered. */
export interface Call {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The part after `1.` of the API version asked for. */
  readonly minor: number;
  /** Aborted when the client goes away, or when the engine ends. */
  readonly signal: AbortSignal;
  /** Present when the client asked to leave HTTP (`Upgrade: tcp`): everything it sent after the head is still unread. */
  readonly upgrade?: Duplex;
}

/** Requests in JSON are small; build contexts do not come this way. */
const bodyLimitBytes = 4 * 1024 * 1024;

export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

export function sendJson(call: Call, status: number, body: unknown): void {
  sendText(call, status, `${JSON.stringify(body)}\n`, "application/json");
}

export function sendText(call: Call, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  const data = Buffer.from(text);
  call.res.writeHead(status, { "content-type": type, "content-length": data.length });
  call.res.end(call.req.method === "HEAD" ? undefined : data);
}

export function sendEmpty(call: Call, status: number): void {
  call.res.writeHead(status);
  call.res.end();
}

/** As Go's strconv.ParseBool is lenient in Docker's handlers: these are false, everything else is true. */
export function flag(call: Call, name: string, fallback = false): boolean {
  const value = call.query.get(name);
  if (value === null || value === "") return fallback;
  return !["0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

/** A query value; an empty one counts as absent. */
export function text(call: Call, name: string): string | undefined {
  return call.query.get(name) || undefined;
}

export function integer(call: Call, name: string): number | undefined {
  const value = text(call, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(value)) throw badParameter(name, value);
  return Number(value);
}

/** The body as JSON; an empty body is `{}`. @throws EngineError `invalid-argument` */
export async function readBody(call: Call): Promise<unknown> {
  const data = call.upgrade ? await readUpgraded(call, call.upgrade) : await readPlain(call.req);
  if (data.toString().trim() === "") return {};
  try {
    return JSON.parse(data.toString());
  } catch (error) {
    throw badBody(error instanceof Error ? error.message : String(error));
  }
}

/** Takes away the body that some clients (dockerode) send with an upgrade that needs none; the raw stream comes behind it. */
export async function skipUpgradedBody(call: Call): Promise<void> {
  if (call.upgrade) await readUpgraded(call, call.upgrade);
}

async function readPlain(req: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(req)) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// Node hands a request with `Upgrade:` over without reading its body, which Docker's clients do send (exec start).
async function readUpgraded(call: Call, socket: Duplex): Promise<Buffer> {
  if (call.req.headers["transfer-encoding"]) throw badBody("a chunked body cannot be followed by a raw stream");
  const length = Number(call.req.headers["content-length"] ?? 0);
  if (!(length <= bodyLimitBytes)) throw bodyTooLarge(bodyLimitBytes);
  const chunks: Buffer[] = [];
  let missing = length;
  while (missing > 0) {
    const chunk = socket.read(Math.min(missing, Math.max(1, socket.readableLength))) as Buffer | null;
    if (chunk) {
      chunks.push(chunk);
      missing -= chunk.length;
    } else if (!(await readable(socket))) {
      throw badBody("it ends too early");
    }
  }
  return Buffer.concat(chunks);
}

function readable(socket: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (more: boolean) => {
      socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd);
      resolve(more);
    };
    const onReadable = () => settle(true);
    const onEnd = () => settle(false);
    socket.on("readable", onReadable).on("end", onEnd).on("close", onEnd);
  });
}
