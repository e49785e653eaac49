import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";

/** Where an engine answers. */
export type Address =
  /** A unix socket, or a named pipe of Windows as `//./pipe/name`. */
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  /** Reached by `docker system dial-stdio` (or podman's) on the other side of an ssh(1). */
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** Of the socket there; absent: that machine's default. */
      readonly path?: string;
      readonly program: "docker" | "podman";
      readonly identityFile?: string;
    };

/** Files in PEM form, as docker keeps them for a context. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly skipVerify: boolean;
}

export interface AddressOptions {
  readonly tls?: TlsFiles;
  readonly program?: "docker" | "podman";
  readonly identityFile?: string;
}

/**
 * What DOCKER_HOST and contexts hold: `unix://`, `npipe://`, `tcp://`, `http(s)://`, `ssh://`, or a plain path.
 * @throws EngineError `invalid-argument`
 */
export function parseAddress(text: string, { tls, program = "docker", identityFile }: AddressOptions = {}): Address {
  if (/^(\/|\\\\|[A-Za-z]:\\)/.test(text)) return { kind: "socket", path: text.replaceAll("\\", "/") };
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case "unix":
    case "npipe":
      if (rest !== "") return { kind: "socket", path: rest };
      break;
    case "tcp":
    case "http":
    case "https": {
      const url = tryUrl(`http://${rest}`);
      if (!url?.hostname) break;
      const files = tls ?? (scheme.toLowerCase() === "https" ? { skipVerify: false } : undefined);
      const port = url.port === "" ? (files ? 2376 : 2375) : Number(url.port);
      return { kind: "tcp", host: url.hostname.replace(/^\[|\]$/g, ""), port, ...(files ? { tls: files } : {}) };
    }
    case "ssh": {
      const url = tryUrl(`http://${rest}`);
      // A password in an address would be seen in the list of processes.
      if (!url?.hostname || url.password !== "" || url.hostname.startsWith("-") || url.username.startsWith("-")) break;
      return {
        kind: "ssh",
        host: url.hostname.replace(/^\[|\]$/g, ""),
        program,
        ...(url.username ? { user: decodeURIComponent(url.username) } : {}),
        ...(url.port ? { port: Number(url.port) } : {}),
        ...(url.pathname.length > 1 ? { path: url.pathname } : {}),
        ...(identityFile ? { identityFile } : {}),
      };
    }
  }
  throw new EngineError({
    code: "invalid-argument",
    message: msg('"{text}" is not the address of an engine.', { text: text.replace(/\/\/[^/@]*@/, "//…@") }),
    hint: msg("An address looks like unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host."),
  });
}

/** For people. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case "socket":
      return address.path.startsWith("//./pipe/") ? `npipe://${address.path}` : `unix://${address.path}`;
    case "tcp":
      return `tcp://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
    case "ssh": {
      const at = address.user ? `${address.user}@` : "";
      const port = address.port ? `:${address.port}` : "";
      return `ssh://${at}${address.host}${port}${address.path ?? ""}`;
    }
  }
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
