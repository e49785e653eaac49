import type { Credentials } from "../registry/types.ts";
import { badField } from "./errors.ts";

/** `X-Registry-Auth`: base64url of Docker's AuthConfig. An empty one means nobody. Never logged, never in an error. */
export function readCredentials(header: string | readonly string[] | undefined): Credentials | undefined {
  return toCredentials(decode("X-Registry-Auth", header));
}

/** `X-Registry-Config`: AuthConfigs by registry, as the classic builder gets them. */
export function readRegistryConfig(
  header: string | readonly string[] | undefined,
): Readonly<Record<string, Credentials>> {
  const entries = Object.entries(decode("X-Registry-Config", header) ?? {}).flatMap(([server, value]) => {
    const credentials = toCredentials(value);
    return credentials ? [[registryHostOf(server), credentials] as const] : [];
  });
  return Object.fromEntries(entries);
}

function toCredentials(value: unknown): Credentials | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { username, password, identitytoken, registrytoken, auth } = value as Record<string, unknown>;
  let [name, secret] = [asText(username), asText(password)];
  if (!name && asText(auth)) {
    const pair = Buffer.from(asText(auth), "base64").toString();
    const colon = pair.indexOf(":");
    if (colon > 0) [name, secret] = [pair.slice(0, colon), pair.slice(colon + 1)];
  }
  const token = asText(identitytoken);
  const bearer = asText(registrytoken);
  if (!name && !token && !bearer) return undefined;
  return {
    username: name,
    password: secret,
    ...(token ? { identityToken: token } : {}),
    ...(bearer ? { registryToken: bearer } : {}),
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** docker.io is kept under the address of its first API; it is also what is meant by none. */
export function registryHostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "" || host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

function decode(name: string, header: string | readonly string[] | undefined): object | undefined {
  const text = typeof header === "string" ? header : header?.[0];
  if (!text) return undefined;
  let value: unknown;
  try {
    // Node's base64 reads both alphabets.
    const json = Buffer.from(text, "base64").toString().trim();
    value = json === "" ? undefined : JSON.parse(json);
  } catch {
    throw badField(name, "base64 of JSON");
  }
  return typeof value === "object" && value !== null ? value : undefined;
}
