import type { Position } from "../../../engine/base/ranges.ts";
import type { Analysis } from "../../analysis.ts";
import { idsOf } from "../../lint/config.ts";
import { contains } from "../../lint/fixes.ts";
import { checkDirective, controlComments } from "../../lint/suppressions-read.ts";
import { codes } from "../../rules/codes.ts";
import { pageAddress } from "../../rules/pages.ts";
import { documentation } from "../completion/docs.ts";
import { type HoverAsks, paragraphs, type Said } from "./spot.ts";

/** A name in `# drydock ignore=`, `# hadolint ignore=` or `# check=skip=`: what is not asked for, and its page. */
export function ofIgnored(analysis: Analysis, position: Position, asks: HoverAsks): Said | undefined {
  const { dockerfile } = analysis;
  const directive = checkDirective(dockerfile).ignore;
  const comments = [...controlComments(dockerfile).ignores, ...(directive ? [directive] : [])];
  const code = comments
    .filter(({ line }) => line === position.line)
    .flatMap((comment) => comment.codes)
    .find(({ range }) => contains(range, position));
  if (!code) return undefined;
  const { name, range } = code;
  const page = pageOfTwin(name);
  const rules = idsOf(name, codes).flatMap((id) => {
    const address = pageAddress(id, asks.pages);
    const says = documentation(`code/${id}`, asks.translate);
    const title = address === undefined ? `**${id}**` : `**[${id}](${address})**`;
    return says === undefined && address === undefined ? [] : [paragraphs(title, says)];
  });
  const isKnown = rules.length > 0 && idsOf(name, codes).some((id) => isOurs(id) || id.startsWith("shellcheck/"));
  return isKnown ? { text: paragraphs(...rules, page && `[${name}](${page})`), range } : undefined;
}

const isOurs = (id: string) => codes.some((one) => one.id === id);

/** Where the maker of a check explains it. */
function pageOfTwin(name: string): string | undefined {
  const bare = name.replace(/^(?:hadolint|buildkit):/, "");
  if (/^DL\d{4}$/.test(bare)) return `https://github.com/hadolint/hadolint/wiki/${bare}`;
  const isCheck = codes.some(({ sameAs }) => sameAs.includes(`buildkit:${bare}`));
  const slug = bare.replace(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3-$2$4").toLowerCase();
  return isCheck ? `https://docs.docker.com/reference/build-checks/${slug}/` : undefined;
}
