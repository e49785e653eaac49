/** What a terminal says of its reader's language. */
export interface Locale {
  readonly LC_ALL?: string | undefined;
  readonly LC_MESSAGES?: string | undefined;
  readonly LANG?: string | undefined;
}

/** `ko` of `ko_KR.UTF-8` or `ko-KR`; undefined for English, for `C` and for what says nothing. */
export function languageOf(tag: string | undefined): string | undefined {
  const language = /^[a-z]{2,3}(?=$|[-_.@])/i.exec(tag ?? "")?.[0].toLowerCase();
  return language === "en" ? undefined : language;
}

/** POSIX, "Internationalization Variables": the first that is not empty counts. */
export function terminalLanguage({ LC_ALL, LC_MESSAGES, LANG }: Locale): string | undefined {
  return languageOf(LC_ALL || LC_MESSAGES || LANG);
}
