import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import type { Connection } from "../engines/connection.ts";
import { demultiplex } from "../engines/stdio.ts";

/** A command in an image. */
export interface ThrowawayOrder {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=value`, beside the image's own. */
  readonly env: readonly string[];
}

const label = "drydock.debug";

/** Marked, so that whatever is left of a session can be found when it ends. */
export function throwawayOptions(
  { image, entrypoint, command, env }: ThrowawayOrder,
  session: string,
): ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [...entrypoint],
    Cmd: [...command],
    Env: [...env],
    Labels: { [label]: session },
    Healthcheck: { Test: ["NONE"] },
  };
}

/** Runs a command and removes the container; resolves with the exit code. */
export async function runThrowaway(
  { docker, wait }: Pick<Connection, "docker" | "wait">,
  options: ContainerCreateOptions,
  write: (text: string, isError: boolean) => void,
): Promise<number> {
  const container = await docker.createContainer({ ...options, AttachStdout: true, AttachStderr: true });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const ended = wait(container.id, "next-exit");
    ended.catch(() => {});
    await container.start();
    for await (const { stream: kind, data } of demultiplex(stream, false)) write(data.toString(), kind === "stderr");
    return await ended;
  } finally {
    await container.remove({ force: true, v: true }).catch(() => {});
  }
}

/** Ends and removes what a session has left running: commands, shells. */
export async function removeThrowaways(docker: Docker, session: string): Promise<void> {
  const left = await docker.listContainers({ all: true, filters: { label: [`${label}=${session}`] } });
  await Promise.allSettled(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

/** Images without any name, by id. */
export async function namelessImages(docker: Docker): Promise<ReadonlySet<string>> {
  return new Set((await docker.listImages({ filters: { dangling: ["true"] } })).map(({ Id }) => Id));
}

/** Removes images that nothing names and that were not there before; one that a container uses stays. */
export async function removeNameless(
  docker: Docker,
  ids: readonly string[],
  before: ReadonlySet<string>,
): Promise<void> {
  const nameless = await namelessImages(docker);
  for (const id of ids) {
    if (nameless.has(id) && !before.has(id))
      await docker
        .getImage(id)
        .remove()
        .catch(() => {});
  }
}
