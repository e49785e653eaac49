import type Docker from "dockerode";
import * as vscode from "vscode";
import { type Message, msg } from "../../../engine/base/message.ts";
import { buildOf } from "../../builds/build-of.ts";
import { contextOf } from "../../builds/facts.ts";
import { toEngineError } from "../../engines/http.ts";
import { demultiplex } from "../../engines/stdio.ts";
import type { Services } from "../../services.ts";
import { linkFiles } from "../../terminals/links.ts";
import { type LogTerminal, openLogTerminal } from "../../terminals/log-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { pickContainer } from "../pick.ts";
import { goesOnAt, type LogOptions, logQuery, logSpans, logTails, usualLogOptions } from "./log-options.ts";

interface OpenLog {
  readonly log: LogTerminal;
  readonly name: string;
  /** Ends what follows now. */
  stop: AbortController;
}

/** One terminal a container: asked for again, it is shown again. */
const open = new Map<string, OpenLog>();

const optionsKey = "logs.options";

export function readLogOptions({ storage }: Services): LogOptions {
  return { ...usualLogOptions, ...storage.get<Partial<LogOptions>>(optionsKey) };
}

export async function viewLogs(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Whose logs?"));
  if (!node) return;
  const { containerId, name } = node;

  const existing = open.get(containerId);
  if (existing) return existing.log.terminal.show(true);
  const log = openLogTerminal(t(msg("Logs: {name}", { name })), "output", () => {
    opened.stop.abort();
    if (open.get(containerId) === opened) open.delete(containerId);
  });
  const opened: OpenLog = { log, name, stop: new AbortController() };
  open.set(containerId, opened);
  linkFiles(log.terminal, () => sourcesOf(services, containerId));
  log.terminal.show(true);
  await followIn(services, containerId, opened);
}

/** Which part, with times or without. What is open is shown anew, what is opened later is like that too. */
export async function chooseLogOptions(services: Services): Promise<void> {
  const options = readLogOptions(services);
  const onOff = options.timestamps ? msg("Hide times") : msg("Show times");
  const lines = (tail: number) => (tail === 0 ? msg("all lines") : msg("the last {count} lines", { count: tail }));
  const row = (isChosen: boolean, label: Message, value: Partial<LogOptions>) => ({
    label: `${isChosen ? "$(check)" : "$(blank)"} ${t(label)}`,
    value,
  });
  const picked = await services.ui.pick(
    [
      row(options.timestamps, onOff, { timestamps: !options.timestamps }),
      ...logSpans.map(({ seconds, label }) => row(options.sinceSeconds === seconds, label, { sinceSeconds: seconds })),
      ...logTails.map((tail) => row(options.tail === tail, lines(tail), { tail })),
    ],
    msg("What of the logs shall be shown?"),
  );
  if (!picked) return;
  await services.storage.update(optionsKey, { ...options, ...picked });
  for (const [id, opened] of open) {
    opened.stop.abort();
    opened.stop = new AbortController();
    opened.log.clear();
    followIn(services, id, opened).catch(services.ui.error);
  }
}

async function followIn(services: Services, id: string, opened: OpenLog): Promise<void> {
  const { signal } = opened.stop;
  try {
    await follow(services, id, opened.log, signal);
  } catch (error) {
    if (signal.aborted) return;
    // Nothing comes here any more: asked for again, the logs get a terminal that follows.
    open.delete(id);
    throw error;
  }
}

/** What a path in the output may mean: the folder that the image was built from. */
async function sourcesOf(services: Services, id: string): Promise<readonly string[]> {
  const { docker } = await services.engines.connection();
  const info = await docker
    .getContainer(id)
    .inspect()
    .catch(() => undefined);
  const build = info && buildOf(services, info.Image, info.Config.Image);
  return build ? [await contextOf(services, vscode.Uri.parse(build.file))] : [];
}

/** Follows across stops and restarts of the container until the terminal is closed. */
async function follow(services: Services, id: string, log: LogTerminal, signal: AbortSignal): Promise<void> {
  const options = readLogOptions(services);
  let before: { readonly endedMs: number; readonly startedAt: string } | undefined;
  while (!signal.aborted) {
    const { docker } = await services.engines.connection();
    const container = docker.getContainer(id);
    const restarted = nextStart(services, id, signal);
    const info = await inspectIfThere(container);
    if (!info) return log.write(`\n${t(msg("The container was removed."))}\n`);
    const stream = await container.logs({
      follow: true,
      ...(before === undefined
        ? logQuery(options, Date.now())
        : {
            ...logQuery({ ...options, tail: 0, sinceSeconds: 0 }, 0),
            since: goesOnAt(before.endedMs, before.startedAt, info.State.StartedAt),
          }),
      abortSignal: signal,
    });
    for await (const { data } of demultiplex(stream, info.Config.Tty)) {
      if (signal.aborted) return;
      log.write(data.toString());
    }
    if (signal.aborted) return;
    before = { endedMs: Date.now(), startedAt: info.State.StartedAt };
    const state = await inspectIfThere(container);
    if (!state) return log.write(`\n${t(msg("The container was removed."))}\n`);
    if (state.State.Running) continue;
    log.write(`\n${t(msg("The container has stopped (exit code {code}).", { code: state.State.ExitCode }))}\n`);
    await restarted;
  }
}

function inspectIfThere(container: Docker.Container) {
  return container.inspect().catch((error: { readonly statusCode?: number }) => {
    if (error.statusCode === 404 || toEngineError(error).code === "not-found") return undefined;
    throw error;
  });
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
