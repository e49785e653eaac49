import type { Readable } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { EngineError } from "../base/errors.ts";
import { type IsInsecure, isLoopback } from "./endpoints.ts";
import {
  cancelled,
  connectionFailed,
  connectionRefused,
  hostNotFound,
  stalled,
  untrustedCertificate,
} from "./errors.ts";

/** Times in ms. */
export interface RegistryTiming {
  readonly connectMs: number;
  /** No byte for so long: the connection is given up. */
  readonly stallMs: number;
  /** Pauses before the second, third, … try. */
  readonly backoffMs: readonly number[];
  /** The longest Retry-After that is waited for. */
  readonly patienceMs: number;
}

export const defaultTiming: RegistryTiming = {
  connectMs: 10_000,
  stallMs: 30_000,
  backoffMs: [250, 1000, 3000],
  patienceMs: 15_000,
};

export interface RequestOptions {
  readonly method?: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  readonly isInsecure: IsInsecure;
  readonly signal: AbortSignal | undefined;
}

export type Answer = Dispatcher.ResponseData;

/** One HTTP exchange; redirects and status codes are the caller's. Failures of the network are EngineErrors. */
export interface Transport {
  request(url: URL, options: RequestOptions): Promise<Answer>;
  /** The same judgement on what a body throws while it is read. */
  toError(error: unknown, host: string, signal: AbortSignal | undefined): unknown;
}

export function createTransport(timing: RegistryTiming, dispatcher?: Dispatcher): Transport {
  const limits = { headersTimeout: timing.stallMs, bodyTimeout: timing.stallMs };
  const verified = { timeout: timing.connectMs };
  const unverified = { ...verified, rejectUnauthorized: false };
  // Proxies are for the world outside: as in Go's and curl's rules a loopback host is never asked of one.
  const direct = lazily(() => new Agent({ ...limits, connect: unverified }));
  const proxied = lazily(() => new EnvHttpProxyAgent({ ...limits, connect: verified }));
  const proxiedInsecure = lazily(
    () => new EnvHttpProxyAgent({ ...limits, connect: unverified, requestTls: { rejectUnauthorized: false } }),
  );

  function toError(error: unknown, host: string, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return cancelled();
    const code = (error as { code?: unknown } | undefined)?.code;
    return error instanceof EngineError || typeof code !== "string" ? error : networkError(error, code, host, timing);
  }

  return {
    toError,
    async request(url, { method = "GET", headers, body, isInsecure, signal }) {
      const agent = isLoopback(url.host) ? direct() : isInsecure(url.host) ? proxiedInsecure() : proxied();
      try {
        return await request(url, {
          method,
          headers: { "user-agent": "drydock", ...headers },
          dispatcher: dispatcher ?? agent,
          ...limits,
          ...(body === undefined ? {} : { body }),
          ...(signal ? { signal } : {}),
        });
      } catch (error) {
        throw toError(error, url.host, signal);
      }
    },
  };
}

function networkError(error: unknown, code: string, host: string, timing: RegistryTiming): EngineError {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return hostNotFound(host, code === "EAI_AGAIN", error);
  if (code === "ECONNREFUSED") return connectionRefused(host, error);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return stalled(host, Math.ceil(timing.stallMs / 1000), error);
  }
  // OpenSSL's verification results, as Node names them.
  if (/CERT|UNABLE_TO_(VERIFY|GET)/.test(code)) return untrustedCertificate(host, code, error);
  return connectionFailed(host, code, error);
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
