import { contains } from "../../lint/fixes.ts";
import { documentation } from "../completion/docs.ts";
import { keywords } from "../data/keywords.ts";
import { instructionDocs } from "../docs/instructions.ts";
import { own } from "../own.ts";
import { fenced, paragraphs, type Said, type Spot } from "./spot.ts";

/** The keyword of an instruction, the one behind ONBUILD, and AS. */
export function ofKeyword({ position, outer, instruction, translate }: Spot): Said | undefined {
  for (const { keyword, keywordWord } of new Set([outer, instruction])) {
    if (!contains(keywordWord.range, position)) continue;
    const text = keywordText(keyword, translate);
    return text === undefined ? undefined : { text, range: keywordWord.range };
  }
  const word = instruction.keyword === "FROM" ? instruction.words[1] : undefined;
  if (word?.text.toUpperCase() !== "AS" || !contains(word.range, position)) return undefined;
  return { text: documentation("keyword/AS", translate) ?? "", range: word.range };
}

function keywordText(keyword: string, translate: Spot["translate"]): string | undefined {
  const doc = own(instructionDocs, keyword);
  const says = own(keywords, keyword)?.says;
  if (!doc || !says) return undefined;
  const reference = `https://docs.docker.com/reference/dockerfile/#${keyword.toLowerCase()}`;
  return paragraphs(
    `**${keyword}** — ${translate(says)}`,
    translate(doc.more),
    fenced(doc.example),
    `[${keyword}](${reference})`,
  );
}
