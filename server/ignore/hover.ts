import type { Hover } from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Position } from "../../engine/base/ranges.ts";
import { markdown } from "../features/completion/offer.ts";
import { formatBytes } from "../features/hover/amounts.ts";
import { contains } from "../lint/fixes.ts";
import { type IgnoreLine, patternText } from "./lines.ts";
import type { Survey } from "./survey.ts";

/** What the pattern under the cursor matches in the context as it lies there. */
export function ignoreHover(
  lines: readonly IgnoreLine[],
  position: Position,
  survey: Survey | undefined,
  translate: (message: Message) => string,
): Hover | undefined {
  const line = lines.find(({ range }) => contains(range, position));
  if (!line) return undefined;
  const effect = survey?.effects.find((one) => one.line.line === line.line);
  const parts = [msg("`{pattern}` – paths begin at the root of the build context.", { pattern: patternText(line) })];
  if (effect && survey) {
    const counts = { files: effect.files, size: formatBytes(effect.bytes) };
    // Of a context that is larger than what was looked at, the numbers are the least there is.
    if (effect.files === 0 && effect.matches === 0) parts.push(msg("Nothing in the context matches it."));
    else if (effect.files === 1)
      parts.push(
        survey.hasIgnored ? msg("Matches 1 file, {size}.", counts) : msg("Matches at least 1 file, {size}.", counts),
      );
    else if (survey.hasIgnored) parts.push(msg("Matches {files} files, {size}.", counts));
    else parts.push(msg("Matches at least {files} files, {size}.", counts));
    if (effect.files > 0 && effect.decides === 0) parts.push(msg("Other lines decide about all of them."));
  }
  const examples = (effect?.examples ?? []).map((path) => `- \`${path.replaceAll("`", "'")}\``);
  const text = [parts.map((part) => translate(part)).join(" "), examples.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
  return { contents: markdown(text), range: line.range };
}
