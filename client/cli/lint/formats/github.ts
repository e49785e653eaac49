import { text } from "../../text.ts";
import type { Format } from "../result.ts";

const levels = { error: "error", warning: "warning", info: "notice", hint: "notice" } as const;

/** Workflow commands of GitHub Actions: annotations in the pull request. */
export function github(): Format {
  return {
    file: ({ file, findings }) =>
      findings
        .map(({ rule, severity, message, why, range: { start, end } }) => {
          const properties = {
            file,
            line: start.line + 1,
            endLine: end.line + 1,
            // Columns only count where the range is in one line.
            ...(start.line === end.line && { col: start.character + 1, endColumn: end.character + 1 }),
            title: rule,
          };
          const listed = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
          const said = why ? `${text(message)}\n${text(why)}` : text(message);
          return `::${levels[severity]} ${listed.join(",")}::${data(said)}\n`;
        })
        .join(""),
  };
}

function data(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(value: string): string {
  return data(value).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
