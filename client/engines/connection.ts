import type Docker from "dockerode";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { EngineSettings, EngineStatus } from "../../engine/base/drydock-api.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { engineEnded, linesOf, readAll, send, untilBroken, type Way } from "./http.ts";
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

/** @throws EngineError `invalid-argument` for a target without an address */
export async function connectTo(target: EngineTarget): Promise<Connection> {
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
      const response = await send(transport, "POST", `/images/create?${pullQuery(name)}`, undefined, signal);
      await readPullProgress(untilBroken(response, signal), report);
    },
    // Nor this one: a call of dockerode whose answer breaks off never comes back.
    async wait(id, condition) {
      const path = `/containers/${encodeURIComponent(id)}/wait?condition=${condition}`;
      return (await json<{ readonly StatusCode: number }>("POST", path)).StatusCode;
    },
    build: (body, signal) => buildOver(transport, body, signal),
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
