import { isMainThread } from "node:worker_threads";
import type { EngineError } from "../../engine/base/errors.ts";
import { formatMessage, msg } from "../../engine/base/message.ts";
import { version } from "../../engine/base/version.ts";
import { engineEnded, toEngineError } from "../engines/http.ts";
import { type Command, isUsageError } from "./command.ts";
import { text } from "./text.ts";

/**
 * Each is loaded when it is asked for: a build in which nothing is new takes less time than reading what the others need.
 * lint, fmt, forecast and replay are programs of their own beside this one (esbuild.mjs).
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  engine: async () => (await import("./commands/engine.ts")).engine,
  lint: async () => (await import("./commands/lint.ts")).lint,
  "language-server": async () => (await import("./commands/language-server.ts")).languageServer,
  fmt: async () => (await import("./commands/fmt.ts")).fmt,
  forecast: async () => (await import("./commands/forecast.ts")).forecast,
  replay: async () => (await import("./commands/replay.ts")).replay,
  build: async () => (await import("./commands/build.ts")).build,
  builder: async () => (await import("./commands/builder.ts")).builder,
  run: async () => (await import("./commands/run.ts")).run,
  ps: async () => (await import("./commands/containers.ts")).ps,
  logs: async () => (await import("./commands/logs.ts")).logs,
  stop: async () => (await import("./commands/containers.ts")).stop,
  rm: async () => (await import("./commands/containers.ts")).rm,
  images: async () => (await import("./commands/images.ts")).images,
  rmi: async () => (await import("./commands/images.ts")).rmi,
  tag: async () => (await import("./commands/images.ts")).tag,
  history: async () => (await import("./commands/images.ts")).history,
  pull: async () => (await import("./commands/images.ts")).pull,
  push: async () => (await import("./commands/registries.ts")).push,
  save: async () => (await import("./commands/archives.ts")).save,
  load: async () => (await import("./commands/archives.ts")).load,
  search: async () => (await import("./commands/registries.ts")).search,
  login: async () => (await import("./commands/registries.ts")).login,
  logout: async () => (await import("./commands/registries.ts")).logout,
};

const mostUsageLines = 3;

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(await overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    process.stdout.write(`drydock ${version}\n`);
    return 0;
  }
  const command = await (Object.hasOwn(commands, name) ? commands[name]?.() : undefined);
  if (!command) {
    process.stderr.write(`${text(msg('drydock: there is no command "{name}". See drydock --help.', { name }))}\n`);
    return 2;
  }
  // Only at once: what stands behind an image's name is meant for the container (`run app --help`).
  if (args[0] === "--help" || (args[0] === "-h" && args.length === 1)) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (isUsageError(error)) {
      process.stderr.write(`drydock ${name}: ${error.message}\n${reminder(name, command)}\n`);
      return 2;
    }
    return report(toEngineError(error));
  }
}

/** A usage of many lines would hide what was wrong. */
function reminder(name: string, { usage }: Command): string {
  const isShort = usage.split("\n").length <= mostUsageLines;
  return isShort ? usage : text(msg("drydock {command} --help shows all options.", { command: name }));
}

/** Returns the exit code. */
function report({ details }: EngineError): number {
  process.stderr.write(`drydock: ${text(details.message)}\n`);
  if (details.hint) process.stderr.write(`${text(details.hint)}\n`);
  return details.exitCode ?? 1;
}

async function overview(): Promise<string> {
  const title = text(msg("Dockerfiles and containers, with nothing else installed."));
  const all = await Promise.all(Object.values(commands).map((command) => command()));
  // Lines that go on move to the left as far as the first one does.
  const shown = all.map(({ usage }) => usage.replace(/^usage: /, "  ").replaceAll("\n     ", "\n"));
  return `${title}\n\n${shown.join("\n")}\n`;
}

// A reader that goes away (`drydock logs x | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`${formatMessage(msg("{text}", { text: error.message }))}\n`);
  process.exit(1);
});

function start(): void {
  let isOver = false;
  main(process.argv.slice(2)).then((code) => {
    isOver = true;
    process.exitCode = code;
  });
  // dockerode waits for ever for the rest of an answer that broke off, and Node would end with 0, having nothing to do.
  process.once("beforeExit", () => {
    if (!isOver) process.exitCode = report(engineEnded());
  });
}

// Where all is in one file, this one is also what a thread of `drydock lint` runs.
if (isMainThread) start();
else void commands.lint?.();
