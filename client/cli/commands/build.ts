import type { BuildEvent, BuildRequest } from "../../../engine/base/build-events.ts";
import { msg } from "../../../engine/base/message.ts";
import { buildOver } from "../../engines/connection.ts";
import { localEnginePaths } from "../../engines/daemon.ts";
import { isOff } from "../../engines/http.ts";
import { createBuildLog } from "../../ui/build-log.ts";
import { readContext } from "../build-context.ts";
import { buildArgs, labels, plainFlags, runFlags, runRequest, runUsage } from "../build-options.ts";
import { openOutputs, outputFlags, outputUsage } from "../build-outputs.ts";
import { missingAttestations, openResultFiles, resultFlags } from "../build-results.ts";
import { type Command, engineSocket, parse, UsageError } from "../command.ts";
import { text } from "../text.ts";

const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const options = {
  tag: { type: "string", short: "t", multiple: true },
  file: { type: "string", short: "f" },
  target: { type: "string" },
  "build-arg": { type: "string", multiple: true },
  "build-context": { type: "string", multiple: true },
  label: { type: "string", multiple: true },
  "no-cache": { type: "boolean" },
  pull: { type: "boolean" },
  platform: { type: "string" },
  ...runFlags,
  ...outputFlags,
  ...resultFlags,
  progress: { type: "string" },
} as const;

export const build: Command = {
  usage:
    "usage: drydock build [-t NAME]… [-f FILE|-] [--target STAGE] [--platform OS/ARCH] [--build-arg NAME=VALUE]…\n" +
    "                     [--build-context NAME=FOLDER]… [--label NAME=VALUE]… [--no-cache] [--pull]\n" +
    `                     ${outputUsage} [-q] [--iidfile FILE] [--metadata-file FILE]\n` +
    `${runUsage}\n` +
    "                     [--rm] [--force-rm] [--provenance VALUE] [--sbom VALUE]\n" +
    "                     [--progress auto|plain|tty|rawjson|quiet] FOLDER|TAR|ADDRESS|-",
  async run(args) {
    const { values, positionals } = parse({ args: plainFlags(args, options), allowPositionals: true, options });
    const [context] = positionals;
    if (context === undefined || positionals.length !== 1)
      throw new UsageError(text(msg("one context is needed: a folder like . or an address")));
    const progress = progressOf(values);
    const asked = runRequest(values, process.env);
    const results = openResultFiles(values);
    const from = await readContext({ context, file: values.file, buildContexts: values["build-context"] ?? [] });

    const outputs = await openOutputs(values);
    for (const warning of missingAttestations(values)) process.stderr.write(`${text(msg("warning:"))} ${warning}\n`);
    const stop = new AbortController();
    const onInterrupt = (_: string, number: number) => stop.abort(number);
    for (const name of interrupts) process.once(name, onInterrupt);
    const write = createWriter(progress, outputs.usesStdout ? process.stderr : process.stdout);
    let last: BuildEvent | undefined;
    try {
      const request = {
        ...from.parts,
        tags: values.tag ?? [],
        ...(values.target === undefined ? {} : { target: values.target }),
        buildArgs: buildArgs(values["build-arg"] ?? [], process.env),
        labels: labels(values.label ?? []),
        noCache: values["no-cache"] ?? false,
        pull: values.pull ?? false,
        ...(values.platform === undefined ? {} : { platform: values.platform }),
        ...asked,
        ...(outputs.texts.length === 0 ? {} : { outputs: outputs.texts }),
      };
      for await (const event of events(request, stop.signal)) {
        write(event);
        last = event;
      }
      if (last?.type === "done") {
        await outputs.written();
        results.write(last);
        if (progress === "quiet") (outputs.usesStdout ? process.stderr : process.stdout).write(`${last.imageId}\n`);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      process.stderr.write(`${text(msg("The build was cancelled. What was finished is kept for the next one."))}\n`);
      return 128 + Number(stop.signal.reason);
    } finally {
      for (const name of interrupts) process.off(name, onInterrupt);
      await outputs.close();
      await from.close();
    }
    return last?.type === "done" ? 0 : 1;
  },
};

/** Asks the engine without first asking whether there is one, which would take as long as much of the build. */
async function* events(request: BuildRequest, signal: AbortSignal): AsyncGenerator<BuildEvent, void, void> {
  try {
    return yield* buildOver(localEnginePaths().socket, request, signal);
  } catch (error) {
    if (!isOff(error)) throw error;
  }
  yield* buildOver(await engineSocket(), request, signal);
}

type Progress = "plain" | "tty" | "rawjson" | "quiet";

function progressOf({ progress, quiet }: { readonly progress?: string; readonly quiet?: boolean }): Progress {
  if (progress !== undefined && !["auto", "plain", "tty", "rawjson", "quiet"].includes(progress))
    throw new UsageError(text(msg("--progress is auto, plain, tty, rawjson or quiet")));
  if (quiet && progress !== undefined && progress !== "auto" && progress !== "quiet")
    throw new UsageError(text(msg("--quiet and --progress={progress} exclude each other", { progress })));
  if (quiet) return "quiet";
  if (progress === undefined || progress === "auto") return process.stdout.isTTY ? "tty" : "plain";
  return progress as Progress;
}

function createWriter(progress: Progress, stream: NodeJS.WritableStream): (event: BuildEvent) => void {
  if (progress === "rawjson") return (event) => stream.write(`${JSON.stringify(event)}\n`);
  const lines = createBuildLog({ color: progress === "tty", translate: text });
  if (progress === "quiet") {
    return (event) => {
      const said = lines(event);
      if (event.type === "failed") process.stderr.write(said.map((line) => `${line}\n`).join(""));
    };
  }
  return (event) => {
    const output = event.type === "failed" ? process.stderr : stream;
    for (const line of lines(event)) output.write(`${line}\n`);
  };
}
