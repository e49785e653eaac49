import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Message, msg } from "../../engine/base/message.ts";
import { contextAround, ignoreFilesOf, isInside, readSmall } from "./files.ts";
import { ignoreLines, patternText } from "./lines.ts";
import { decide, ignoreMatcher } from "./matcher.ts";

/** Why a file is, or is not, in a build context. */
export interface ContextExplanation {
  readonly ignored: boolean;
  /** A sentence for a person. */
  readonly text: string;
  /** The line that decided. */
  readonly uri?: string;
  readonly line?: number;
}

interface Surroundings {
  readonly folders: readonly string[];
  /** Of an open document: what is typed counts, not what is saved. */
  readonly textOf: (uri: string) => string | undefined;
  readonly translate: (message: Message) => string;
}

/** One explanation for each ignore file that a Dockerfile of this context may be built with. */
export function explainContext(
  file: string,
  { folders, textOf, translate }: Surroundings,
): readonly ContextExplanation[] {
  const context = contextAround(file, folders);
  if (context === undefined || !isInside(file, context)) {
    return [
      { ignored: false, text: translate(msg("No folder above this file is built from: none has a Dockerfile.")) },
    ];
  }
  const name = path.relative(context, file).split(path.sep).join("/");
  const sources = ignoreFilesOf(context);
  if (sources.length === 0) {
    return [
      { ignored: false, text: translate(msg("{name} is in the build context: there is no .dockerignore.", { name })) },
    ];
  }
  return sources.map(({ file: ignoreFile, dockerfile }) => {
    const uri = pathToFileURL(ignoreFile).href;
    const matcher = ignoreMatcher(ignoreLines(textOf(uri) ?? readSmall(ignoreFile) ?? ""));
    const { ignored, line, through } = decide(matcher, name);
    const who = dockerfile ?? path.basename(ignoreFile);
    if (!line) {
      const text = msg("{name} is in the build context: no line of {file} matches it.", {
        name,
        file: path.basename(ignoreFile),
      });
      return { ignored, text: translate(text), uri };
    }
    const args = { name, file: path.basename(ignoreFile), line: line.line + 1, pattern: patternText(line) };
    const message = ignored
      ? msg('{name} is not in the build context: line {line} of {file} ("{pattern}") ignores {what}.', {
          ...args,
          what: through === name || through === undefined ? msg("it") : msg("the folder {folder}", { folder: through }),
        })
      : msg('{name} is in the build context: line {line} of {file} ("{pattern}") takes it back.', args);
    const text =
      dockerfile === undefined ? message : msg("For {dockerfile}: {text}", { dockerfile: who, text: message });
    return { ignored, text: translate(text), uri, line: line.line };
  });
}
