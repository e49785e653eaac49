import path from "node:path";
import type { Forecast, ForecastTotals, StepForecast } from "../../../engine/base/forecast.ts";
import { msg } from "../../../engine/base/message.ts";
import { openForecaster } from "../../../engine/forecast.ts";
import type { Advice } from "../../../server/forecast/advice.ts";
import { localEnginePaths } from "../../engines/daemon.ts";
import { formatBytes, formatDuration } from "../../ui/format.ts";
import { namedContexts } from "../build-context.ts";
import { buildArgs, keyFlags, runRequest } from "../build-options.ts";
import { type Command, parse, UsageError } from "../command.ts";
import { dockerfileIn, readText } from "../dockerfile.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";
import { adviceFor } from "./forecast-advice.ts";

const widestStep = 48;

/** What the next build would do. Asks no engine: it reads what the engine has written down. */
export const forecast: Command = {
  usage:
    "usage: drydock forecast [--format tty|json] [-f FILE] [--target STAGE] [--platform OS/ARCH] [--build-arg NAME=VALUE]…\n" +
    "                        [--build-context NAME=FOLDER]… [--no-cache] [--no-cache-filter STAGE]… [--pull]\n" +
    "                        [--network none|host] [--add-host NAME:ADDRESS]… [--shm-size SIZE]\n" +
    "                        [--ulimit NAME=SOFT:HARD]… [--allow network.host|security.insecure]… FOLDER",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string" },
        file: { type: "string", short: "f" },
        target: { type: "string" },
        platform: { type: "string" },
        "build-arg": { type: "string", multiple: true },
        "build-context": { type: "string", multiple: true },
        "no-cache": { type: "boolean" },
        pull: { type: "boolean" },
        ...keyFlags,
      },
    });
    const [context] = positionals;
    if (context === undefined || positionals.length !== 1)
      throw new UsageError(text(msg("one context is needed: a folder like .")));
    const { format = "tty" } = values;
    if (format !== "tty" && format !== "json") throw new UsageError(text(msg("--format is tty or json")));

    const asked = runRequest(values, process.env);
    const contextDir = path.resolve(context);
    const dockerfilePath = dockerfileIn(contextDir, values.file);
    const forecaster = openForecaster({ home: localEnginePaths().home });
    const request = {
      contextDir,
      dockerfilePath,
      text: readText(dockerfilePath),
      buildArgs: buildArgs(values["build-arg"] ?? [], process.env),
      ...namedContexts(values["build-context"] ?? []),
      ...asked,
      noCache: values["no-cache"] ?? false,
      pull: values.pull ?? false,
      ...(values.target === undefined ? {} : { target: values.target }),
      ...(values.platform === undefined ? {} : { platform: values.platform }),
    };
    const foretold = await forecaster.forecast(request);
    const advice = await adviceFor(request, foretold, forecaster);
    await forecaster.dispose();
    const shown = format === "json" ? `${JSON.stringify(asJson(foretold, advice))}\n` : asTable(foretold, advice);
    process.stdout.write(shown);
    return foretold.problem ? 1 : 0;
  },
};

function asJson({ steps, totals, problem }: Forecast, advice: readonly Advice[]): object {
  return {
    steps: steps.map(({ range: _, reason, cause, ...step }) => ({
      ...step,
      reason: text(reason),
      ...(cause === undefined
        ? {}
        : { cause: cause.kind === "fails" ? { ...cause, message: text(cause.message) } : cause }),
    })),
    totals: { ...totals, words: text(totals.words) },
    advice: advice.map(({ range: _, words, meanMs, ...one }) => ({
      ...one,
      meanMs: Math.round(meanMs),
      ...(words ? { words: text(words) } : {}),
    })),
    ...(problem ? { problem: { message: text(problem.message), line: lineOf(problem) } } : {}),
  };
}

function asTable({ steps, totals, problem }: Forecast, advice: readonly Advice[]): string {
  if (problem) {
    const message = text(problem.message);
    const line = lineOf(problem);
    return `${line === undefined ? message : text(msg("line {line}: {message}", { line, message }))}\n`;
  }
  const rows = steps.map((step) => [
    String(step.line),
    shortened(step.instruction),
    outcomeOf(step),
    step.outcome === "hit" ? "" : costOf(step),
    step.outcome === "hit" ? "" : text(step.reason),
  ]);
  return `${table(rows)}\n${summary(totals)}\n${adviceTable(advice)}`;
}

/** What would pay, most first; nothing of what would not. */
function adviceTable(advice: readonly Advice[]): string {
  const rows = advice.flatMap(({ rule, line, words, helped }) =>
    words && helped?.times !== 0 ? [[String(line), rule, text(words)]] : [],
  );
  return rows.length === 0 ? "" : `\n${text(msg("What would pay most"))}:\n${table(rows)}`;
}

function summary(totals: ForecastTotals): string {
  const { hits, misses, unknown, words } = totals;
  const total = hits + misses + unknown;
  const reused = text(msg("{cached} of {total} steps reused", { cached: hits, total }));
  return misses + unknown === 0 ? reused : `${reused}, ${text(words)}`;
}

function outcomeOf({ outcome }: StepForecast): string {
  if (outcome === "hit") return text(msg("reused"));
  return outcome === "miss" ? text(msg("rebuilt")) : text(msg("open"));
}

function costOf({ durationMs, sizeBytes }: StepForecast): string {
  const duration = durationMs === undefined ? [] : [formatDuration(durationMs)];
  return [...duration, ...(sizeBytes === undefined ? [] : [formatBytes(sizeBytes)])].join(", ");
}

function shortened(instruction: string): string {
  const line = instruction.replace(/\s+/g, " ");
  return line.length > widestStep ? `${line.slice(0, widestStep - 1)}…` : line;
}

function lineOf({ range }: NonNullable<Forecast["problem"]>): number | undefined {
  return range && range.start.line + 1;
}
