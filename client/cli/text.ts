import { readFileSync } from "node:fs";
import path from "node:path";
import { formatMessage, type Message } from "../../engine/base/message.ts";
import { terminalLanguage } from "../../engine/base/reader-language.ts";

let translations: Readonly<Record<string, string>> | undefined;

/** A message in the language of the terminal (LC_ALL, LC_MESSAGES, LANG). */
export function text(message: Message): string {
  translations ??= load();
  const known = translations;
  return formatMessage(message, (template) => known[template]);
}

function load(): Readonly<Record<string, string>> {
  const language = terminalLanguage(process.env);
  if (language === undefined) return {};
  try {
    return JSON.parse(readFileSync(path.join(__dirname, "..", "l10n", `bundle.l10n.${language}.json`), "utf8"));
  } catch {
    return {};
  }
}
