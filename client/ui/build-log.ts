import type { BuildEvent, BuildStep } from "../../engine/base/build-events.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatBytes, formatDuration } from "./format.ts";
import { missReason } from "./miss-cause.ts";

const style = { dim: "2", bold: "1", red: "31", green: "32", yellow: "33", cyan: "36" } as const;

/** Smaller pieces are there before anybody asks. */
const notableBytes = 1_000_000;

interface LogOptions {
  readonly color: boolean;
  readonly translate: (message: Message) => string;
}

/**
 * Turns build events into lines of a log, for the terminal view and `--progress plain` alike.
 * Steps of parallel stages may interleave; every line of output carries its step's number.
 */
export function createBuildLog({ color, translate }: LogOptions): (event: BuildEvent) => string[] {
  const paint = (code: string, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  let steps: readonly BuildStep[] = [];
  const moving = new Set<string>();
  const title = (id: number) => {
    const step = steps[id];
    return `${paint(style.cyan, `[${id + 1}/${steps.length}]`)} ${paint(style.bold, firstLine(step?.text ?? ""))}`;
  };

  return (event) => {
    switch (event.type) {
      case "started":
        steps = event.steps;
        return [];
      case "step-started":
        return event.cached ? [] : [title(event.step)];
      case "progress": {
        // A log has no line that changes: what is moved is named when it begins and when it is complete.
        const { step, item, currentBytes, totalBytes } = event;
        const key = `${step} ${item}`;
        if (totalBytes === undefined || totalBytes < notableBytes) return [];
        const mark = paint(style.dim, `${step + 1} │`);
        if (currentBytes >= totalBytes) return moving.delete(key) ? [`${mark} ${item} ${formatBytes(totalBytes)}`] : [];
        if (moving.has(key)) return [];
        moving.add(key);
        return [`${mark} ${item} … ${formatBytes(totalBytes)}`];
      }
      case "log": {
        const mark = paint(style.dim, `${event.step + 1} │`);
        return event.text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `${mark} ${line.replace(/\r$/, "")}`);
      }
      case "step-done": {
        if (event.cached) return [`${title(event.step)} ${paint(style.green, translate(msg("reused")))}`];
        const size = event.sizeBytes === undefined ? "" : `, ${formatBytes(event.sizeBytes)}`;
        const done = translate(msg("done in {duration}", { duration: formatDuration(event.durationMs) }));
        const reason = event.cause && missReason(event.cause);
        const why = reason ? ` (${translate(reason)})` : "";
        return [paint(style.dim, `${event.step + 1} └ ${done}${size}${why}`)];
      }
      case "output":
        return [translate(event.message)];
      case "warning":
        return [`${paint(style.yellow, translate(msg("warning:")))} ${translate(event.message)}`];
      case "failed": {
        const { step, error } = event;
        const details = error.drydock;
        const line = (details?.range ?? (step === undefined ? undefined : steps[step]?.range))?.start.line;
        // What is wrong with the text says its line itself.
        const place =
          line === undefined || (step === undefined && details?.code === "dockerfile-syntax")
            ? ""
            : ` ${paint(style.dim, translate(msg("(line {line})", { line: line + 1 })))}`;
        const words = paint(style.red, details ? translate(details.message) : error.message);
        const hint = details?.hint ? [translate(details.hint)] : [];
        // Named again: in a long log, or when other steps went on beside it, its title is far away.
        return step === undefined ? [words + place, ...hint] : [title(step) + place, words, ...hint];
      }
      case "done": {
        const reused = msg("{cached} of {total} steps reused", { cached: event.cachedSteps, total: event.totalSteps });
        const name = event.tags.length > 0 ? event.tags.join(", ") : event.imageId.slice(7, 19);
        const built = msg("Built {name} in {duration}", { name, duration: formatDuration(event.durationMs) });
        return [`${paint(style.green, translate(built))} (${translate(reused)})`];
      }
    }
  };
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : `${text.slice(0, end)} …`;
}
