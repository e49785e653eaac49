import { wordsOfChanges } from "../../engine/base/change-words.ts";
import type { Forecast, StepForecast } from "../../engine/base/forecast.ts";
import { type Message, msg } from "../../engine/base/message.ts";

type Translate = (message: Message) => string;

/** `0.4 s`, `12 s`, `3 min`. */
export function shortDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

export function shortBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(2))} ${units[unit]}`;
}

/** What stands at the end of the line: calm, so a step after a rebuilt one says only what it costs. */
export function hintText({ outcome, reason, cause, durationMs }: StepForecast, translate: Translate): string {
  const cost = durationMs === undefined ? undefined : `≈ ${shortDuration(durationMs)}`;
  if (outcome === "hit") return `✓ ${translate(msg("reused"))}`;
  const follows = cause?.kind === "parent-rebuilt" || cause?.kind === "depends";
  const mark = outcome === "miss" ? "↻" : "?";
  const why = follows
    ? undefined
    : cause?.kind === "never-built"
      ? translate(msg("not built yet"))
      : short(translate((cause?.kind === "instruction-changed" && wordsOfChanges(cause.changes)) || reason));
  const words = outcome === "miss" ? translate(msg("rebuilds")) : translate(msg("not known yet"));
  return [`${mark} ${why ?? words}`, cost].filter((part) => part !== undefined).join(" · ");
}

const longest = 60;

function short(text: string): string {
  const plain = text.replace(/\.$/, "");
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
}

/** The whole explanation, in Markdown, for a hover. */
export function explanation(step: StepForecast, { isEstimate }: Forecast, translate: Translate): string {
  const { outcome, reason, durationMs, sizeBytes } = step;
  const title =
    outcome === "hit"
      ? msg("**Next build:** this step is reused.")
      : outcome === "miss"
        ? msg("**Next build:** this step is done again.")
        : msg("**Next build:** whether this step is reused is not known before.");
  const cost =
    durationMs === undefined
      ? outcome === "hit"
        ? undefined
        : msg("How long it takes is not known: it has not been built here yet.")
      : sizeBytes === undefined
        ? msg("The last time it took {duration}.", { duration: shortDuration(durationMs) })
        : msg("The last time it took {duration} and made {size}.", {
            duration: shortDuration(durationMs),
            size: shortBytes(sizeBytes),
          });
  const { builds = 0, redone = 0 } = step.past ?? {};
  const times =
    builds > 2 && redone > 1
      ? msg("Of the last {builds} builds {redone} did it again.", { builds: builds - 1, redone: redone - 1 })
      : undefined;
  const lesson =
    outcome === "hit"
      ? undefined
      : msg("A step is reused while its instruction, the files that it takes and every step before it are the same.");
  const estimate = isEstimate
    ? msg("An estimate: another engine builds, and what it keeps is known from earlier builds only.")
    : undefined;
  return [title, reason, cost, times, lesson, estimate].flatMap((one) => (one ? [translate(one)] : [])).join("\n\n");
}

/** Of a stage, or of everything. */
export function summary(steps: readonly StepForecast[], translate: Translate): string {
  const hits = steps.filter(({ outcome }) => outcome === "hit").length;
  const ms = steps.reduce((sum, { outcome, durationMs = 0 }) => (outcome === "miss" ? sum + durationMs : sum), 0);
  const reused = msg("next build reuses {hits} of {total}", { hits, total: steps.length });
  if (hits === steps.length) return translate(msg("next build reuses everything"));
  return ms > 0 ? `${translate(reused)} · ≈ ${shortDuration(ms)}` : translate(reused);
}
