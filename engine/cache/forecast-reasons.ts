import type { FileChange, MissCause, PartChange } from "../base/build-events.ts";
import { wordsOfChanges } from "../base/change-words.ts";
import type { ForecastOutcome, UnknownCause } from "../base/forecast.ts";
import { type Message, msg } from "../base/message.ts";

const shownFiles = 3;

/** One sentence for a person. */
export function reasonOf(outcome: ForecastOutcome, cause: MissCause | UnknownCause | undefined): Message {
  if (cause === undefined || outcome === "hit") return msg("Nothing that it depends on has changed.");
  switch (cause.kind) {
    case "never-built":
      return msg("It has not been built here yet.");
    case "no-cache":
      return msg("The build is asked not to use the cache.");
    case "pruned":
      return msg("It was built just so, but its result has been removed from the build cache.");
    case "base-moved":
      if (cause.was !== undefined)
        return msg("It stands on {image} now, no longer on {was}.", { image: cause.name, was: cause.was });
      return msg("{image} is another image than at the last build.", { image: cause.name });
    case "parent-rebuilt":
      return cause.line === undefined
        ? msg("A step before it is not what it was.")
        : msg("The step in line {line} is not what it was.", { line: cause.line });
    case "instruction-changed":
      return instructionChanged(cause.changes);
    case "files-changed":
      return changedFiles(cause.files, cause.more);
    case "source-changed":
      return cause.from === undefined
        ? msg("What it takes from another stage or a mount has changed.")
        : msg("What it takes from {source} has changed.", { source: cause.from });
    case "environment-changed":
      return valuesChanged(wordsOfChanges(cause.changes));
    case "base-missing":
      if (outcome === "miss") {
        return cause.isAsked
          ? msg("The build is asked to pull {image} anew.", { image: cause.name })
          : msg("{image} is not here and will be pulled.", { image: cause.name });
      }
      return msg("It is known once {image} is pulled.", { image: cause.name });
    case "depends":
      return msg("It is reused if what it takes of line {line} turns out as before.", { line: cause.line });
    case "remote":
      return msg("It is reused if {address} still has what it had.", { address: cause.address });
    case "fails":
      return cause.line === undefined
        ? msg("The build will fail here: {message}", { message: cause.message })
        : msg("The build will fail in line {line}: {message}", { line: cause.line, message: cause.message });
  }
}

function instructionChanged(changes: readonly PartChange[] | undefined): Message {
  const change = wordsOfChanges(changes);
  if (!change) return msg("The instruction has changed.");
  // These say themselves that it is the instruction.
  const isWhole = changes?.[0]?.part === "blanks" || changes?.[0]?.part === "heredoc";
  return isWhole ? msg("{change}.", { change }) : msg("The instruction has changed: {change}.", { change });
}

function valuesChanged(change: Message | undefined): Message {
  return change
    ? msg("{change}.", { change })
    : msg("An argument, a variable or a setting that it sees has another value.");
}

function changedFiles(files: readonly FileChange[], more: number): Message {
  const count = files.length + more;
  const [only] = files;
  if (!only) return msg("Files that it takes have changed.");
  if (count === 1) return oneFile(only);
  const shown = files
    .slice(0, shownFiles)
    .map(({ path }) => path)
    .join(", ");
  if (count <= shownFiles) return msg("{count} files have changed: {files}.", { count, files: shown });
  return msg("{count} files have changed: {files} and others.", { count, files: shown });
}

function oneFile({ path, change }: FileChange): Message {
  switch (change) {
    case "added":
      return msg("{path} is new.", { path });
    case "removed":
      return msg("{path} is gone.", { path });
    case "mode":
      return msg("{path} has other permissions.", { path });
    case "content":
      return msg("{path} has changed.", { path });
  }
}
