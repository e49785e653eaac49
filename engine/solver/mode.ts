import { badChmod } from "./errors.ts";

/** What --chmod does to the mode of one thing. */
export interface ModeChange {
  /** Set for an octal mode, which also holds for the folders that are made on the way. */
  readonly octal?: number;
  apply(mode: number, isFolder: boolean): number;
}

const shifts = { u: 6, g: 3, o: 0 } as const;
type Who = keyof typeof shifts;

/**
 * Octal up to 7777, or chmod's symbolic form with a umask of 0: `u=rwX,go=rX`, `+x`, `g=u`.
 * @throws EngineError `invalid-argument`
 */
export function parseChmod(text: string): ModeChange {
  if (/^[0-7]{1,5}$/.test(text)) {
    const octal = Number.parseInt(text, 8);
    if (octal > 0o7777) throw badChmod(text);
    return { octal, apply: () => octal };
  }
  const clauses = text.split(",").map((clause) => {
    const found = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(clause);
    if (!found?.[2]) throw badChmod(text);
    const who =
      found[1] === "" || found[1]?.includes("a") ? (["u", "g", "o"] as Who[]) : ([...(found[1] ?? "")] as Who[]);
    return {
      who,
      actions: [...found[2].matchAll(/([-+=])([ugorwxXst]*)/g)].map((action) => [action[1], action[2] ?? ""] as const),
    };
  });
  return {
    apply(mode, isFolder) {
      let result = mode;
      for (const { who, actions } of clauses) {
        for (const [operator, what] of actions) {
          const bits = bitsFor(who, what, result, isFolder);
          if (operator === "+") result |= bits;
          else if (operator === "-") result &= ~bits;
          else result = (result & ~clearedBy(who, isFolder)) | bits;
        }
      }
      return result;
    },
  };
}

function bitsFor(who: readonly Who[], what: string, mode: number, isFolder: boolean): number {
  let bits = 0;
  for (const one of who) {
    const shift = shifts[one];
    for (const letter of what) {
      if (letter === "r") bits |= 4 << shift;
      else if (letter === "w") bits |= 2 << shift;
      else if (letter === "x" || (letter === "X" && (isFolder || (mode & 0o111) !== 0))) bits |= 1 << shift;
      else if (letter === "s") bits |= one === "u" ? 0o4000 : one === "g" ? 0o2000 : 0;
      else if (letter === "t") bits |= 0o1000;
      else if (letter === "u" || letter === "g" || letter === "o") bits |= ((mode >> shifts[letter]) & 7) << shift;
    }
  }
  return bits;
}

/** `=` also clears set-id bits, but as chmod does never those of a folder. */
function clearedBy(who: readonly Who[], isFolder: boolean): number {
  let bits = 0;
  for (const one of who) {
    bits |= 7 << shifts[one];
    if (!isFolder && one === "u") bits |= 0o4000;
    if (!isFolder && one === "g") bits |= 0o2000;
  }
  return bits;
}
