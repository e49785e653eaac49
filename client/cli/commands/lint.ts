import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type Message, msg } from "../../../engine/base/message.ts";
import {
  type ConfigLayer,
  idsOf,
  presets,
  severities,
  severitiesOrOff,
  type Threshold,
} from "../../../server/lint/config.ts";
import { readHadolintEnvironment } from "../../../server/lint/config-environment.ts";
import {
  type ConfigFiles,
  findConfigFiles,
  homeHadolintFile,
  readConfigFile,
} from "../../../server/lint/config-find.ts";
import type { ConfigProblem } from "../../../server/lint/config-yaml.ts";
import type { Severity } from "../../../server/lint/rule.ts";
import { codes } from "../../../server/rules/codes.ts";
import { type Command, parse, UsageError } from "../command.ts";
import { Checker, type CheckJob } from "../lint/check.ts";
import { findFiles } from "../lint/files.ts";
import { type FormatName, formatNamed, formatNames, makeFormat } from "../lint/formats/formats.ts";
import { checkFiles, serveAsThread } from "../lint/pool.ts";
import type { FileResult } from "../lint/result.ts";
import { explain, listRules } from "../lint/rules.ts";
import { text } from "../text.ts";

const options = {
  format: { type: "string", short: "f" },
  fix: { type: "boolean" },
  "fix-suggestions": { type: "boolean" },
  preset: { type: "string" },
  rule: { type: "string", multiple: true },
  ignore: { type: "string", multiple: true },
  config: { type: "string", short: "c", multiple: true },
  threshold: { type: "string", short: "t" },
  "no-fail": { type: "boolean" },
  "no-shellcheck": { type: "boolean" },
  "stdin-filename": { type: "string" },
  "list-rules": { type: "boolean" },
  explain: { type: "string" },
} as const;

/** Exit code 1 for a finding that is serious enough; 2 when a file or the configuration cannot be read. */
export const lint: Command = {
  usage:
    "usage: drydock lint [--format tty|json|sarif|…] [--fix] [--fix-suggestions] [--preset NAME] [--rule ID=SEVERITY]\n" +
    "                    [--ignore ID] [--config FILE] [--threshold SEVERITY|none] [--no-fail] [--no-shellcheck]\n" +
    "                    [--stdin-filename NAME] [--list-rules] [--explain ID] [FILE|FOLDER|PATTERN|-]…",
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options });
    const layer = layerOf(values);
    if (values.explain !== undefined) return print(explain(values.explain));
    if (values["list-rules"]) return print(listRules(layer, values.format ?? "tty"));

    const report = new Report();
    const environment = readHadolintEnvironment(process.env, codes);
    const named = configFiles(values.config ?? []);
    const home = named?.hadolint ? undefined : homeHadolintFile();
    const homeConfig = home === undefined ? undefined : readConfigFile(home, "hadolint", codes);
    report.problems([...environment.problems, ...(homeConfig?.problems ?? [])]);
    const job: CheckJob = {
      layer,
      environment: environment.layer,
      ...(homeConfig && { home: homeConfig.layer }),
      ...(named && { files: named }),
      shellCheck: !values["no-shellcheck"],
      fix: values["fix-suggestions"] ? "all" : values.fix ? "safe" : "none",
    };

    const format = makeFormat(formatOf(values.format, job), process.stdout.isTTY && !process.env.NO_COLOR);
    const { files, errors } = findFiles(positionals.length > 0 ? positionals : ["."]);
    for (const error of errors) report.error(error);
    const toInput = job.fix !== "none" && files.includes("-");
    // With the fixed text on standard output, what is left to say goes to the other one.
    const out = toInput ? process.stderr : process.stdout;
    await write(out, format.start?.() ?? "");
    for await (const result of results(files, job, values["stdin-filename"])) {
      report.take(result);
      if (result.output !== undefined) await write(process.stdout, result.output);
      if (!result.error) await write(out, format.file(result));
    }
    await write(out, format.end?.() ?? "");
    return values["no-fail"] && report.exitCode === 1 ? 0 : report.exitCode;
  },
};

/** What has to be said besides the findings, each once, and how it ends. */
class Report {
  exitCode = 0;
  readonly #said = new Set<string>();

  take({ problems, error, fails }: FileResult): void {
    this.problems(problems);
    if (error) this.error(error);
    if (fails) this.exitCode = Math.max(this.exitCode, 1);
  }

  problems(problems: readonly ConfigProblem[]): void {
    for (const { file, range, message, severity } of problems) {
      const place = `${path.relative("", file) || file}:${range.start.line + 1}:${range.start.character + 1}`;
      if (this.#say(`${place}: ${text(message)}`) && severity === "error") this.exitCode = 2;
    }
  }

  error(message: Message): void {
    this.#say(`drydock: ${text(message)}`);
    this.exitCode = 2;
  }

  #say(line: string): boolean {
    if (this.#said.has(line)) return false;
    this.#said.add(line);
    process.stderr.write(`${line}\n`);
    return true;
  }
}

async function* results(files: readonly string[], job: CheckJob, name: string | undefined): AsyncGenerator<FileResult> {
  if (files.includes("-")) yield await new Checker(job).text(await readAll(process.stdin), name);
  yield* checkFiles(
    files.filter((file) => file !== "-"),
    job,
  );
}

type Values = ReturnType<typeof parse<{ options: typeof options }>>["values"];

function layerOf(values: Values): ConfigLayer {
  const chosen: Record<string, Severity | "off"> = {};
  for (const code of (values.ignore ?? []).flatMap((list) => list.split(","))) chosen[knownRule(code)] = "off";
  for (const assignment of values.rule ?? []) {
    const [id = "", level] = assignment.split("=", 2);
    chosen[knownRule(id)] = oneOf("--rule", level ?? "", severitiesOrOff);
  }
  return {
    severities: chosen,
    ...(values.preset !== undefined && { preset: oneOf("--preset", values.preset, presets) }),
    ...(values.threshold !== undefined && { threshold: threshold(values.threshold) }),
  };
}

function threshold(value: string): Threshold {
  // hadolint's lowest level is `info` here.
  if (value === "style") return "info";
  return oneOf("--threshold", value, [...severities, "none"] as const);
}

function knownRule(name: string): string {
  const isCode = /^(?:DL|SC)\d{4}$/.test(name);
  if (isCode || idsOf(name, codes).some((id) => id !== name) || codes.some(({ id }) => id === name)) return name;
  throw new UsageError(text(msg("There is no rule {code}", { code: name })));
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(text(msg("{option} is one of: {values}", { option, values: allowed.join(", ") })));
}

/** Files that were named; which kind one is, is told by its name. */
function configFiles(names: readonly string[]): ConfigFiles | undefined {
  if (names.length === 0) return undefined;
  const hadolint = names.findLast((name) => path.basename(name).includes("hadolint"));
  const drydock = names.findLast((name) => !path.basename(name).includes("hadolint"));
  return {
    ...(hadolint !== undefined && { hadolint: path.resolve(hadolint) }),
    ...(drydock !== undefined && { drydock: path.resolve(drydock) }),
  };
}

/** The flag, else what hadolint's variable or file in this folder says. */
function formatOf(flag: string | undefined, { environment, home, files }: CheckJob): FormatName {
  if (flag !== undefined) {
    return formatNamed(flag) ?? oneOf("--format", flag, formatNames);
  }
  const { hadolint } = files ?? findConfigFiles(process.cwd());
  const layer = hadolint ? readConfigFile(hadolint, "hadolint", codes).layer : home;
  return formatNamed(layer?.format ?? environment.format ?? "tty") ?? "tty";
}

function print(output: string): number {
  process.stdout.write(output);
  return 0;
}

/** Waits when the reader is slow, so that output does not pile up. */
async function write(to: NodeJS.WriteStream, output: string): Promise<void> {
  if (output !== "" && !to.write(output)) await new Promise((resolve) => to.once("drain", resolve));
}

// This file is also what a thread of `drydock lint` runs.
serveAsThread();
