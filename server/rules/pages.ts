import { problemCodes } from "../../engine/analysis.ts";
import { msg } from "../../engine/base/message.ts";
import { idsOf, shellCheckCode } from "../lint/config.ts";
import { type InWords, rulePage } from "../lint/rule-page.ts";
import { codes } from "./codes.ts";
import { rules } from "./rules.ts";

/** The page of a rule or of a problem of the parser, or the pages of all that another linter's code stands for. */
export function pageOf(code: string, inWords: InWords): string | undefined {
  const shellCheck = shellCheckCode(code);
  if (shellCheck) return `# shellcheck/${shellCheck}\n\n<${wiki(shellCheck)}>\n`;
  const ids = new Set(idsOf(code, codes));
  const pages = [
    ...rules.filter(({ id }) => ids.has(id)).map((rule) => rulePage(rule, inWords)),
    ...Object.entries(problemCodes).flatMap(([id, { summary, why }]) =>
      ids.has(id) ? [`# ${id}\n\n**${inWords(summary)}**\n\n${inWords(why)}\n\n${inWords(fromParser)}\n`] : [],
    ),
  ];
  return pages.length > 0 ? pages.join("\n") : undefined;
}

const fromParser = msg("The builder itself would refuse or misread this.");

/** Where a diagnostic's code leads: its page, under the address that the client has for pages; ShellCheck's wiki. */
export function pageAddress(code: string, pages: string | undefined): string | undefined {
  const shellCheck = code.startsWith("shellcheck/") ? shellCheckCode(code) : undefined;
  return shellCheck ? wiki(shellCheck) : pages && `${pages}${code}.md`;
}

function wiki(code: string): string {
  return `https://www.shellcheck.net/wiki/${code}`;
}
