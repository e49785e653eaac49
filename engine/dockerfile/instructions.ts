export type FlagKind = "boolean" | "text" | "texts";

/** How the builder reads what follows keyword and flags. */
export type ArgumentForm = "words" | "command" | "paths" | "pairs" | "text" | "health" | "instruction";

export interface InstructionForm {
  readonly arguments: ArgumentForm;
  readonly json: boolean;
  readonly heredocs: boolean;
  readonly flags: Readonly<Record<string, FlagKind>>;
}

const copyFlags = { chown: "text", chmod: "text", link: "boolean", exclude: "texts" } as const;

/** All instructions of the reference builder with the flags of its newest syntax. */
export const instructionForms: Readonly<Record<string, InstructionForm>> = {
  ADD: form("paths", true, true, { ...copyFlags, "keep-git-dir": "boolean", checksum: "text", unpack: "boolean" }),
  ARG: form("words", false, false),
  CMD: form("command", true, false),
  COPY: form("paths", true, true, { ...copyFlags, from: "text", parents: "boolean" }),
  ENTRYPOINT: form("command", true, false),
  ENV: form("pairs", false, false),
  EXPOSE: form("words", false, false),
  FROM: form("words", false, false, { platform: "text" }),
  HEALTHCHECK: form("health", true, false, {
    interval: "text",
    timeout: "text",
    "start-period": "text",
    "start-interval": "text",
    retries: "text",
  }),
  LABEL: form("pairs", false, false),
  MAINTAINER: form("text", false, false),
  ONBUILD: form("instruction", false, false),
  RUN: form("command", true, true, { mount: "texts", network: "text", security: "text", device: "texts" }),
  SHELL: form("command", true, false),
  STOPSIGNAL: form("text", false, false),
  USER: form("text", false, false),
  VOLUME: form("words", true, false),
  WORKDIR: form("text", false, false),
};

function form(
  arguments_: ArgumentForm,
  json: boolean,
  heredocs: boolean,
  flags: Readonly<Record<string, FlagKind>> = {},
): InstructionForm {
  return { arguments: arguments_, json, heredocs, flags };
}

/** The nearest of `names`, when it is near enough to have been meant. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // Any letter is one change away from any other.
  let bestDistance = word.length <= 3 ? Math.min(2, word.length) : 3;
  for (const name of names) {
    const distance = editDistance(word, name, bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, changes and swaps of neighbours; stops counting at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? limit;
}
