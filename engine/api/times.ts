import { badParameter } from "./errors.ts";

/** Docker's zero time: what it says for "never". */
export const never = "0001-01-01T00:00:00Z";

export function isoTime(ms: number | undefined): string {
  return ms === undefined ? never : new Date(ms).toISOString();
}

/** RFC 3339 with nine digits, as `docker logs -t` shows. */
export function isoTimeNs(ns: bigint): string {
  const seconds = ns / 1_000_000_000n;
  const rest = (ns % 1_000_000_000n).toString().padStart(9, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}

/** `1136073845`, `1136073845.000000001`, or RFC 3339. An absent or zero time is undefined. @throws `invalid-argument` */
export function parseTimeNs(name: string, value: string | null): bigint | undefined {
  if (value === null || value === "" || value === "0") return undefined;
  const match = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(value);
  if (match) {
    const whole = BigInt(match[1] ?? "0") * 1_000_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
    return whole <= 0n ? undefined : whole;
  }
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw badParameter(name, value);
  return BigInt(ms) * 1_000_000n;
}

/** `5 minutes`, `About an hour`: the words of `docker ps`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
