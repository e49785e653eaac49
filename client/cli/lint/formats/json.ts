import { text } from "../../text.ts";
import type { FileResult, Format } from "../result.ts";

/** The fields that hadolint prints, then the end of the range, other names of the rule and whether a fix is known. */
export function json(): Format {
  let isFirst = true;
  return {
    start: () => "[",
    file: (result) =>
      entries(result)
        .map((entry) => {
          const separator = isFirst ? "\n" : ",\n";
          isFirst = false;
          return `${separator}  ${JSON.stringify(entry, null, 2).replace(/\n/g, "\n  ")}`;
        })
        .join(""),
    end: () => (isFirst ? "]\n" : "\n]\n"),
  };
}

/** Lines and columns start at 1; a column counts UTF-16 code units. */
function entries({ file, findings }: FileResult) {
  return findings.map(({ rule, severity, message, range, sameAs, fix }) => ({
    file,
    line: range.start.line + 1,
    column: range.start.character + 1,
    level: severity,
    code: rule,
    message: text(message),
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
    sameAs,
    fixable: fix !== undefined,
  }));
}
