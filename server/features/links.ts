import type { DocumentLink } from "vscode-languageserver";
import type { Stage } from "../../engine/analysis.ts";
import type { Analysis } from "../analysis.ts";
import { baseLinks, baseResolveLink } from "../base-language.ts";

/** Base images lead to their page on the registry. Asked line by line of FROM: the library reads all it is given. */
export function links({ dockerfile }: Analysis): DocumentLink[] {
  const { stages, lines } = dockerfile;
  const names = new Set(stages.flatMap(({ name }) => name?.text.toLowerCase() ?? []));
  return stages.flatMap(({ from }) => {
    const { start, end } = from.range;
    if (start.line !== end.line || names.has(from.words[0]?.text.toLowerCase() ?? "")) return [];
    return ofLine(from.content, () => lines.at(start.line)).map((link) => ({
      ...link,
      range: { start: { ...link.range.start, line: start.line }, end: { ...link.range.end, line: start.line } },
    }));
  });
}

const known = new WeakMap<Stage["from"]["content"], readonly DocumentLink[]>();

function ofLine(content: object, line: () => string): readonly DocumentLink[] {
  const found = known.get(content) ?? baseLinks(line());
  known.set(content, found);
  return found;
}

export function resolveLink(link: DocumentLink): DocumentLink {
  return baseResolveLink(link);
}
