import { text } from "../../text.ts";
import type { Format } from "../result.ts";

/** GNU coding standards, "Formatting Error Messages": what Emacs, Vim and many others can read. */
export function gnu(): Format {
  return {
    file: ({ file, findings }) =>
      findings
        .map(({ rule, severity, message, range: { start, end } }) => {
          const place = `${start.line + 1}.${start.character + 1}-${end.line + 1}.${end.character + 1}`;
          return `${file}:${place}: ${severity}: ${text(message)} [${rule}]\n`;
        })
        .join(""),
  };
}
