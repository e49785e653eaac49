const units = ["", "k", "m", "g", "t", "p"];

/** Bytes of `64m`, `1.5g`, `512 KiB` or `4096`, as Docker reads sizes: units are powers of 1024. Undefined for anything else. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  if (match === null) return undefined;
  const sizeBytes = Math.floor(Number(match[1]) * 1024 ** units.indexOf((match[2] ?? "").toLowerCase()));
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
