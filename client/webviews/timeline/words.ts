import { type Message, msg } from "../../../engine/base/message.ts";

/** What the page says, in the person's language; `{…}` is filled in by the page. */
export function timelineWords() {
  return {
    steps: msg("Steps"),
    took: msg("took {duration}"),
    forSoLong: msg("for {duration} so far"),
    facts: msg("{reused} of {total} steps reused · {atOnce} at once at most"),
    saved: msg("{work} of work in {duration}"),
    critical: msg("critical path"),
    criticalWhy: msg("The build would end earlier if one of these steps were faster; the others only fill the time."),
    waiting: msg("waiting"),
    running: msg("running"),
    reused: msg("reused"),
    done: msg("done"),
    failed: msg("failed"),
    goToLine: msg("Go to {line}"),
    hint: msg("Choose a step with the mouse or the arrow keys; Enter goes to its line."),
    from: msg("from {start} to {end}"),
    stage: msg("stage {name}"),
    nothing: msg("This build has no steps yet."),
  } satisfies Record<string, Message>;
}

export type TimelineWords = Record<keyof ReturnType<typeof timelineWords>, string>;
