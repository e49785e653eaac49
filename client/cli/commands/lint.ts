import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type Message, msg } from "../../../engine/base/message.ts";
import type { Finding } from "../../../server/lint/finding.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import { namedProject } from "../../../server/lint/project-unknown.ts";
import { type Command, parse, UsageError } from "../command.ts";
import { text } from "../text.ts";

interface FileFindings {
  readonly file: string;
  readonly findings: readonly Finding[];
}

/** Exit code 1 when there is a warning or an error; 2 when a file cannot be read. */
export const lint: Command = {
  usage: "usage: drydock lint [--format json|tty] FILE…  (- reads standard input)",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { format: { type: "string" } },
    });
    const format = values.format ?? "tty";
    if (!["json", "tty"].includes(format)) throw new UsageError(text(msg("--format is json or tty")));
    if (positionals.length === 0) throw new UsageError(text(msg("which file?")));

    let unreadable = false;
    const results: FileFindings[] = [];
    for (const file of positionals) {
      try {
        results.push({ file, findings: await lintFile(file) });
      } catch (error) {
        unreadable = true;
        process.stderr.write(`drydock: ${text(unreadableFile(file, error as NodeJS.ErrnoException))}\n`);
      }
    }
    process.stdout.write(
      format === "json" ? `${JSON.stringify(results.flatMap(toJson), null, 2)}\n` : results.map(toLines).join(""),
    );
    if (unreadable) return 2;
    const serious = results.some(({ findings }) =>
      findings.some(({ severity }) => severity === "error" || severity === "warning"),
    );
    return serious ? 1 : 0;
  },
};

async function lintFile(file: string): Promise<readonly Finding[]> {
  const isInput = file === "-";
  const content = isInput ? await readAll(process.stdin) : readFileSync(file, "utf8");
  await prepareLint(content);
  if (isInput) return lintText(content);
  return lintText(content, { project: namedProject(readdirSync(path.dirname(path.resolve(file)))) });
}

function unreadableFile(file: string, { code, message }: NodeJS.ErrnoException): Message {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return msg("{file} does not exist", { file });
    case "EISDIR":
      return msg("{file} is a folder; name the Dockerfile in it", { file });
    case "EACCES":
      return msg("{file} may not be read by you", { file });
    default:
      return msg("{file} cannot be read: {reason}", { file, reason: message });
  }
}

/** The fields that hadolint prints, and the end of the range and whether a fix is known. Lines and columns start at 1. */
function toJson({ file, findings }: FileFindings) {
  return findings.map(({ rule, severity, message, range, fix }) => ({
    file,
    line: range.start.line + 1,
    column: range.start.character + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
    level: severity,
    code: rule,
    message: text(message),
    fixable: fix !== undefined,
  }));
}

function toLines({ file, findings }: FileFindings): string {
  const color = process.stdout.isTTY;
  const codes = { error: "31", warning: "33", info: "36", hint: "2" } as const;
  return findings
    .map(({ rule, severity, message, why, range }) => {
      const level = color ? `\x1b[${codes[severity]}m${severity}\x1b[0m` : severity;
      const place = `${file}:${range.start.line + 1}:${range.start.character + 1}`;
      return `${place} ${level} ${text(message)} (${rule})\n${why ? `    ${text(why)}\n` : ""}`;
    })
    .join("");
}
