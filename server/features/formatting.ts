import type { FormattingOptions, TextEdit } from "vscode-languageserver";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { formatEdits } from "../format/format.ts";
import type { FormatOptions, FormatSettings } from "../format/options.ts";

export function formatting(analysis: Analysis, editor: FormattingOptions, settings?: FormatSettings): TextEdit[] {
  return formatEdits(analysis.dockerfile, formatOptions(editor, settings));
}

/** Of what formatting the file would change, the part in these lines. */
export function rangeFormatting(
  analysis: Analysis,
  { start, end }: Range,
  editor: FormattingOptions,
  settings?: FormatSettings,
): TextEdit[] {
  // A selection of whole lines ends at the start of the next one.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const edits = formatEdits(analysis.dockerfile, formatOptions(editor, settings));
  return edits.filter(({ range }) => range.start.line >= start.line && range.start.line <= last);
}

/** What is set for Dockerfiles wins over the editor. */
export function formatOptions(
  { tabSize, insertSpaces }: FormattingOptions,
  { indentSize, ...settings }: FormatSettings = { keywordCase: "keep", spacing: false },
): FormatOptions {
  const size = indentSize ?? tabSize;
  return { ...settings, indentSize: size >= 1 ? Math.min(Math.floor(size), 16) : 4, useTabs: !insertSpaces };
}
