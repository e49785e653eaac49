import path from "node:path";
import { msg } from "../../../engine/base/message.ts";
import type { Replay, ReplayedStep } from "../../../engine/base/replay.ts";
import { openForecaster } from "../../../engine/forecast.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { LintContexts } from "../../../server/lint/lint-context.ts";
import { proposedOrder } from "../../../server/lint/proposed-order.ts";
import { codes } from "../../../server/rules/codes.ts";
import { localEnginePaths } from "../../engines/daemon.ts";
import { formatDuration } from "../../ui/format.ts";
import { buildArgs } from "../build-options.ts";
import { type Command, parse, UsageError } from "../command.ts";
import { dockerfileIn, readText } from "../dockerfile.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";

const usualCommits = 200;
const widestStep = 60;

/** How often the last commits would have done each step again, as the Dockerfile is and in the order that is proposed. */
export const replay: Command = {
  usage:
    "usage: drydock replay [--commits N] [--format tty|json] [-f FILE] [--target STAGE] [--build-arg NAME=VALUE]… FOLDER",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        commits: { type: "string" },
        format: { type: "string" },
        file: { type: "string", short: "f" },
        target: { type: "string" },
        "build-arg": { type: "string", multiple: true },
      },
    });
    const [context] = positionals;
    if (context === undefined || positionals.length !== 1) {
      throw new UsageError(text(msg("one context is needed: a folder like .")));
    }
    const { format = "tty" } = values;
    if (format !== "tty" && format !== "json") throw new UsageError(text(msg("--format is tty or json")));
    const commits = values.commits === undefined ? usualCommits : Number(values.commits);
    if (!Number.isInteger(commits) || commits < 1) throw new UsageError(text(msg("--commits is a number from 1")));

    const contextDir = path.resolve(context);
    const dockerfilePath = dockerfileIn(contextDir, values.file);
    const now = readText(dockerfilePath);
    await prepareLint(now);
    const proposed = proposedOrder(
      now,
      new LintContexts(codes).of({ file: dockerfilePath, layer: { severities: {}, options: {} }, root: undefined }),
    );
    const variants = [
      { id: "now", text: now },
      ...(proposed === undefined ? [] : [{ id: "proposed", text: proposed }]),
    ];
    const forecaster = openForecaster({ home: localEnginePaths().home });
    const played = await forecaster.replay({
      contextDir,
      dockerfilePath,
      commits,
      variants,
      buildArgs: buildArgs(values["build-arg"] ?? [], process.env),
      ...(values.target === undefined ? {} : { target: values.target }),
    });
    await forecaster.dispose();
    process.stdout.write(format === "json" ? `${JSON.stringify(played)}\n` : asTable(played));
    return 0;
  },
};

function asTable({ commits, variants }: Replay): string {
  const parts = variants.map(({ id, steps, totalMs, unmeasured }) => {
    const title =
      id === "now"
        ? commits.length === 1
          ? msg("One commit, as the Dockerfile is:")
          : msg("{count} commits, as the Dockerfile is:", { count: commits.length })
        : msg("In the proposed order (copy what lists the dependencies, install, copy the rest):");
    const rows = steps.map((step) => [
      String(step.line),
      shortened(step.instruction),
      text(msg("{count}×", { count: step.rebuilt })),
      costOf(step),
    ]);
    const head = ["line", "step", "again", "cost"].map((name) => name.toUpperCase());
    const sum = text(msg("Together {duration}.", { duration: formatDuration(totalMs) }));
    const unknown =
      unmeasured === 1
        ? msg("Of one step it is not known how long it takes.")
        : msg("Of {count} steps it is not known how long they take.", { count: unmeasured });
    const open = unmeasured > 0 ? ` ${text(unknown)}` : "";
    return `${text(title)}\n${table([head, ...rows])}${sum}${open}\n`;
  });
  return parts.join("\n");
}

function costOf({ rebuilt, durationMs }: ReplayedStep): string {
  if (rebuilt === 0) return "";
  return durationMs === undefined ? "?" : formatDuration(rebuilt * durationMs);
}

function shortened(instruction: string): string {
  const line = instruction.split("\n")[0] ?? "";
  return line.length > widestStep ? `${line.slice(0, widestStep - 1)}…` : line;
}
