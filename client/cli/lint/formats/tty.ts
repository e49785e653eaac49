import { msg } from "../../../../engine/base/message.ts";
import { text } from "../../text.ts";
import type { Format } from "../result.ts";

const colors = { error: "31", warning: "33", info: "36", hint: "2" } as const;

/** For people: place, severity, what it is, and below it why. */
export function tty(color: boolean): Format {
  let fixed = 0;
  return {
    file: (result) => {
      fixed += result.fixed;
      return result.findings
        .map(({ rule, severity, message, why, learn, range }) => {
          const level = color ? `\x1b[${colors[severity]}m${severity}\x1b[0m` : severity;
          const place = `${result.file}:${range.start.line + 1}:${range.start.character + 1}`;
          const reasons = [why, learn].flatMap((reason) => (reason ? [`    ${text(reason)}\n`] : []));
          return `${place} ${level} ${text(message)} (${rule})\n${reasons.join("")}`;
        })
        .join("");
    },
    end: () => (fixed > 0 ? `${text(msg("Fixed: {count}", { count: fixed }))}\n` : ""),
  };
}
