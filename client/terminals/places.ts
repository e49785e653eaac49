/** A file and a place in it that a line of output names. Lines and columns count from 0. */
export interface NamedPlace {
  readonly start: number;
  readonly length: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** As programs write them: `a/b.js:12:3`, `File "/app/x.py", line 7`, `x.c(12,3)`. Addresses of the web are none. */
const forms: readonly RegExp[] = [
  /(?<file>(?:\.{0,2}\/)?[\w@+-][\w@+.-]*(?:\/[\w@+.-]+)*\.[A-Za-z]\w{0,9}):(?<line>\d{1,7})(?::(?<column>\d{1,5}))?/g,
  /File "(?<file>[^"]+)", line (?<line>\d{1,7})/g,
  /(?<file>(?:\.{0,2}\/)?[\w@+-][\w@+.-]*(?:\/[\w@+.-]+)*\.[A-Za-z]\w{0,9})\((?<line>\d{1,7})(?:,(?<column>\d{1,5}))?\)/g,
];

/** No line of sense is longer, and none is looked through beyond. */
const mostCharacters = 2000;

export function findPlaces(text: string): NamedPlace[] {
  const line = text.slice(0, mostCharacters);
  return forms.flatMap((form) =>
    [...line.matchAll(form)].flatMap((found): NamedPlace[] => {
      const { file = "", line: number, column } = found.groups ?? {};
      // `https://host.example:80`, and a path that begins before what was matched.
      if (/[\w/.@:]$/.test(line.slice(0, found.index)) && !file.startsWith("/")) return [];
      if (line.slice(0, found.index).endsWith("/")) return [];
      return [
        {
          start: found.index,
          length: found[0].length,
          file,
          line: Math.max(0, Number(number) - 1),
          column: Math.max(0, Number(column ?? 1) - 1),
        },
      ];
    }),
  );
}
