export interface FormatOptions {
  /** Columns of one level, and of a tab that is there already. */
  readonly indentSize: number;
  readonly useTabs: boolean;
  readonly keywordCase: "keep" | "upper";
  /** Undefined: as written. */
  readonly blankLinesBetweenStages?: number;
  /** One blank between words, flags and the elements of a JSON array. */
  readonly spacing: boolean;
}

export const defaultFormat: FormatOptions = {
  indentSize: 4,
  useTabs: false,
  keywordCase: "keep",
  spacing: false,
};

/** What a person has set; the rest comes from the editor. */
export interface FormatSettings extends Pick<FormatOptions, "keywordCase" | "blankLinesBetweenStages" | "spacing"> {
  readonly indentSize?: number;
}

export const largestIndent = 16;
export const mostBlankLines = 5;

/** Takes what is usable: settings are written by hand. */
export function readFormatSettings(section: Readonly<Record<string, unknown>>): FormatSettings {
  const indentSize = wholeNumber(section.indentSize, 1, largestIndent);
  const blankLines = wholeNumber(section.blankLinesBetweenStages, 0, mostBlankLines);
  return {
    keywordCase: section.keywordCase === "upper" ? "upper" : "keep",
    spacing: section.spacing === true,
    ...(indentSize !== undefined && { indentSize }),
    ...(blankLines !== undefined && { blankLinesBetweenStages: blankLines }),
  };
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}
