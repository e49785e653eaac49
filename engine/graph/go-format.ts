// History entries are written as the reference's Go program prints them, so that tools which read them keep working.

const named: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** Go's `%q` of a list of strings: `["/bin/sh" "-c" "true"]`. */
export function quoteList(items: readonly string[]): string {
  return `[${items.map(quote).join(" ")}]`;
}

function quote(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}]/gu, (char) => {
    const code = char.charCodeAt(0);
    return (
      named[char] ??
      (code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`)
    );
  });
  return `"${escaped}"`;
}

/** Go's `time.Duration`: `1m30s`, `0s`, `500ms`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e9) {
    for (const [unit, size] of [
      ["ms", 1e6],
      ["µs", 1e3],
    ] as const) {
      if (nanoseconds >= size) return `${nanoseconds / size}${unit}`;
    }
    return `${nanoseconds}ns`;
  }
  const hours = Math.floor(nanoseconds / 3.6e12);
  const minutes = Math.floor((nanoseconds % 3.6e12) / 6e10);
  const seconds = (nanoseconds % 6e10) / 1e9;
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}
