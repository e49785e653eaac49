import { readFileSync } from "node:fs";

/** Of texts that an editor of another language shows, the parts that are English words of ours: keys of the bundle and
 *  titles of the manifest. Names of people's own things are none, unless they are spelled just so. */
export function englishOfOurs(texts: readonly string[], language: string): string[] {
  if (language === "en") return [];
  const patterns = [...bundle(language), ...manifest(language)];
  const parts = texts.flatMap((text) => text.split(/ · |\n/)).map((part) => part.replaceAll("\u00a0", " ").trim());
  return [...new Set(parts)].filter((part) => patterns.some((pattern) => pattern.test(part)));
}

function bundle(language: string): RegExp[] {
  const words = JSON.parse(readFileSync(`l10n/bundle.l10n.${language}.json`, "utf8")) as Record<string, string>;
  return Object.entries(words)
    .filter(([english, theirs]) => english !== theirs && /[a-z]{3}/i.test(english.replace(/\{\w+\}/g, "")))
    .map(([english]) => wholeOf(english));
}

function manifest(language: string): RegExp[] {
  const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const theirs = read(`package.nls.${language}.json`);
  return Object.entries(read("package.nls.json"))
    .filter(([key, english]) => theirs[key] !== english && !english.includes("\n"))
    .map(([, english]) => wholeOf(english));
}

function wholeOf(english: string): RegExp {
  const literal = english.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".+")}$`);
}
