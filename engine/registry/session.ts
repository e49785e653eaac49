import type { Readable } from "node:stream";
import { EngineError } from "../base/errors.ts";
import { authorize } from "./authorization.ts";
import { discard, readText } from "./body.ts";
import type { Endpoint, IsInsecure } from "./endpoints.ts";
import {
  accessRefused,
  imageNotFoundOrPrivate,
  loginNeeded,
  protocolError,
  pushRefused,
  RateLimited,
  refusedByRegistry,
  serverFailed,
  type Wanted,
  wrongLogin,
} from "./errors.ts";
import type { Answer, Transport } from "./transport.ts";
import type { Credentials } from "./types.ts";

export interface SessionOptions {
  readonly endpoint: Endpoint;
  readonly wanted: Wanted;
  /** `library/node` */
  readonly repository: string;
  readonly transport: Transport;
  readonly isInsecure: IsInsecure;
  /** What is going to be done there: decides what a token is asked for. Default `pull`. */
  readonly access?: "pull" | "push" | "login";
  /** Other repositories that are read from (mounts). */
  readonly alsoReads?: readonly string[];
  /** Asked for at most once, and only when the registry wants to know. */
  readonly login: () => Promise<Login>;
  /** Which of its base URLs each endpoint was last found at. */
  readonly reachedAt: Map<string, string>;
}

export interface Login {
  readonly credentials: Credentials | undefined;
  /** Why there is none although one is stored. */
  readonly problem: string | undefined;
}

export interface GetOptions {
  readonly accept?: string;
  /** First byte wanted. */
  readonly from?: number;
  readonly signal: AbortSignal | undefined;
}

export interface SendOptions {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each request that carries it. */
  readonly body?: () => Readable | Buffer;
  /** Statuses that the caller deals with; all others are EngineErrors. */
  readonly expect: readonly number[];
  readonly signal: AbortSignal | undefined;
}

export interface Sent {
  readonly answer: Answer;
  /** Who answered, after redirects. */
  readonly url: URL;
}

const maxRedirects = 5;

/** Requests to one repository of one registry: finds the base URL, logs in when asked, follows redirects. */
export class Session {
  readonly #options: SessionOptions;
  /** What the token server gave to keep instead of a password. */
  identityToken: string | undefined;
  #authorization: string | undefined;
  #login: Promise<Login> | undefined;
  /** Layers that meet an old token at the same time ask for a new one once. */
  #renewal: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.endpoint.name;
  }

  get wanted(): Wanted {
    return this.#options.wanted;
  }

  get transport(): Transport {
    return this.#options.transport;
  }

  /** `path` below the repository. Answers 200, 206, 404 and 416; all else is an EngineError. */
  async get(path: string, { accept, from, signal }: GetOptions): Promise<Answer> {
    const headers = { ...(accept ? { accept } : {}), ...(from ? { range: `bytes=${from}-` } : {}) };
    return (await this.send(path, { method: "GET", headers, expect: [200, 206, 404, 416], signal })).answer;
  }

  /** `target` is a path below the repository, one below the registry (`/v2/`), or the URL that the registry gave. */
  async send(target: string | URL, options: SendOptions): Promise<Sent> {
    let used = this.#authorization;
    let sent = await this.#reach(target, options, used);
    if (sent.answer.statusCode === 401) {
      // Another request of this session may have a newer token already; the one that was refused is of no use.
      if (this.#authorization === used) {
        const { answer, url } = sent;
        this.#renewal ??= this.#authorize(answer, url, options.signal).finally(() => {
          this.#renewal = undefined;
        });
        await this.#renewal;
      }
      await discard(sent.answer);
      used = this.#authorization;
      sent = await this.#reach(target, options, used);
    }
    const { answer } = sent;
    const status = answer.statusCode;
    if (options.expect.includes(status)) return sent;
    if (status === 429) {
      await discard(answer);
      throw RateLimited.from(this.host, answer);
    }
    const said = options.method === "HEAD" ? "" : await this.#complaint(answer, options.signal);
    if (status === 401 || status === 403) throw await this.#refused(used, said);
    if (status >= 500) throw serverFailed(this.host, status);
    throw said && this.#options.access === "push"
      ? refusedByRegistry(this.host, status, said)
      : protocolError(this.host, `HTTP status ${status}`);
  }

  /** Tries the endpoint's base URLs until one answers at all, and stays with it. */
  async #reach(target: string | URL, options: SendOptions, authorization: string | undefined): Promise<Sent> {
    const { endpoint, reachedAt, repository } = this.#options;
    const known = reachedAt.get(endpoint.name);
    const origins = known ? [known] : endpoint.origins;
    if (target instanceof URL) {
      // Blob storage has its own signature in the URL; our login is none of another host's business.
      const isHome = origins.some((origin) => new URL(origin).origin === target.origin);
      return this.#follow(target, options, isHome ? authorization : undefined);
    }
    const path = target.startsWith("/") ? target : `/v2/${repository}/${target}`;
    for (const [at, origin] of origins.entries()) {
      try {
        const answered = await this.#follow(new URL(origin + path), options, authorization);
        reachedAt.set(endpoint.name, origin);
        return answered;
      } catch (error) {
        const unreachable = error instanceof EngineError && error.code === "registry-unreachable";
        if (unreachable) reachedAt.delete(endpoint.name);
        if (!unreachable || at === origins.length - 1) throw error;
      }
    }
    throw new Error("an endpoint without a base URL");
  }

  async #follow(start: URL, options: SendOptions, authorization: string | undefined): Promise<Sent> {
    const { transport, isInsecure } = this.#options;
    const { method, headers, body, signal } = options;
    // RFC 9110, 15.4: only 307 and 308 keep a method that writes.
    const redirects = method === "GET" || method === "HEAD" ? [301, 302, 303, 307, 308] : [307, 308];
    let url = start;
    let secret = authorization;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const answer = await transport.request(url, {
        method,
        headers: { "accept-encoding": "identity", ...headers, ...(secret ? { authorization: secret } : {}) },
        ...(body ? { body: body() } : {}),
        isInsecure,
        signal,
      });
      const { location } = answer.headers;
      if (!redirects.includes(answer.statusCode) || typeof location !== "string") return { answer, url };
      await discard(answer);
      const next = this.resolve(location, url);
      if (next.origin !== url.origin) secret = undefined;
      url = next;
    }
    throw protocolError(this.host, "it sends from one place to the next without end");
  }

  /** An address that the registry gave. @throws EngineError `registry-protocol` when nobody should go there */
  resolve(location: string, from: URL): URL {
    const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const downgrade = next?.protocol === "http:" && from.protocol === "https:" && !this.#options.isInsecure(next.host);
    if (!next || !/^https?:$/.test(next.protocol) || downgrade) {
      throw protocolError(this.host, "it points to a place that cannot be used");
    }
    return next;
  }

  async #authorize(answer: Answer, url: URL, signal: AbortSignal | undefined): Promise<void> {
    const { transport, isInsecure, repository, access, alsoReads = [] } = this.#options;
    const { credentials, problem } = await this.#loginOnce();
    const { header, identityToken } = await authorize(transport, {
      answer,
      url,
      host: this.host,
      wanted: this.wanted,
      scopes:
        access === "login"
          ? []
          : [
              `repository:${repository}:${access === "push" ? "pull,push" : "pull"}`,
              ...alsoReads.map((other) => `repository:${other}:pull`),
            ],
      // A question that needs less is asked first: one token for all that follows.
      insist: access === "push" || access === "login",
      isLogin: access === "login",
      credentials,
      problem,
      isInsecure,
      signal,
    });
    this.#authorization = header;
    this.identityToken = identityToken;
  }

  async #refused(authorization: string | undefined, said: string): Promise<EngineError> {
    const { credentials, problem } = await this.#loginOnce();
    if (this.#options.access === "login") return wrongLogin(this.host);
    if (this.#options.access === "push") {
      return credentials ? pushRefused(this.host, this.wanted, said) : loginNeeded(this.host, problem);
    }
    if (credentials) return accessRefused(this.host, this.wanted);
    return authorization ? imageNotFoundOrPrivate(this.wanted, this.host, problem) : loginNeeded(this.host, problem);
  }

  /** OCI distribution 1.1, "Error Codes". Nothing that could be our own secret sent back. */
  async #complaint(answer: Answer, signal: AbortSignal | undefined): Promise<string> {
    const { host, transport } = this;
    const text = await readText(answer, { host, transport, signal }).catch(() => "");
    const secrets = [this.#authorization?.split(" ")[1], (await this.#login)?.credentials?.password];
    if (secrets.some((secret) => secret && text.includes(secret))) return "";
    try {
      const { errors } = JSON.parse(text) as { errors?: readonly { code?: unknown; message?: unknown }[] };
      const [first] = errors ?? [];
      const words = [first?.code, first?.message].filter((word) => typeof word === "string" && word !== "");
      return words
        .join(": ")
        .replace(/[^\x20-\x7e]+/g, " ")
        .slice(0, 200);
    } catch {
      return "";
    }
  }

  #loginOnce(): Promise<Login> {
    this.#login ??= this.#options.login();
    return this.#login;
  }
}
