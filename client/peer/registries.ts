import { parseReference } from "../../engine/oci/reference.ts";
import { createReader, createSessions } from "../../engine/registry/reader.ts";
import type { StoredLogin } from "../../engine/registry/types.ts";

/** What can be asked about a registry. */
export type RegistryQuestion =
  /** Of Docker Hub those of one namespace. */
  | { readonly what: "repositories"; readonly registry: string; readonly namespace?: string }
  /** Of `host/name`. */
  | { readonly what: "tags"; readonly repository: string }
  /** Kept as `docker login` keeps it. */
  | { readonly what: "login"; readonly registry: string; readonly username: string; readonly password: string }
  | { readonly what: "logout"; readonly registry: string };

export type RegistryAnswer =
  /** As a pull wants them: with the registry, without it for Docker Hub. */
  | { readonly repositories: readonly string[] }
  | { readonly tags: readonly string[] }
  | { readonly login: StoredLogin }
  | { readonly logout: boolean };

const mostRepositories = 20_000;

/** @throws EngineError in words: no way there, no login, no list. */
export async function askRegistry(
  question: RegistryQuestion,
  insecureRegistries: readonly string[],
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const options = { settings: async () => ({ registryMirrors: [], insecureRegistries }) };
  const reader = createReader(options, createSessions(options));
  switch (question.what) {
    case "repositories": {
      const { registry, namespace } = question;
      const found =
        namespace === undefined
          ? await reader.search(`${registry}/`, mostRepositories, { signal })
          : await reader.namespace(namespace, { signal });
      return { repositories: found.map(({ name }) => name) };
    }
    case "tags":
      return { tags: await reader.tags(parseReference(question.repository), { signal }) };
    case "login": {
      const { registry, username, password } = question;
      return { login: await reader.login(registry, { username, password }, signal) };
    }
    case "logout":
      return { logout: await reader.logout(question.registry, signal) };
  }
}
