import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import { demultiplex } from "../../engines/stdio.ts";
import type { Services } from "../../services.ts";
import { type LogTerminal, openLogTerminal } from "../../terminals/log-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { pickContainer } from "../pick.ts";

/** One terminal a container: asked for again, it is shown again. */
const open = new Map<string, LogTerminal>();

export async function viewLogs(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Whose logs?"));
  if (!node) return;
  const { containerId, name } = node;

  const stop = new AbortController();
  const existing = open.get(containerId);
  const log: LogTerminal =
    existing ??
    openLogTerminal(t(msg("Logs: {name}", { name })), "output", () => {
      if (open.get(containerId) === log) open.delete(containerId);
      stop.abort();
    });
  open.set(containerId, log);
  log.terminal.show(true);
  if (existing) return;
  try {
    await follow(services, containerId, log, stop.signal);
  } catch (error) {
    // Nothing comes here any more: asked for again, the logs get a terminal that follows.
    open.delete(containerId);
    if (!stop.signal.aborted) throw error;
  }
}

/** Follows across stops and restarts of the container until the terminal is closed. */
async function follow(services: Services, id: string, log: LogTerminal, signal: AbortSignal): Promise<void> {
  let sinceSeconds: number | undefined;
  while (!signal.aborted) {
    const { docker } = await services.engines.connection();
    const container = docker.getContainer(id);
    const { Config } = await container.inspect();
    const restarted = nextStart(services, id, signal);
    const stream = await container.logs({
      follow: true,
      stdout: true,
      stderr: true,
      ...(sinceSeconds === undefined ? { tail: 1000 } : { since: sinceSeconds }),
      abortSignal: signal,
    });
    for await (const { data } of demultiplex(stream, Config.Tty)) log.write(data.toString());
    if (signal.aborted) return;
    sinceSeconds = Date.now() / 1000;
    const state = await container.inspect().catch((error) => {
      if (toEngineError(error).code === "not-found") return undefined;
      throw error;
    });
    if (!state) return log.write(`\n${t(msg("The container was removed."))}\n`);
    if (state.State.Running) continue;
    log.write(`\n${t(msg("The container has stopped (exit code {code}).", { code: state.State.ExitCode }))}\n`);
    await restarted;
  }
}

/** Resolves with the container's next start (or the end of the terminal). Listens from the moment of the call. */
function nextStart(services: Services, id: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const off = services.engines.events.on((event) => {
      if (event?.Actor.ID === id && (event.Action === "start" || event.Action === "destroy")) done();
    });
    const done = () => {
      off();
      resolve();
    };
    signal.addEventListener("abort", done, { once: true });
  });
}
