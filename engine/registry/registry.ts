import type { Dispatcher } from "undici";
import type { EngineSettings } from "../base/drydock-api.ts";
import { EngineError } from "../base/errors.ts";
import { formatMessage } from "../base/message.ts";
import { isIndex } from "../oci/documents.ts";
import { familiarReference, formatReference, type Reference } from "../oci/reference.ts";
import type { ContentStore, PackedLayers } from "../store/types.ts";
import { credentialsFor } from "./credentials.ts";
import { describeRemote } from "./describe.ts";
import { defaultConfigFile, eraseLogin, storeLogin } from "./docker-config.ts";
import { type Endpoint, insecureHosts, mirrorEndpoint, registryEndpoint } from "./endpoints.ts";
import { allFailed, mirrorUnusable, searchUnreachable, type Wanted } from "./errors.ts";
import { pullFrom } from "./pull.ts";
import { pushTo } from "./push.ts";
import { listTags, searchCatalog, searchHub, splitTerm } from "./search.ts";
import { type Login, Session, type SessionOptions } from "./session.ts";
import { createTransport, defaultTiming, type RegistryTiming } from "./transport.ts";
import type { Credentials, PulledImage, RegistryClient } from "./types.ts";

export interface RegistryOptions {
  readonly content: ContentStore;
  /** Needed for pushes. */
  readonly packed?: PackedLayers;
  /** Asked at each pull. */
  readonly settings: () => Promise<EngineSettings>;
  /** Absolute path of docker's config.json; default DOCKER_CONFIG's or ~/.docker's. */
  readonly dockerConfig?: string;
  /** Instead of direct connections and the proxies of the environment. */
  readonly dispatcher?: Dispatcher;
  readonly timing?: Partial<RegistryTiming>;
}

interface CallOptions {
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
}

const hubSearch = "https://index.docker.io";

export function createRegistry(created: RegistryOptions): RegistryClient {
  const { content, packed, settings, dockerConfig, dispatcher, timing } = created;
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

  type Opened = Pick<SessionOptions, "isInsecure" | "access" | "alsoReads">;

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

  const checkLogin: RegistryClient["checkLogin"] = async (registry, credentials, signal) => {
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

    async push(reference, manifest, options = {}) {
      if (!packed) throw new Error("this registry client cannot push");
      const lease = content.lease();
      try {
        // Who has what elsewhere decides what the token must let us read.
        const document = await content.readJson<unknown>(manifest.digest);
        const layers = isIndex(document) ? [] : ((document as { layers?: { digest: never }[] }).layers ?? []);
        const homes = layers.flatMap(({ digest }) => options.homesOf?.(digest) ?? []);
        const session = await home(reference, options, { access: "push", alsoReads: [...new Set(homes)].slice(0, 10) });
        return await pushTo(session, manifest, { content, packed, reference, timing: times, options });
      } finally {
        lease.release();
      }
    },

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

    async pull(reference, options = {}) {
      const known = await settings();
      const isInsecure = insecureHosts(known);
      const asked: { host: string; error: EngineError }[] = [];
      const lease = content.lease();
      const wanted = wantedOf(reference);
      const attempt = async (endpoint: Endpoint): Promise<PulledImage | undefined> => {
        const session = open(endpoint, reference, options, { isInsecure });
        try {
          return await pullFrom(session, { content, reference, wanted, timing: times, options });
        } catch (error) {
          if (!(error instanceof EngineError) || isFinal(error)) throw error;
          asked.push({ host: endpoint.name, error });
          return undefined;
        }
      };
      try {
        for (const mirror of reference.registry === "docker.io" ? known.registryMirrors : []) {
          const endpoint = mirrorEndpoint(mirror, isInsecure);
          if (!endpoint) {
            // Somebody may have written a password into it.
            const shown = mirror.replace(/^(.*\/\/)?.*@/s, "$1…@");
            asked.push({ host: shown, error: mirrorUnusable(shown) });
          }
          const image = endpoint && (await attempt(endpoint));
          if (image) return image;
        }
        const image = await attempt(registryEndpoint(reference.registry, isInsecure));
        if (image) return image;
      } finally {
        lease.release();
      }
      const [only, ...others] = asked;
      throw only && others.length === 0 ? only.error : allFailed(wanted, asked);
    },
  };
}

/** Another registry would not help. */
function isFinal({ code }: EngineError): boolean {
  return code === "cancelled" || code === "disk-full" || code === "internal";
}

function wantedOf(reference: Reference): Wanted {
  const { registry, repository } = reference;
  return {
    name: familiarReference(reference).replace(/:latest$/, ""),
    repository: `${registry}/${repository}`,
    image: formatReference(reference),
  };
}
