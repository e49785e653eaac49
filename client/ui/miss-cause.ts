import type { MissCause } from "../../engine/base/build-events.ts";
import { wordsOfChanges } from "../../engine/base/change-words.ts";
import { type Message, msg } from "../../engine/base/message.ts";

const shownFiles = 3;

/** Why a step was done again, in a few words; undefined where it goes without saying (it is new, or a step below changed). */
export function missReason(cause: MissCause): Message | undefined {
  switch (cause.kind) {
    case "files-changed": {
      const paths = cause.files.slice(0, shownFiles).map(({ path }) => path);
      const more = cause.files.length + cause.more - paths.length;
      if (paths.length === 0) return msg("files changed");
      const files = paths.join(", ");
      return more > 0 ? msg("changed: {files} and {more} more", { files, more }) : msg("changed: {files}", { files });
    }
    case "instruction-changed":
      return wordsOfChanges(cause.changes) ?? msg("the instruction changed");
    case "environment-changed":
      return wordsOfChanges(cause.changes) ?? msg("an argument, a variable or a setting changed");
    case "source-changed":
      return cause.from === undefined
        ? msg("what it takes from another stage changed")
        : msg("what it takes from {source} changed", { source: cause.from });
    case "base-moved":
      return cause.was === undefined
        ? msg("{image} is another image now", { image: cause.name })
        : msg("it stands on {image} now, no longer on {was}", { image: cause.name, was: cause.was });
    case "pruned":
      return msg("its result was removed from the build cache");
    case "never-built":
    case "no-cache":
    case "parent-rebuilt":
      return undefined;
  }
}

/** The same for who asks: also what goes without saying. `lineOf`: of a step of the build, from 1. */
export function wholeReason(cause: MissCause, lineOf: (step: number) => number | undefined): Message {
  switch (cause.kind) {
    case "never-built":
      return msg("it had not been built here before");
    case "no-cache":
      return msg("the build was asked not to use the cache");
    case "parent-rebuilt": {
      const line = cause.line ?? (cause.step === undefined ? undefined : lineOf(cause.step));
      return line === undefined
        ? msg("a step before it was done again")
        : msg("the step in line {line} was done again", { line });
    }
    default:
      return missReason(cause) ?? msg("something that it depends on changed");
  }
}
