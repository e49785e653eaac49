import type Docker from "dockerode";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { EngineSettings, EngineStatus } from "../../engine/base/drydock-api.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { tryParseReference } from "../../engine/oci/reference.ts";
import { engineEnded, linesOf, readAll, send, untilBroken, type Way } from "./http.ts";
import { askPeer } from "./peer.ts";
import { pullQuery, readPullProgress } from "./pull.ts";
import { type EngineTarget, embedded } from "./targets.ts";
import { openTransport, type Transport } from "./transport.ts";

/** One engine at one address: Docker's API through dockerode, and what is ours under /drydock/. */
export interface Connection {
  readonly target: EngineTarget;
  readonly transport: Transport;
  readonly docker: Docker;
  /** Ours: there is a `/drydock/`. */
  readonly isEmbedded: boolean;
  /** Of the embedded engine. */
  status(): Promise<EngineStatus>;
  putSettings(settings: Partial<EngineSettings>): Promise<void>;
  shutdown(): Promise<void>;
  /** All tags that a repository has in its registry; aborting the signal takes the question back. */
  tags(repository: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Resolves when the image is here. `report` gets what to show; aborting the signal cancels the pull in the engine. */
  pull(name: string, report: (text: string) => void, signal?: AbortSignal): Promise<void>;
  /** Resolves with the exit code of a container's next end. */
  wait(id: string, condition: "next-exit" | "removed"): Promise<number>;
  /** Yields events until `done` or `failed`; aborting the signal cancels the build in the engine. */
  build(request: BuildRequest, signal: AbortSignal): AsyncGenerator<BuildEvent, void, void>;
  close(): void;
}

/** The embedded engine on its socket. */
export function connect(socket: string): Promise<Connection> {
  return connectTo({ ...embedded, address: { kind: "socket", path: socket } });
}

/**
 * `distDir`: where our programs are; builds by other engines need one of them.
 * @throws EngineError `invalid-argument` for a target without an address
 */
export async function connectTo(target: EngineTarget, distDir = __dirname): Promise<Connection> {
  if (!target.address) throw new EngineError({ code: "invalid-argument", message: msg("This engine has no address.") });
  const transport = openTransport(target.address);
  const docker = await transport.docker();
  const isEmbedded = target.kind === "embedded";

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await send(transport, method, path, body);
    const text = await readAll(response);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  return {
    target,
    transport,
    docker,
    isEmbedded,
    status: () => json<EngineStatus>("GET", "/drydock/status"),
    putSettings: (settings) => json("PUT", "/drydock/settings", settings),
    shutdown: () => json("POST", "/drydock/shutdown"),
    async tags(repository, signal) {
      const path = `/drydock/tags?repository=${encodeURIComponent(repository)}`;
      const answer: { readonly tags: readonly string[] } = JSON.parse(
        await readAll(await send(transport, "GET", path, undefined, signal)),
      );
      return answer.tags;
    },
    // Not dockerode's: of the error of a call that streams it keeps only a text.
    async pull(name, report, signal) {
      const headers = isEmbedded ? {} : await registryAuth(distDir, name);
      const path = `/images/create?${pullQuery(name)}`;
      const response = await send(transport, "POST", path, undefined, signal, headers);
      await readPullProgress(untilBroken(response, signal), report);
    },
    // Nor this one: a call of dockerode whose answer breaks off never comes back.
    async wait(id, condition) {
      const path = `/containers/${encodeURIComponent(id)}/wait?condition=${condition}`;
      return (await json<{ readonly StatusCode: number }>("POST", path)).StatusCode;
    },
    build: (body, signal) =>
      isEmbedded ? buildOver(transport, body, signal) : buildElsewhere(target, distDir, body, signal),
    close: () => transport.close(),
  };
}

/** A build without the rest of a connection: the command line needs no dockerode for it, which takes longer to load than a build. */
export async function* buildOver(
  way: Way,
  body: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  const response = await send(way, "POST", "/drydock/build", body, signal);
  let ended = false;
  for await (const event of linesOf<BuildEvent>(response, signal)) {
    ended = event.type === "done" || event.type === "failed";
    yield event;
  }
  if (!ended) throw engineEnded();
}

/** By a program of its own, which packs the context and reads what the other builder says. */
async function* buildElsewhere(
  { id, kind, name, address }: EngineTarget,
  distDir: string,
  request: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  if (!address) return;
  const context = id.startsWith("context:") ? { context: name } : {};
  const engine = kind === "podman" ? "podman" : "docker";
  const order = { kind: "build" as const, address, engine, engineName: name, ...context, request } as const;
  for await (const answer of askPeer(distDir, order, signal)) if ("event" in answer) yield answer.event;
}

/** What an engine that does not read this user's logins itself wants with pull and push (X-Registry-Auth). */
export async function registryAuth(distDir: string, image: string): Promise<Record<string, string>> {
  const registry = tryParseReference(image)?.registry ?? "docker.io";
  for await (const answer of askPeer(distDir, { kind: "credentials", registry })) {
    if (!("credentials" in answer) || !answer.credentials) continue;
    return { "x-registry-auth": Buffer.from(JSON.stringify(answer.credentials)).toString("base64url") };
  }
  return {};
}
