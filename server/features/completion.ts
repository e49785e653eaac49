import type { CompletionItem, CompletionList } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { ofComment } from "./completion/comments.ts";
import { documentation } from "./completion/docs.ts";
import { ofFlag } from "./completion/flags.ts";
import { ofFrom } from "./completion/images.ts";
import { ofKeyword } from "./completion/keywords.ts";
import { type ItemAbilities, markdown, type Offers, toItems, type Wants } from "./completion/offer.ts";
import { ofCopy } from "./completion/paths.ts";
import { type ImageKnowledge, type Place, placeAt } from "./completion/place.ts";
import { ofShell } from "./completion/shell.ts";
import { ofValue } from "./completion/values.ts";
import { ofVariable } from "./completion/variables.ts";

export interface CompletionOptions extends ItemAbilities {
  readonly images?: ImageKnowledge;
  /** The character that opened the list, unless somebody asked for it. */
  readonly trigger?: string;
}

export interface Completed {
  readonly list: CompletionList;
  /** What an engine or a registry could add. */
  readonly wants?: Wants;
}

/** The whole list for the place, likeliest first; the client filters while one types. */
export function completion(analysis: Analysis, position: Position, options: CompletionOptions): Completed {
  const place = placeAt(analysis, position, options);
  const offers = offersAt(place);
  const items = offers ? toItems(offers, place, options) : [];
  return {
    list: { isIncomplete: offers?.isIncomplete ?? false, items },
    ...(offers?.wants && { wants: offers.wants }),
  };
}

function offersAt(place: Place): Offers | undefined {
  switch (place.kind) {
    case "comment":
      return ofComment(place);
    case "keyword":
      return ofKeyword(place);
    case "heredoc":
      return ofVariable(place) ?? (place.keyword === "RUN" ? ofShell(place) : undefined);
    case "arguments":
      return ofVariable(place) ?? ofFlag(place) ?? ofArguments(place);
  }
}

function ofArguments(place: Place): Offers | undefined {
  switch (place.keyword) {
    case "FROM":
      return ofFrom(place);
    case "COPY":
    case "ADD":
      return ofCopy(place);
    case "RUN":
      return ofShell(place);
    default:
      return ofValue(place);
  }
}

/** The text beside an item, when somebody looks at it. */
export function resolveCompletion(item: CompletionItem, translate: ItemAbilities["translate"]): CompletionItem {
  const { doc } = (item.data ?? {}) as { doc?: unknown };
  const text = typeof doc === "string" ? documentation(doc, translate) : undefined;
  return text === undefined ? item : { ...item, documentation: markdown(text) };
}
