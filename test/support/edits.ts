// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables

const pieces = [
  "\n",
  "\\\n",
  " ",
  '"',
  "'",
  "`",
  "[",
  "]",
  "<<EOF",
  "EOF\n",
  "<<",
  "$",
  "${",
  "}",
  "--",
  "=",
  "#",
  "\r\n",
  "FROM ",
  "ONBUILD ",
  "\t",
  "🐳",
  "\u0000",
  ",",
];

/** One random edit: something goes, something that matters to the syntax comes, or a part of another file. */
export function edited(text: string, random: (below: number) => number, others: readonly string[]): string {
  const at = random(text.length + 1);
  const length = random(12);
  switch (random(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + (pieces[random(pieces.length)] ?? "") + text.slice(at);
    case 2: {
      const from = random(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + length * 5) + text.slice(at);
    }
    case 3: {
      const other = others[random(others.length)] ?? "";
      const from = random(other.length + 1);
      return text.slice(0, at) + other.slice(from, from + length * 10) + text.slice(at);
    }
    default:
      return text.slice(0, at) + (pieces[random(pieces.length)] ?? "") + text.slice(at + length);
  }
}

/** Repeatable: a failure names its text, and the same run finds it again. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
