import type { EngineSettings } from "../base/drydock-api.ts";

/** One place that may have an image: a mirror or the registry itself. */
export interface Endpoint {
  /** For people, and the key for credentials: `docker.io`, `mirror.example.com:5000`. */
  readonly name: string;
  /** Base URLs without trailing slash, in the order in which they are tried. */
  readonly origins: readonly string[];
}

/** Whether a host may be spoken to without TLS, or with a certificate that nobody vouches for. */
export type IsInsecure = (host: string) => boolean;

export function insecureHosts({ insecureRegistries }: EngineSettings): IsInsecure {
  const listed = new Set(insecureRegistries.map((host) => host.toLowerCase()));
  return (host) => isLoopback(host) || listed.has(host.toLowerCase());
}

export function registryEndpoint(registry: string, isInsecure: IsInsecure): Endpoint {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  return { name: registry, origins: originsOf(host, isInsecure) };
}

/** `undefined` when the text is no usable URL. Without a scheme https is meant. */
export function mirrorEndpoint(mirror: string, isInsecure: IsInsecure): Endpoint | undefined {
  const text = /^[a-z]+:\/\//i.test(mirror) ? mirror : `https://${mirror}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, username, password, search, hash } = new URL(text);
  if (username || password || search || hash || !host) return undefined;
  const prefix = pathname.replace(/\/+$/, "");
  if (protocol === "http:") return { name: host, origins: [`http://${host}${prefix}`] };
  return protocol === "https:"
    ? { name: host, origins: originsOf(host, isInsecure).map((origin) => origin + prefix) }
    : undefined;
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return /^127(\.\d{1,3}){3}$/.test(name) || name === "[::1]" || name === "localhost" || name.endsWith(".localhost");
}

function originsOf(host: string, isInsecure: IsInsecure): readonly string[] {
  return isInsecure(host) ? [`https://${host}`, `http://${host}`] : [`https://${host}`];
}
