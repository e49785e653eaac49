import { readFileSync } from "node:fs";
import path from "node:path";
import { languageOf, terminalLanguage } from "../engine/base/reader-language.ts";

export type Translations = Readonly<Record<string, unknown>>;

/**
 * The translations for a client that brings none: in the language of `--locale`, else of what the client says, else of the
 * terminal that started it. They lie beside the program's folder; what is not there is English.
 */
export function ownTranslations(clientLocale: string | undefined): Translations {
  const asked = localeIn(process.argv);
  const language = asked || clientLocale ? languageOf(asked || clientLocale) : terminalLanguage(process.env);
  if (language === undefined) return {};
  try {
    return JSON.parse(readFileSync(path.join(__dirname, "..", "l10n", `bundle.l10n.${language}.json`), "utf8"));
  } catch {
    return {};
  }
}

/** `--locale ko` or `--locale=ko`. */
export function localeIn(args: readonly string[]): string | undefined {
  const at = args.findIndex((argument) => /^--locale(?:=|$)/.test(argument));
  return at < 0 ? undefined : args[at] === "--locale" ? args[at + 1] : args[at]?.slice("--locale=".length);
}
