import type { DocumentLink } from "vscode-languageserver";
import type { Analysis } from "../analysis.ts";
import { baseLinks, baseResolveLink } from "../base-language.ts";

/** Base images lead to their page on the registry. Asked line by line of FROM: the library reads all it is given. */
export function links({ dockerfile, lines }: Analysis): DocumentLink[] {
  const names = new Set(dockerfile.stages.flatMap(({ name }) => name?.text.toLowerCase() ?? []));
  return dockerfile.stages.flatMap(({ from }) => {
    const { start, end } = from.range;
    if (start.line !== end.line || names.has(from.words[0]?.text.toLowerCase() ?? "")) return [];
    return baseLinks(lines[start.line] ?? "").map((link) => ({
      ...link,
      range: { start: { ...link.range.start, line: start.line }, end: { ...link.range.end, line: start.line } },
    }));
  });
}

export function resolveLink(link: DocumentLink): DocumentLink {
  return baseResolveLink(link);
}
