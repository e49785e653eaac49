import type { Message } from "../../engine/base/message.ts";
import { msg } from "../../engine/base/message.ts";

export { formatBytes, formatDuration } from "../../engine/base/format.ts";

/** How long ago, in the one unit that matters. */
export function formatAge(fromMs: number, nowMs: number): Message {
  const seconds = Math.max(0, Math.round((nowMs - fromMs) / 1000));
  if (seconds < 60) return msg("just now");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return msg("{count} min ago", { count: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return msg("{count} h ago", { count: hours });
  const days = Math.round(hours / 24);
  if (days < 60) return msg("{count} days ago", { count: days });
  const months = Math.round(days / 30.4);
  if (months < 24) return msg("{count} months ago", { count: months });
  return msg("{count} years ago", { count: Math.round(months / 12) });
}
