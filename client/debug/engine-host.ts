import type { BuildRequest } from "../../engine/base/build-events.ts";
import type { Message } from "../../engine/base/message.ts";
import type { Connection } from "../engines/connection.ts";
import type { ImageFacts } from "./image-facts.ts";
import type { Host } from "./session.ts";
import { namelessImages, removeNameless, removeThrowaways, runThrowaway, throwawayOptions } from "./throwaway.ts";

interface HostOptions {
  readonly connection: Pick<Connection, "target" | "docker" | "wait" | "build">;
  /** Of a part; its Dockerfile comes with each call. */
  readonly request: BuildRequest;
  /** Marks the session's containers. */
  readonly session: string;
  translate(message: Message): string;
  errorText(error: unknown): string;
}

/** A session on an engine, whichever it is. What has no name yet stays when the session ends. */
export async function engineHost({ connection, request, session, translate, errorText }: HostOptions): Promise<Host> {
  const { docker } = connection;
  const before = await namelessImages(docker);
  return {
    build: (dockerfileText, signal) => connection.build({ ...request, dockerfileText }, signal),
    inspect: async (imageId) => (await docker.getImage(imageId).inspect()) as ImageFacts,
    run: (order, write) => runThrowaway(connection, throwawayOptions(order, session), write),
    async cleanUp(made, kept) {
      await removeThrowaways(docker, session);
      // Podman's build cache is its nameless images: without them the next session would begin anew.
      if (connection.target.kind === "podman") return;
      const surplus = made.filter((image) => image !== kept);
      await removeNameless(docker, surplus, before);
    },
    translate,
    errorText,
  };
}
