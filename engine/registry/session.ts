import { EngineError } from "../base/errors.ts";
import { authorize } from "./authorization.ts";
import { discard } from "./body.ts";
import type { Endpoint, IsInsecure } from "./endpoints.ts";
import {
  accessRefused,
  imageNotFoundOrPrivate,
  loginNeeded,
  protocolError,
  RateLimited,
  serverFailed,
  type Wanted,
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

const maxRedirects = 5;

/** Reading from one repository of one registry: finds the base URL, logs in when asked, follows redirects. */
export class Session {
  readonly #options: SessionOptions;
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
  async get(path: string, options: GetOptions): Promise<Answer> {
    let used = this.#authorization;
    let { answer, url } = await this.#reach(path, options, used);
    if (answer.statusCode === 401) {
      // Another request of this session may have a newer token already; the one that was refused is of no use.
      if (this.#authorization === used) {
        this.#renewal ??= this.#authorize(answer, url, options.signal).finally(() => {
          this.#renewal = undefined;
        });
        await this.#renewal;
      }
      await discard(answer);
      used = this.#authorization;
      ({ answer, url } = await this.#reach(path, options, used));
    }
    const status = answer.statusCode;
    if (status === 200 || status === 206 || status === 404 || status === 416) return answer;
    await discard(answer);
    if (status === 401 || status === 403) throw await this.#refused(used);
    if (status === 429) throw RateLimited.from(this.host, answer);
    if (status >= 500) throw serverFailed(this.host, status);
    throw protocolError(this.host, `HTTP status ${status}`);
  }

  /** Tries the endpoint's base URLs until one answers at all, and stays with it. */
  async #reach(path: string, options: GetOptions, authorization: string | undefined) {
    const { endpoint, reachedAt, repository } = this.#options;
    const known = reachedAt.get(endpoint.name);
    const origins = known ? [known] : endpoint.origins;
    for (const [at, origin] of origins.entries()) {
      try {
        const answered = await this.#follow(new URL(`${origin}/v2/${repository}/${path}`), options, authorization);
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

  async #follow(start: URL, { accept, from, signal }: GetOptions, authorization: string | undefined) {
    const { transport, isInsecure } = this.#options;
    let url = start;
    let secret = authorization;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const answer = await transport.request(url, {
        headers: {
          "accept-encoding": "identity",
          ...(accept ? { accept } : {}),
          ...(from ? { range: `bytes=${from}-` } : {}),
          ...(secret ? { authorization: secret } : {}),
        },
        isInsecure,
        signal,
      });
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== "string")
        return { answer, url };
      await discard(answer);
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      const downgrade = next?.protocol === "http:" && url.protocol === "https:" && !isInsecure(next.host);
      if (!next || !/^https?:$/.test(next.protocol) || downgrade) {
        throw protocolError(this.host, "it points to a place that cannot be used");
      }
      // Blob storage has its own signature in the URL; our login is none of another host's business.
      if (next.origin !== url.origin) secret = undefined;
      url = next;
    }
    throw protocolError(this.host, "it sends from one place to the next without end");
  }

  async #authorize(answer: Answer, url: URL, signal: AbortSignal | undefined): Promise<void> {
    const { transport, isInsecure, repository } = this.#options;
    const { credentials, problem } = await this.#loginOnce();
    this.#authorization = await authorize(transport, {
      answer,
      url,
      host: this.host,
      wanted: this.wanted,
      scope: `repository:${repository}:pull`,
      credentials,
      problem,
      isInsecure,
      signal,
    });
  }

  async #refused(authorization: string | undefined): Promise<EngineError> {
    const { credentials, problem } = await this.#loginOnce();
    if (credentials) return accessRefused(this.host, this.wanted);
    return authorization ? imageNotFoundOrPrivate(this.wanted, this.host, problem) : loginNeeded(this.host, problem);
  }

  #loginOnce(): Promise<Login> {
    this.#login ??= this.#options.login();
    return this.#login;
  }
}
