import { type Message, msg } from "../../../engine/base/message.ts";

/** What of a container's log is shown. */
export interface LogOptions {
  readonly timestamps: boolean;
  /** Seconds back from now; 0: from the beginning. */
  readonly sinceSeconds: number;
  /** Lines at most, the last ones; 0: all. */
  readonly tail: number;
}

export const usualLogOptions: LogOptions = { timestamps: false, sinceSeconds: 0, tail: 1000 };

export const logSpans: readonly { readonly seconds: number; readonly label: Message }[] = [
  { seconds: 0, label: msg("from the beginning") },
  { seconds: 24 * 3600, label: msg("the last day") },
  { seconds: 3600, label: msg("the last hour") },
  { seconds: 15 * 60, label: msg("the last 15 minutes") },
  { seconds: 60, label: msg("the last minute") },
];

export const logTails: readonly number[] = [100, 1000, 10_000, 0];

/** As `GET /containers/{id}/logs` has it. */
export function logQuery({ timestamps, sinceSeconds, tail }: LogOptions, nowMs: number) {
  return {
    stdout: true,
    stderr: true,
    ...(timestamps ? { timestamps: true } : {}),
    ...(sinceSeconds > 0 ? { since: Math.floor(nowMs / 1000) - sinceSeconds } : {}),
    ...(tail > 0 ? { tail } : {}),
  } as const;
}

/**
 * From when on, in seconds, the log of a container is shown behind the end of what was followed. A run that began before that end
 * was heard of has written its first lines already. `followed`, `now`: when the run began that was followed, and the one of now.
 */
export function goesOnAt(endedMs: number, followed: string, now: string): number {
  const startedMs = Date.parse(now);
  return (now !== followed && startedMs < endedMs ? startedMs : endedMs) / 1000;
}

/** ECMA-48: colours and moves of the cursor (CSI), titles (OSC), and what a lone carriage return has overwritten. */
export function plainText(text: string): string {
  return text
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g, "")
    .replace(/\r\n/g, "\n")
    .replace(/^.*\r(?!$)/gm, "");
}

/** Lines with each of the words, in any case; all without a word. */
export function linesWith(text: string, filter: string): string {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return text;
  const lines = text.split("\n").filter((line) => {
    const lower = line.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
