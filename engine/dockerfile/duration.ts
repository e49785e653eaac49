const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** Nanoseconds of a duration as Go writes it (`1m30s`, `1.5h`, `0`); `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.+)$/.exec(text);
  const body = match?.[2] ?? "";
  if (body === "0") return 0;
  // Escaped: one other character in a pattern makes V8 keep the whole bundle in twice the memory.
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, number, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)) {
    total += Number(number) * (units[unit ?? ""] ?? 0);
  }
  return Math.round(match?.[1] === "-" ? -total : total);
}
