import { text } from "../../text.ts";
import type { Format } from "../result.ts";

const head = '<?xml version="1.0" encoding="utf-8"?>\n';
const levels = { error: "error", warning: "warning", info: "info", hint: "info" } as const;

/** Checkstyle's report, which most build servers read. */
export function checkstyle(): Format {
  return {
    start: () => `${head}<checkstyle version="4.3">\n`,
    file: ({ file, findings }) => {
      const errors = findings.map(({ rule, severity, message, range: { start } }) => {
        const place = `line="${start.line + 1}" column="${start.character + 1}" severity="${levels[severity]}"`;
        return `    <error ${place} message="${xmlText(text(message))}" source="${xmlText(rule)}"/>\n`;
      });
      return `  <file name="${xmlText(file)}">\n${errors.join("")}  </file>\n`;
    },
    end: () => "</checkstyle>\n",
  };
}

/** JUnit's report: a file is a suite, a finding a test that fails; a file without findings is one that passes. */
export function junit(): Format {
  return {
    start: () => `${head}<testsuites name="drydock lint">\n`,
    file: ({ file, findings }) => {
      const name = xmlText(file);
      const cases = findings.map(({ rule, severity, message, why, range: { start } }) => {
        const place = `${start.line + 1}:${start.character + 1}`;
        const reason = xmlText([`${file}:${place}`, why && text(why)].filter(Boolean).join("\n"));
        const failure = `<failure type="${severity}" message="${xmlText(text(message))}">${reason}</failure>`;
        return `    <testcase classname="${name}" name="${xmlText(`${rule} ${place}`)}">${failure}</testcase>\n`;
      });
      const counts = `tests="${Math.max(cases.length, 1)}" failures="${cases.length}" errors="0"`;
      const passed = `    <testcase classname="${name}" name="drydock lint"/>\n`;
      return `  <testsuite name="${name}" ${counts}>\n${cases.join("") || passed}  </testsuite>\n`;
    },
    end: () => "</testsuites>\n",
  };
}

/** XML 1.0 has no place at all for most control characters. */
function xmlText(value: string): string {
  const named: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return value
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"']/g, (char) => named[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
