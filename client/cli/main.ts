import { isMainThread } from "node:worker_threads";
import type { EngineError } from "../../engine/base/errors.ts";
import { formatMessage, msg } from "../../engine/base/message.ts";
import { version } from "../../engine/base/version.ts";
import { engineEnded, toEngineError } from "../engines/connection.ts";
import { type Command, isUsageError } from "./command.ts";
import { load, save } from "./commands/archives.ts";
import { build } from "./commands/build.ts";
import { builder } from "./commands/builder.ts";
import { ps, rm, stop } from "./commands/containers.ts";
import { engine } from "./commands/engine.ts";
import { history, images, pull, rmi, tag } from "./commands/images.ts";
import { languageServer } from "./commands/language-server.ts";
import { logs } from "./commands/logs.ts";
import { login, logout, push, search } from "./commands/registries.ts";
import { run } from "./commands/run.ts";
import { text } from "./text.ts";

/** Programs of their own beside this one (esbuild.mjs): reading all rules takes longer than a build in which nothing is new. */
const lint = async () => (await import("./commands/lint.ts")).lint;
const fmt = async () => (await import("./commands/fmt.ts")).fmt;

const commands: Readonly<Record<string, Command | (() => Promise<Command>)>> = {
  engine,
  lint,
  "language-server": languageServer,
  fmt,
  build,
  builder,
  run,
  ps,
  logs,
  stop,
  rm,
  images,
  rmi,
  tag,
  history,
  pull,
  push,
  save,
  load,
  search,
  login,
  logout,
};

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
  const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!known) {
    process.stderr.write(`${text(msg('drydock: there is no command "{name}". See drydock --help.', { name }))}\n`);
    return 2;
  }
  const command = await loaded(known);
  // Only at once: what stands behind an image's name is meant for the container (`run app --help`).
  if (args[0] === "--help" || (args[0] === "-h" && args.length === 1)) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (isUsageError(error)) {
      process.stderr.write(`drydock ${name}: ${error.message}\n${command.usage}\n`);
      return 2;
    }
    return report(toEngineError(error));
  }
}

/** Returns the exit code. */
function report({ details }: EngineError): number {
  process.stderr.write(`drydock: ${text(details.message)}\n`);
  if (details.hint) process.stderr.write(`${text(details.hint)}\n`);
  return details.exitCode ?? 1;
}

async function loaded(command: Command | (() => Promise<Command>)): Promise<Command> {
  return typeof command === "function" ? command() : command;
}

async function overview(): Promise<string> {
  const title = text(msg("Dockerfiles and containers, with nothing else installed."));
  const all = await Promise.all(Object.values(commands).map(loaded));
  return `${title}\n\n${all.map((command) => `  ${command.usage.replace(/^usage: /, "")}`).join("\n")}\n`;
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
else void lint();
