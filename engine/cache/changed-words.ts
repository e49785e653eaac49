import type { PartChange } from "../base/build-events.ts";
import { isSecret, shortened } from "./facts.ts";

const mostChanges = 5;

/** What is different between two instructions of one keyword: their flags, then the words that are not in both. */
export function changedWords(before: string, now: string): readonly PartChange[] {
  const was = partsOf(before);
  const is = partsOf(now);
  const changes = flagChanges(was.flags, is.flags);
  const [from, to] = withoutSameEnds(was.words, is.words);
  if (from.length > 0 || to.length > 0) {
    const isCopy = /^(?:COPY|ADD)$/i.test(is.keyword);
    const isDestination = isCopy && from.length === 1 && to.length === 1 && was.words.at(-1) !== is.words.at(-1);
    const part = !isCopy ? "words" : isDestination ? "destination" : "source";
    changes.push(change(part, from.join(" "), to.join(" ")));
  }
  return changes.slice(0, mostChanges);
}

interface Parts {
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly words: readonly string[];
}

function partsOf(text: string): Parts {
  const [keyword = "", ...words] = text.split(/\s+/);
  const end = words.findIndex((word) => !word.startsWith("--"));
  const flags = end < 0 ? words.length : end;
  return { keyword, flags: words.slice(0, flags), words: words.slice(flags) };
}

/** Flags of one name are compared in order: there may be several mounts. */
function flagChanges(before: readonly string[], now: readonly string[]): PartChange[] {
  const gone = before.filter((flag) => !now.includes(flag));
  const changes: PartChange[] = [];
  for (const flag of now) {
    if (before.includes(flag)) continue;
    const at = gone.findIndex((one) => nameOf(one) === nameOf(flag));
    const [was = ""] = at < 0 ? [] : gone.splice(at, 1);
    changes.push(change("flag", was, flag));
  }
  return [...changes, ...gone.map((flag) => change("flag", flag, ""))];
}

function nameOf(flag: string): string {
  return flag.replace(/=.*$/s, "");
}

function withoutSameEnds(before: readonly string[], now: readonly string[]): [from: string[], to: string[]] {
  const most = Math.min(before.length, now.length);
  let start = 0;
  while (start < most && before[start] === now[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  return [before.slice(start, before.length - end), now.slice(start, now.length - end)];
}

function change(part: PartChange["part"], from: string, to: string): PartChange {
  if (isSecret("", `${from} ${to}`) || shortened(from) === shortened(to)) return { part };
  return { part, ...(from === "" ? {} : { from: shortened(from) }), ...(to === "" ? {} : { to: shortened(to) }) };
}
