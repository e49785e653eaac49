import { isUtf8 } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { type Message, msg } from "../../../engine/base/message.ts";
import { detectIndent } from "../../../server/format/detect.ts";
import { formatFile } from "../../../server/format/format.ts";
import { type FormatOptions, largestIndent, mostBlankLines } from "../../../server/format/options.ts";
import { type Command, parse, UsageError } from "../command.ts";
import { unifiedDiff } from "../fmt/diff.ts";
import { findFiles } from "../lint/files.ts";
import { replaceFile } from "../lint/write-file.ts";
import { readDockerfile, unwritable } from "../read-file.ts";
import { text } from "../text.ts";

const options = {
  check: { type: "boolean" },
  diff: { type: "boolean" },
  indent: { type: "string" },
  "upper-case": { type: "boolean" },
  "stage-lines": { type: "string" },
  spacing: { type: "boolean" },
} as const;

/** Names the files that it changes. Exit code 1 with --check when there are some; 2 when a file cannot be read or written. */
export const fmt: Command = {
  usage:
    "usage: drydock fmt [--check] [--diff] [--indent COLUMNS|tab] [--upper-case] [--stage-lines COUNT] [--spacing]\n" +
    "                   [FILE|FOLDER|PATTERN|-]…",
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options });
    const format = formatOf(values);
    const { check = false, diff = false } = values;
    const { files, errors } = findFiles(positionals.length > 0 ? positionals : ["."]);
    for (const error of errors) complain(error);
    let exitCode = errors.length > 0 ? 2 : 0;
    for (const file of files) {
      const outcome = await one(file, format, { check, diff });
      if (outcome === "changed" && check) exitCode = Math.max(exitCode, 1);
      if (typeof outcome !== "string") {
        complain(outcome);
        exitCode = 2;
      }
    }
    return exitCode;
  },
};

type Outcome = "same" | "changed" | Message;

async function one(
  file: string,
  format: Format,
  { check, diff }: { readonly check: boolean; readonly diff: boolean },
): Promise<Outcome> {
  const read = file === "-" ? { bytes: await buffer(process.stdin) } : readDockerfile(file);
  if ("error" in read) return read.error;
  // Written back it would lose what cannot be decoded.
  if (!isUtf8(read.bytes)) return msg("{file} is not UTF-8 text and stays as it is", { file });
  const before = read.bytes.toString("utf8");
  const { edits, formatted: after } = formatFile(before, { ...detectIndent(before), ...format });
  if (diff) process.stdout.write(unifiedDiff(file, before, edits));
  else if (file === "-" && !check) process.stdout.write(after);
  if (after === before) return "same";
  if (!diff && (file !== "-" || check)) process.stdout.write(`${file}\n`);
  if (check || diff || file === "-") return "changed";
  try {
    replaceFile(file, after);
    return "changed";
  } catch (error) {
    return unwritable(file, error);
  }
}

type Values = ReturnType<typeof parse<{ options: typeof options }>>["values"];

/** Without --indent each file is indented as most of it is. */
type Format = Omit<FormatOptions, "indentSize" | "useTabs"> & Partial<FormatOptions>;

function formatOf(values: Values): Format {
  const { indent, "stage-lines": lines } = values;
  return {
    ...(indent === "tab" && { indentSize: 4, useTabs: true }),
    ...(indent !== undefined &&
      indent !== "tab" && { indentSize: count("--indent", indent, 1, largestIndent), useTabs: false }),
    ...(lines !== undefined && { blankLinesBetweenStages: count("--stage-lines", lines, 0, mostBlankLines) }),
    keywordCase: values["upper-case"] ? "upper" : "keep",
    spacing: values.spacing ?? false,
  };
}

function count(option: string, value: string, least: number, most: number): number {
  const number = /^\d{1,3}$/.test(value) ? Number(value) : -1;
  if (number >= least && number <= most) return number;
  throw new UsageError(text(msg("{option} is a number from {least} to {most}", { option, least, most })));
}

function complain(message: Message): void {
  process.stderr.write(`drydock: ${text(message)}\n`);
}
