import { createHash } from "node:crypto";
import { text } from "../../text.ts";
import type { FileResult, Format } from "../result.ts";

const severities = { error: "critical", warning: "major", info: "minor", hint: "info" } as const;

/** Code Climate's engine specification: documents, each ended by a zero byte. */
export function codeClimate(): Format {
  return {
    file: (result) =>
      issues(result)
        .map((issue) => `${JSON.stringify(issue)}\0\n`)
        .join(""),
  };
}

/** GitLab's code quality report: the same issues as one array. */
export function gitlab(): Format {
  let isFirst = true;
  return {
    start: () => "[",
    file: (result) =>
      issues(result)
        .map((issue) => {
          const separator = isFirst ? "\n" : ",\n";
          isFirst = false;
          return separator + JSON.stringify(issue);
        })
        .join(""),
    end: () => (isFirst ? "]\n" : "\n]\n"),
  };
}

function issues({ file, findings }: FileResult) {
  const alike = new Map<string, number>();
  return findings.map(({ rule, severity, message, why, range }) => {
    const description = text(message);
    // Without the line, so that an issue stays the same one when lines move; alike ones are numbered.
    const key = `${file}\0${rule}\0${message.template}\0${JSON.stringify(message.args ?? {})}`;
    const number = alike.get(key) ?? 0;
    alike.set(key, number + 1);
    return {
      type: "issue",
      check_name: rule,
      description,
      ...(why && { content: { body: text(why) } }),
      categories: [rule.startsWith("security/") ? "Security" : "Bug Risk"],
      severity: severities[severity],
      fingerprint: createHash("sha256").update(`${key}\0${number}`).digest("hex"),
      location: { path: file, lines: { begin: range.start.line + 1, end: range.end.line + 1 } },
    };
  });
}
