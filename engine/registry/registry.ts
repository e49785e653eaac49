import type { Dispatcher } from "undici";
import type { EngineSettings } from "../base/drydock-api.ts";
import { EngineError } from "../base/errors.ts";
import { formatMessage } from "../base/message.ts";
import { familiarReference, formatReference, type Reference } from "../oci/reference.ts";
import type { ContentStore } from "../store/types.ts";
import { credentialsFor } from "./credentials.ts";
import { type Endpoint, insecureHosts, mirrorEndpoint, registryEndpoint } from "./endpoints.ts";
import { allFailed, mirrorUnusable, type Wanted } from "./errors.ts";
import { pullFrom } from "./pull.ts";
import { type Login, Session } from "./session.ts";
import { createTransport, defaultTiming, type RegistryTiming } from "./transport.ts";
import type { PulledImage, PullOptions, Registry } from "./types.ts";

export interface RegistryOptions {
  readonly content: ContentStore;
  /** Asked at each pull. */
  readonly settings: () => Promise<EngineSettings>;
  /** Absolute path of docker's config.json; default DOCKER_CONFIG's or ~/.docker's. */
  readonly dockerConfig?: string;
  /** Instead of direct connections and the proxies of the environment. */
  readonly dispatcher?: Dispatcher;
  readonly timing?: Partial<RegistryTiming>;
}

export function createRegistry({ content, settings, dockerConfig, dispatcher, timing }: RegistryOptions): Registry {
  const times = { ...defaultTiming, ...timing };
  const transport = createTransport(times, dispatcher);
  const reachedAt = new Map<string, string>();

  async function login(endpoint: Endpoint, registry: string, options: PullOptions): Promise<Login> {
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

  return {
    async pull(reference, options = {}) {
      const { registryMirrors, insecureRegistries } = await settings();
      const isInsecure = insecureHosts({ registryMirrors, insecureRegistries });
      const wanted = wantedOf(reference);
      const asked: { host: string; error: EngineError }[] = [];
      const lease = content.lease();
      const attempt = async (endpoint: Endpoint): Promise<PulledImage | undefined> => {
        const session = new Session({
          endpoint,
          wanted,
          repository: reference.repository,
          transport,
          isInsecure,
          login: () => login(endpoint, reference.registry, options),
          reachedAt,
        });
        try {
          return await pullFrom(session, { content, reference, wanted, timing: times, options });
        } catch (error) {
          if (!(error instanceof EngineError) || isFinal(error)) throw error;
          asked.push({ host: endpoint.name, error });
          return undefined;
        }
      };
      try {
        for (const mirror of reference.registry === "docker.io" ? registryMirrors : []) {
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
