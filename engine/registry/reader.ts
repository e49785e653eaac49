import type { Dispatcher } from "undici";
import type { EngineSettings } from "../base/drydock-api.ts";
import { EngineError } from "../base/errors.ts";
import { formatMessage } from "../base/message.ts";
import { familiarReference, formatReference, type Reference } from "../oci/reference.ts";
import { credentialsFor } from "./credentials.ts";
import { describeRemote } from "./describe.ts";
import { defaultConfigFile, eraseLogin, storeLogin } from "./docker-config.ts";
import { type Endpoint, insecureHosts, registryEndpoint } from "./endpoints.ts";
import { searchUnreachable, type Wanted } from "./errors.ts";
import { listNamespace, listTags, searchCatalog, searchHub, splitTerm } from "./search.ts";
import { type Login, Session, type SessionOptions } from "./session.ts";
import { createTransport, defaultTiming, type RegistryTiming } from "./transport.ts";
import type { CallOptions, RegistryBrowser, RegistryReader } from "./types.ts";

export interface ReaderOptions {
  /** Asked at each call. */
  readonly settings: () => Promise<EngineSettings>;
  /** Absolute path of docker's config.json; default DOCKER_CONFIG's or ~/.docker's. */
  readonly dockerConfig?: string;
  /** Instead of direct connections and the proxies of the environment. */
  readonly dispatcher?: Dispatcher;
  readonly timing?: Partial<RegistryTiming>;
  /** Base URL of Docker Hub's pages, which know what a namespace has. */
  readonly hubUrl?: string;
}

type Opened = Pick<SessionOptions, "isInsecure" | "access" | "alsoReads">;

export type Sessions = ReturnType<typeof createSessions>;

const hubSearch = "https://index.docker.io";
const hubPages = "https://hub.docker.com";

/** The ways to registries, with the logins that are stored. */
export function createSessions({ settings, dockerConfig, dispatcher, timing }: ReaderOptions) {
  const times = { ...defaultTiming, ...timing };
  const transport = createTransport(times, dispatcher);
  const reachedAt = new Map<string, string>();

  async function login(endpoint: Endpoint, registry: string, options: CallOptions): Promise<Login> {
    // What was given is for the registry that was named; a mirror never sees it.
    if (options.credentials && endpoint.name === registry) {
      return { credentials: options.credentials, problem: undefined };
    }
    let problem: string | undefined;
    const credentials = await credentialsFor(endpoint.name, {
      ...(dockerConfig ? { configFile: dockerConfig } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
      onProblem: (message) => {
        problem = formatMessage(message);
      },
    });
    return { credentials, problem };
  }

  function open(endpoint: Endpoint, reference: Reference, options: CallOptions, rest: Opened): Session {
    return new Session({
      endpoint,
      wanted: wantedOf(reference),
      repository: reference.repository,
      transport,
      login: () => login(endpoint, reference.registry, options),
      reachedAt,
      ...rest,
    });
  }

  /** The registry itself, no mirror. */
  async function home(reference: Reference, options: CallOptions, rest: Omit<Opened, "isInsecure"> = {}) {
    const isInsecure = insecureHosts(await settings());
    return open(registryEndpoint(reference.registry, isInsecure), reference, options, { isInsecure, ...rest });
  }

  return { open, home, times };
}

/** What needs no store: lists, logins, what a name points to. */
export function createReader(
  { settings, dockerConfig, hubUrl = hubPages }: ReaderOptions,
  { open, home, times }: Sessions,
): RegistryBrowser {
  const checkLogin: RegistryReader["checkLogin"] = async (registry, credentials, signal) => {
    const reference = { registry, repository: registry };
    const session = await home(reference, { credentials, ...(signal ? { signal } : {}) }, { access: "login" });
    const { answer } = await session.send("/v2/", { method: "GET", expect: [200], signal });
    await answer.body.dump();
    return session.identityToken ? { identityToken: session.identityToken } : {};
  };

  return {
    checkLogin,

    async login(registry, credentials, signal) {
      const { identityToken } = await checkLogin(registry, credentials, signal);
      const kept = { ...credentials, ...(identityToken ? { identityToken } : {}) };
      return storeLogin(dockerConfig ?? defaultConfigFile(), registry, kept, signal);
    },

    logout: (registry, signal) => eraseLogin(dockerConfig ?? defaultConfigFile(), registry, signal),

    async describe(reference, options = {}) {
      return describeRemote(await home(reference, options), reference, times, options.signal);
    },

    async tags(reference, options = {}) {
      return listTags(await home(reference, options), times, options.signal);
    },

    async search(text, limit, options = {}) {
      const { host, term } = splitTerm(text);
      const { searchUrl = hubSearch, ...rest } = await settings();
      const isInsecure = insecureHosts(rest);
      const endpoint = host
        ? registryEndpoint(host, isInsecure)
        : { name: new URL(searchUrl).host, origins: [searchUrl.replace(/\/+$/, "")] };
      // Docker Hub's login is for its registry; its index is asked without.
      const session = open(endpoint, { registry: endpoint.name, repository: term || "-" }, options, { isInsecure });
      const find = host ? searchCatalog : searchHub;
      try {
        return await find(session, term, limit, times, options.signal);
      } catch (error) {
        const known = error instanceof EngineError && error.code === "registry-unreachable";
        throw known ? searchUnreachable(endpoint.name, error) : error;
      }
    },

    async namespace(name, options = {}) {
      const endpoint = { name: new URL(hubUrl).host, origins: [hubUrl.replace(/\/+$/, "")] };
      const isInsecure = insecureHosts(await settings());
      const session = open(endpoint, { registry: endpoint.name, repository: name }, options, { isInsecure });
      return listNamespace(session, name, times, options.signal);
    },
  };
}

export function wantedOf(reference: Reference): Wanted {
  const { registry, repository } = reference;
  return {
    name: familiarReference(reference).replace(/:latest$/, ""),
    repository: `${registry}/${repository}`,
    image: formatReference(reference),
  };
}
