import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Address, type AddressOptions, parseAddress, type TlsFiles } from "./address.ts";

/** An engine that could be used. */
export interface EngineTarget {
  /** As the setting `drydock.engine` names it: `embedded`, `docker`, `podman`, `context:<name>`, `podman:<name>`, or an address. */
  readonly id: string;
  readonly kind: "embedded" | "docker" | "podman";
  /** Of the context or connection; for the others what they are called. */
  readonly name: string;
  /** Absent for the embedded engine, which is started with its first use. */
  readonly address?: Address;
  /** What `docker` on the command line would use. */
  readonly current?: boolean;
}

/** What the search looks at, so that tests bring their own. */
export interface TargetSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number;
}

export const embedded: EngineTarget = { id: "embedded", kind: "embedded", name: "Drydock" };

/** All that this user's configuration names, the embedded one first. Nothing is asked over a network; what is broken is left out. */
export function findTargets(around: TargetSurroundings): EngineTarget[] {
  return [embedded, ...dockerTargets(around), ...podmanTargets(around)];
}

/** In the order in which `auto` tries them: what `docker` would use, other local sockets, the embedded one. */
export function automaticOrder(targets: readonly EngineTarget[]): EngineTarget[] {
  const rank = (target: EngineTarget) =>
    target.current ? 0 : target.kind === "embedded" ? 9 : target.id === "docker" ? 1 : target.id === "podman" ? 2 : 5;
  // A context or a remote connection that nobody has chosen is not used by itself.
  return targets.filter((target) => rank(target) !== 5).toSorted((a, b) => rank(a) - rank(b));
}

function dockerTargets({ env, homeDir, platform, uid }: TargetSurroundings): EngineTarget[] {
  const folder = env.DOCKER_CONFIG || path.join(homeDir, ".docker");
  const contexts = contextTargets(folder);
  const chosen = env.DOCKER_HOST ? "" : env.DOCKER_CONTEXT || currentContext(folder);
  const named = contexts.map((target) => (target.name === chosen ? { ...target, current: true } : target));
  const isDefault = !named.some(({ current }) => current);
  const host = env.DOCKER_HOST
    ? address(env.DOCKER_HOST, env.DOCKER_TLS_VERIFY ? { tls: tlsIn(env.DOCKER_CERT_PATH || folder, false) } : {})
    : defaultSocket(dockerSockets({ env, homeDir, platform, uid }), platform);
  const plain: EngineTarget[] = host
    ? [{ id: "docker", kind: "docker", name: "Docker", address: host, ...(isDefault ? { current: true } : {}) }]
    : [];
  return [...plain, ...named];
}

function contextTargets(folder: string): EngineTarget[] {
  const meta = path.join(folder, "contexts", "meta");
  return listFolder(meta).flatMap((entry): EngineTarget[] => {
    const context = readJson(path.join(meta, entry, "meta.json")) as
      | { Name?: unknown; Endpoints?: { docker?: { Host?: unknown; SkipTLSVerify?: unknown } } }
      | undefined;
    const name = context?.Name;
    const endpoint = context?.Endpoints?.docker;
    if (typeof name !== "string" || typeof endpoint?.Host !== "string") return [];
    const hash = createHash("sha256").update(name).digest("hex");
    const tlsFolder = path.join(folder, "contexts", "tls", hash, "docker");
    const tls = existsSync(tlsFolder) ? { tls: tlsIn(tlsFolder, endpoint.SkipTLSVerify === true) } : {};
    const found = address(endpoint.Host, tls);
    return found ? [{ id: `context:${name}`, kind: "docker", name, address: found }] : [];
  });
}

function currentContext(folder: string): string {
  const config = readJson(path.join(folder, "config.json")) as { currentContext?: unknown } | undefined;
  return typeof config?.currentContext === "string" ? config.currentContext : "";
}

function dockerSockets({ env, homeDir, platform, uid }: TargetSurroundings): string[] {
  if (platform === "win32") return ["//./pipe/docker_engine", "//./pipe/dockerDesktopLinuxEngine"];
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  return [
    "/var/run/docker.sock",
    path.join(runtime, "docker.sock"),
    path.join(homeDir, ".docker", "run", "docker.sock"),
    path.join(homeDir, ".docker", "desktop", "docker.sock"),
    path.join(homeDir, ".colima", "default", "docker.sock"),
    path.join(homeDir, ".rd", "docker.sock"),
    path.join(homeDir, ".orbstack", "run", "docker.sock"),
  ];
}

function podmanTargets({ env, homeDir, platform, uid }: TargetSurroundings): EngineTarget[] {
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  const sockets =
    platform === "win32"
      ? ["//./pipe/podman-machine-default"]
      : [
          path.join(runtime, "podman", "podman.sock"),
          ...(uid === 0 ? ["/run/podman/podman.sock"] : []),
          path.join(homeDir, ".local", "share", "containers", "podman", "machine", "podman.sock"),
        ];
  const local = env.CONTAINER_HOST
    ? address(env.CONTAINER_HOST, { program: "podman", ...identity(env.CONTAINER_SSHKEY) })
    : defaultSocket(sockets, platform);
  const config = readJson(
    path.join(env.XDG_CONFIG_HOME || path.join(homeDir, ".config"), "containers", "podman-connections.json"),
  ) as { Connection?: { Connections?: Record<string, { URI?: unknown; Identity?: unknown }> } } | undefined;
  const connections = Object.entries(config?.Connection?.Connections ?? {}).flatMap(
    ([name, { URI, Identity }]): EngineTarget[] => {
      const found = typeof URI === "string" ? address(URI, { program: "podman", ...identity(Identity) }) : undefined;
      return found ? [{ id: `podman:${name}`, kind: "podman", name, address: found }] : [];
    },
  );
  return [
    ...(local ? [{ id: "podman", kind: "podman", name: "Podman", address: local } as const] : []),
    ...connections,
  ];
}

function identity(file: unknown): { readonly identityFile?: string } {
  return typeof file === "string" && file !== "" ? { identityFile: file } : {};
}

/** Pipes of Windows cannot be looked at without opening them: the first is taken. */
function defaultSocket(sockets: readonly string[], platform: NodeJS.Platform): Address | undefined {
  const found = platform === "win32" ? sockets[0] : sockets.find((socket) => existsSync(socket));
  return found === undefined ? undefined : { kind: "socket", path: found };
}

function tlsIn(folder: string, skipVerify: boolean): TlsFiles {
  const file = (name: string) => {
    const whole = path.join(folder, name);
    return existsSync(whole) ? whole : undefined;
  };
  const [ca, cert, key] = [file("ca.pem"), file("cert.pem"), file("key.pem")];
  return { skipVerify, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function address(text: string, options: AddressOptions): Address | undefined {
  try {
    return parseAddress(text, options);
  } catch {
    return undefined;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
