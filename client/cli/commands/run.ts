import path from "node:path";
import type Docker from "dockerode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Connection } from "../../engines/connection.ts";
import { toEngineError } from "../../engines/http.ts";
import { demultiplex } from "../../engines/stdio.ts";
import { parsePorts, portOptions } from "../../ui/ports.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { text } from "../text.ts";

export const run: Command = {
  usage:
    "usage: drydock run [-d] [--rm] [-i] [-t] [--name NAME] [-p HOST:CONTAINER]… [-e NAME=VALUE]… [-v HOST:CONTAINER[:ro]]… [-w DIR] [-u USER] [--entrypoint PROGRAM] [--network bridge|host|none] IMAGE [COMMAND…]",
  async run(args) {
    const { values, image, command } = parseRun(args);
    const options = createOptions(values, image, command);
    const connection = await engineConnection();
    const container = await create(connection, options);
    if (values.detach) {
      await startOrRemove(container);
      process.stdout.write(`${container.id}\n`);
      return 0;
    }
    return foreground(connection, container, values.tty ?? false, values.interactive ?? false, values.rm ?? false);
  },
};

type Values = ReturnType<typeof parseRun>["values"];

/** Options end at the image: what follows belongs to the container. */
function parseRun(args: readonly string[]) {
  const options = {
    detach: { type: "boolean", short: "d" },
    rm: { type: "boolean" },
    interactive: { type: "boolean", short: "i" },
    tty: { type: "boolean", short: "t" },
    name: { type: "string" },
    publish: { type: "string", short: "p", multiple: true },
    "publish-all": { type: "boolean", short: "P" },
    env: { type: "string", short: "e", multiple: true },
    volume: { type: "string", short: "v", multiple: true },
    workdir: { type: "string", short: "w" },
    user: { type: "string", short: "u" },
    entrypoint: { type: "string" },
    network: { type: "string" },
    hostname: { type: "string", short: "h" },
  } as const;
  const { tokens } = parse({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const imageIndex = tokens.find((token) => token.kind === "positional")?.index;
  if (imageIndex === undefined) throw new UsageError(text(msg("which image?")));
  const { values } = parse({ args: args.slice(0, imageIndex).filter((part) => part !== "--"), options });
  return { values, image: args[imageIndex] ?? "", command: args.slice(imageIndex + 1) };
}

function createOptions(values: Values, image: string, command: readonly string[]): Docker.ContainerCreateOptions {
  const parsed = parsePorts((values.publish ?? []).join(","));
  if ("problem" in parsed) throw new UsageError(text(parsed.problem));
  const { ExposedPorts, PortBindings } = portOptions(parsed.ports);
  const env = (values.env ?? []).flatMap((entry) => {
    if (entry.includes("=")) return [entry];
    const value = process.env[entry];
    return value === undefined ? [] : [`${entry}=${value}`];
  });
  const attached = !values.detach;
  return {
    Image: image,
    ...(command.length > 0 ? { Cmd: [...command] } : {}),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.workdir === undefined ? {} : { WorkingDir: values.workdir }),
    ...(values.user === undefined ? {} : { User: values.user }),
    ...(values.hostname === undefined ? {} : { Hostname: values.hostname }),
    ...(values.entrypoint === undefined ? {} : { Entrypoint: [values.entrypoint] }),
    Env: env,
    Tty: values.tty ?? false,
    OpenStdin: values.interactive ?? false,
    StdinOnce: (values.interactive ?? false) && attached,
    AttachStdin: (values.interactive ?? false) && attached,
    AttachStdout: attached,
    AttachStderr: attached,
    ExposedPorts,
    HostConfig: {
      PortBindings,
      PublishAllPorts: values["publish-all"] ?? false,
      AutoRemove: values.rm ?? false,
      Binds: (values.volume ?? []).map(absoluteBind),
      ...(values.network === undefined ? {} : { NetworkMode: values.network }),
    },
  };
}

function absoluteBind(volume: string): string {
  const colon = volume.indexOf(":");
  const source = colon < 0 ? volume : volume.slice(0, colon);
  return source.startsWith(".") ? path.resolve(source) + volume.slice(source.length) : volume;
}

/** Pulls the image when it is not here, as `docker run` does. */
async function create({ docker, pull }: Connection, options: Docker.ContainerCreateOptions): Promise<Docker.Container> {
  try {
    return await docker.createContainer(options);
  } catch (error) {
    if (toEngineError(error).code !== "image-not-found") throw error;
    process.stderr.write(`${text(msg("{image} is not here yet: pulling it.", { image: options.Image ?? "" }))}\n`);
    await pull(options.Image ?? "", () => {});
    return docker.createContainer(options);
  }
}

async function startOrRemove(container: Docker.Container): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
}

async function foreground(
  connection: Connection,
  container: Docker.Container,
  tty: boolean,
  interactive: boolean,
  rm: boolean,
): Promise<number> {
  const stream = await container.attach({ stream: true, hijack: true, stdin: interactive, stdout: true, stderr: true });
  const ended = connection.wait(container.id, rm ? "removed" : "next-exit");
  ended.catch(() => {});
  await startOrRemove(container);
  const raw = tty && interactive && process.stdin.isTTY;
  if (tty) {
    const resize = () =>
      container.resize({ h: process.stdout.rows || 24, w: process.stdout.columns || 80 }).catch(() => {});
    await resize();
    process.stdout.on("resize", resize);
  } else {
    passSignals(container);
  }
  if (raw) process.stdin.setRawMode(true);
  if (interactive) process.stdin.pipe(stream);
  for await (const { stream: name, data } of demultiplex(stream as AsyncIterable<unknown>, tty)) {
    (name === "stderr" ? process.stderr : process.stdout).write(data);
  }
  if (raw) process.stdin.setRawMode(false);
  try {
    return await ended;
  } catch (error) {
    throw leftRunning(container.id.slice(0, 12), error);
  } finally {
    process.stdin.unpipe();
    process.stdin.unref?.();
  }
}

/**
 * Without a terminal of its own the process gets the signals that the user sends to us. A container's first process does
 * not hear those that it has no handler for (pid_namespaces(7)), like `sleep` and Ctrl+C: the second time it is killed.
 */
function passSignals(container: Docker.Container): void {
  let times = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      times += 1;
      if (times === 1) process.stderr.write(`${text(msg("Once more to end it by force."))}\n`);
      container.kill({ signal: times === 1 ? signal : "SIGKILL" }).catch(() => {});
    });
  }
}

function leftRunning(id: string, cause: unknown): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("The engine ended while container {id} ran; the container goes on.", { id }),
    hint: msg("Follow it with drydock logs -f {id}, or end it with drydock stop {id}.", { id }),
    cause,
  });
}
