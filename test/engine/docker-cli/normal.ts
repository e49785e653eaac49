// What is another each time is written as what it is: ids, times, sizes, addresses.
import type { Output } from "../../support/docker-lab.ts";
import type { Answer } from "./session.ts";

const ago = /\b(?:Less than a second|About a minute|About an hour|\d+ (?:second|minute|hour|day|week|month|year)s?)\b/g;

/** `names`: texts of this run (the registry's address, a free port) by how they are written. Longest first. */
export function normalText(text: string, names: Readonly<Record<string, string>>): string {
  let normal = text;
  // Whole words only: a port's five digits are now and then in an id.
  for (const [name, value] of Object.entries(names)) {
    normal = normal.replace(new RegExp(`(?<!\\w)${escaped(value)}(?!\\w)`, "g"), `<${name}>`);
  }
  return (
    normal
      .replace(/\b[0-9a-f]{64}\b/g, "<id>")
      .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, "<id>")
      .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: [A-Z]+)?)?/g, "<time>")
      .replace(ago, "<while>")
      .replace(/\b\d+(?:\.\d+)? ?(?:[kKMGT]i?)?B\b/g, "<size>")
      .replace(/\b\d+(?:\.\d+)?%/g, "<part>%")
      .replace(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, "<mac>")
      .replace(/\b(?:172|10|192)\.\d+\.\d+\.\d+\b/g, "<ip>")
      .replace(/((?:127\.0\.0\.1|0\.0\.0\.0|\[::\]|\[::1\]|localhost):)(?:3[2-9]|[45]\d|6[0-5])\d{3}\b/g, "$1<port>")
      .replace(/"HostPort":"(?:3[2-9]|[45]\d|6[0-5])\d{3}"/g, '"HostPort":"<port>"')
      .replace(/publish on \d+, which/g, "publish on <port>, which")
      .replace(/ to \d+\.\d\d, as there are only \d+ CPUs/g, " to <cpus>, as there are only <cpus> CPUs")
      // Columns are as wide as what is in them.
      .replace(/ {2,}/g, "  ")
      // The end of input, as a terminal echoes it at one moment or another.
      .replace(/\^@\r?\n?/g, "")
      .replace(/\r/g, "")
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export function normalAnswer({ code, stdout, stderr }: Output, names: Readonly<Record<string, string>>): Answer {
  return { code, stdout: linesOf(stdout, names), stderr: linesOf(stderr, names) };
}

function linesOf(text: string, names: Readonly<Record<string, string>>): string[] {
  const lines = normalText(text, names).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.trimEnd());
}
