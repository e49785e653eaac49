import { type Message, msg } from "../../../engine/base/message.ts";

/** `12.3 MB`: decimal units and three digits. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** How long ago, in days or the one unit that matters. */
export function formatAge(fromMs: number, nowMs: number): Message {
  const hours = Math.max(0, Math.round((nowMs - fromMs) / 3_600_000));
  if (hours < 1) return msg("just now");
  return hours < 48
    ? msg("{count} h ago", { count: hours })
    : msg("{count} days ago", { count: Math.round(hours / 24) });
}
