import { EngineError } from "../base/errors.ts";
import { isIndex } from "../oci/documents.ts";
import type { ContentStore, PackedLayers } from "../store/types.ts";
import { type Endpoint, insecureHosts, mirrorEndpoint, registryEndpoint } from "./endpoints.ts";
import { allFailed, mirrorUnusable } from "./errors.ts";
import { pullFrom } from "./pull.ts";
import { pushTo } from "./push.ts";
import { createReader, createSessions, type ReaderOptions, wantedOf } from "./reader.ts";
import type { PulledImage, RegistryClient } from "./types.ts";

export interface RegistryOptions extends ReaderOptions {
  readonly content: ContentStore;
  /** Needed for pushes. */
  readonly packed?: PackedLayers;
}

export function createRegistry(created: RegistryOptions): RegistryClient {
  const { content, packed, settings } = created;
  const sessions = createSessions(created);
  const { open, home, times } = sessions;

  return {
    ...createReader(created, sessions),

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
