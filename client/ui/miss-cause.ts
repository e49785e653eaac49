import type { MissCause } from "../../engine/base/build-events.ts";
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
      return msg("the instruction changed");
    case "environment-changed":
      return msg("an argument, a variable or a setting changed");
    case "source-changed":
      return msg("what it takes from another stage changed");
    case "base-moved":
      return msg("{image} is another image now", { image: cause.name });
    case "pruned":
      return msg("its result was removed from the build cache");
    case "never-built":
    case "no-cache":
    case "parent-rebuilt":
      return undefined;
  }
}
